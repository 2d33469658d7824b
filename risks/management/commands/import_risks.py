"""``manage.py import_risks REF FILE``: a risk register."""

from mobilisation.import_command import ImportCommand


class Command(ImportCommand):
    help = "Take a risk register (XLSX, XLS, ODS or CSV) into a programme; all or nothing."
    kind = "risks"
