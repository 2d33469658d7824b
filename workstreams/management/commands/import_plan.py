"""``import_plan REF FILE``: Microsoft Project XML, XLSX, XLS, ODS or CSV."""

from mobilisation.import_command import ImportCommand


class Command(ImportCommand):
    help = "Take a plan in: Microsoft Project XML, XLSX, XLS, ODS or CSV."
    kind = "plan"
