"""What the tracker and the staff list offer to lower floors."""

from mobilisation import registry
from mobilisation.roles import Can


def register() -> None:
    registry.menu("Staff", "transfers:staff-list", Can.STAFF_VIEW, 30)
    registry.importer("staff", "Staff list", "transfers.imports.staff.StaffImporter", Can.STAFF_EDIT)
    registry.subject("transfers.stafftransfer", "Staff", Can.STAFF_VIEW, personal=True)
    registry.subject("transfers.competencerecord", "Competence", Can.STAFF_VIEW)
    registry.subject("transfers.tupeprocess", "TUPE", Can.STAFF_VIEW)
