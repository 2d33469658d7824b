"""Plans that come in: XLSX, XLS, ODS, CSV and Microsoft Project XML."""
