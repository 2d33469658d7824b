"""``manage.py import_staff REF FILE``: the exiting provider's staff list."""

from mobilisation.import_command import ImportCommand


class Command(ImportCommand):
    help = "Take a staff list (XLSX, XLS, ODS or CSV) into a programme; all or nothing."
    kind = "staff"
