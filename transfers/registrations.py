"""What the tracker and the staff list offer to lower floors."""

from mobilisation import registry
from mobilisation.roles import Can, codes_with

LISTS = {"council": "List of the council's case system", "exiting": "List of the exiting provider", "billing": "Finance or billing list"}


def register() -> None:
    registry.menu("Your people", "transfers:your-people", Can.PEOPLE_VIEW, 18, roles=("XP", "IP"), also=("offers/",))
    registry.menu("People", "transfers:person-list", Can.PEOPLE_VIEW, 20, also=("letters/", "offers/", "provider-checks/", "interim-options/"))
    registry.menu("Zones", "transfers:zones", Can.BOARD_VIEW, 21, roles=tuple(code for code in codes_with(Can.BOARD_VIEW) if code not in codes_with(Can.PEOPLE_VIEW)))
    registry.menu("Staff", "transfers:staff-list", Can.STAFF_VIEW, 30)
    registry.menu("Orders", "transfers:order-list", Can.ORDERS_VIEW, 25)
    registry.importer("tracker", "People", "transfers.imports.tracker.TrackerImporter", Can.PEOPLE_IMPORT, "transfers:person-list", "transfers.services.import_undo.TrackerUndo")
    registry.importer("staff", "Staff list", "transfers.imports.staff.StaffImporter", Can.STAFF_EDIT, "transfers:staff-list")
    for source in ("council", "exiting", "billing"):
        registry.importer(f"list-{source}", LISTS[source], f"transfers.imports.lists.{source.title()}List", Can.PEOPLE_IMPORT, "transfers:lists")
    registry.importer("visits", "Visits (Schedule Breakdown)", "transfers.imports.visits.VisitImporter", Can.PEOPLE_IMPORT, "transfers:quality")
    registry.importer("addresses", "Billing and alternate addresses", "transfers.imports.contacts.AddressImporter", Can.PEOPLE_IMPORT, "transfers:quality")
    registry.importer("placements", "Emergency placements", "transfers.imports.contacts.PlacementImporter", Can.PEOPLE_IMPORT, "transfers:quality")
    registry.importer("letters", "Results of letters", "transfers.imports.letters.LetterImporter", Can.PEOPLE_IMPORT, "transfers:letter-runs")
    registry.job("people-export", "Export of people", "transfers.services.exports.handle")
    registry.tick("exports", "transfers.services.exports.tick")
    registry.fact("checkpoints", "transfers.facts.people.checkpoint_counts")
    registry.fact("first_transfer", "transfers.facts.people.first_transfer")
    registry.fact("hidden_people", "transfers.facts.people.hidden_people")
    registry.fact("staff_named", "transfers.facts.staff.staff_named")
    registry.fact("party_use", "transfers.facts.parties.use_of")
    registry.recompute("people", "transfers.services.turning.recompute")
    registry.blocker("people", "transfers.facts.closing.blocks")
    registry.tick("people", "transfers.services.nightly.tick")
    registry.tick("lists", "transfers.services.nightly.compare_lists")
    registry.tick("people-escalations", "transfers.services.escalating.tick")
    registry.tick("staffing", "transfers.services.staffing.tick")
    registry.tick("hospital", "transfers.services.hospital.tick")
    registry.tick("not-updated", "transfers.services.day.tick")
    registry.my_day("people", "transfers.services.day.parts", 10)
    registry.digest("people", "transfers.services.day.digest")
    for entity, title in (
        ("persontransfer", "People"), ("checkpoint", "Checkpoints"), ("hospitalepisode", "Hospital stays"), ("hold", "Holds"), ("sharingdecision", "Sharing decisions"),
        ("allocation", "Allocations"), ("safetycheck", "Safety checks"), ("discrepancy", "Care-plan discrepancies"),
        ("personcontact", "Contacts"), ("personneed", "Needs"), ("serviceorder", "Orders"), ("ordervisit", "Visits of orders"), ("filetransfer", "Files"), ("moneyheld", "Monies held"),
        ("careplancheck", "Care-plan checks"), ("comparedlist", "Lists compared"), ("listfinding", "Differences between lists"), ("personconcern", "Safeguarding concerns of people"), ("personescalation", "Escalations about people"),
        ("assessment", "Assessments and plans"), ("review", "Reviews"),
        ("batch", "Changes to many at once"),
        ("assurance", "Weekly assurance"), ("washup", "Wash-ups"), ("washupnote", "Notes of wash-ups"), ("washupaction", "Actions of wash-ups"), ("contactlog", "Calls and letters"), ("letteritem", "Letters to people"),
    ):
        registry.subject(f"transfers.{entity}", title, Can.PEOPLE_VIEW, personal=True)
    registry.subject("transfers.savedview", "Saved views", Can.PEOPLE_VIEW)
    for entity, title in (("providercapacity", "What providers can take"), ("allocationsheet", "Allocation sheets"), ("updatelink", "Update links")):
        registry.subject(f"transfers.{entity}", title, Can.PEOPLE_VIEW)
    registry.subject("transfers.mappingrecord", "Map of zones and its tools", Can.BOARD_VIEW)
    registry.subject("transfers.letterrun", "Letter runs", Can.PEOPLE_VIEW)
    registry.subject("transfers.fundinglead", "Leads by funding", Can.PEOPLE_VIEW)
    registry.subject("transfers.providercheck", "Checks of providers", Can.PEOPLE_VIEW)
    registry.subject("transfers.interimoption", "Interim options", Can.PEOPLE_VIEW)
    registry.subject("transfers.stafftransfer", "Staff", Can.STAFF_VIEW, personal=True)
    registry.subject("transfers.competencerecord", "Competence", Can.STAFF_VIEW)
    registry.subject("transfers.tupeprocess", "TUPE", Can.STAFF_VIEW)
