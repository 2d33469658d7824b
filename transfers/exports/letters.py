"""The mail merge of a letter run: one row a letter, formula-safe; its results come back in the same file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from mobilisation.workbooks.write import Writer
from transfers.models import LetterItem, LetterRun

HEADINGS = ["letter_id", "code", "format", "language", "addressee", "address", "postcode", "about_surname", "about_forename", "lead", "result", "result_on", "result_note"]
RESULTS = ["Sent", "Returned", "Called"]


def write_merge(target: str | IO[bytes], run: LetterRun, items: Iterable[LetterItem]) -> list[str]:
    """Returns the public ids of the people written."""
    written = []
    with Writer(target, f"Letters {run.code}", HEADINGS, lists={"result": RESULTS}) as sheet:
        for item in items:
            person, contact = item.person, item.contact
            if run.to == "representative":
                addressee, address, postcode = (contact.name if contact else "") or person.representative_name, (contact.address if contact else "") or person.representative_address, ""
            else:
                addressee, address, postcode = f"{person.forename} {person.surname}".strip(), person.address, person.postcode
            sheet.row([item.public_id, run.code, item.get_format_display(), person.language, addressee, address, postcode, person.surname, person.forename, item.lead])
            written.append(person.public_id)
    return written
