"""``manage.py import_tracker REF FILE``: people from a council's workbook."""

from mobilisation.import_command import ImportCommand


class Command(ImportCommand):
    help = "Take in a tracker of people: XLSX, XLS, ODS or CSV."
    kind = "tracker"
