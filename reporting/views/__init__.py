"""Pages of reporting: thin."""
