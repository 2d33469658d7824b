"""Broken files by the thousand: each must end in rows, a choice or a refusal, never in another exception (trust B6).

``run(count, seed)`` is what both the short sample in the suite and the long run use.
"""

from __future__ import annotations

import io
import os
import random
import re
import sys
import zipfile
from collections import Counter
from datetime import date
from typing import Any

import django
from django.apps import apps

if not apps.ready:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mobilisation.settings")
    django.setup()

from mobilisation.errors import ChoiceNeeded, Refused
from mobilisation.workbooks import read, sheets
from mobilisation.workbooks.pipeline import parse
from tests.factories import workbooks as made
from workstreams.imports import msproject

ROWS: list[list[Any]] = [["Conditions of Kent"], [], ["Condition", "Owner", "Due", "Status"], *[[f"Lease {n}", "Zoë", date(2027, 1, 1 + n), "open"] for n in range(20)], [], ["Total", 20]]


PROJECT = '<?xml version="1.0" encoding="UTF-8"?><Project xmlns="http://schemas.microsoft.com/project"><Tasks>' + "".join(
    f"<Task><UID>{n}</UID><ID>{n}</ID><Name>Condition {n}</Name><OutlineLevel>1</OutlineLevel><Start>2026-10-{n:02d}T08:00:00</Start><Finish>2026-11-{n:02d}T17:00:00</Finish><PercentComplete>25</PercentComplete>"
    f"<PredecessorLink><PredecessorUID>{n - 1}</PredecessorUID><Type>1</Type><LinkLag>4800</LinkLag></PredecessorLink></Task>"
    for n in range(1, 20)
) + "</Tasks></Project>"


def good_files() -> dict[str, bytes]:
    """One good file of each kind."""
    texts = [[str(cell) for cell in row] for row in ROWS]
    csv = "\r\n".join(",".join(row) for row in texts)
    return {
        "a.xlsx": made.xlsx(("List", ROWS), ("Lookups", [["x"]])), "b.xls": made.xls(texts), "c.ods": made.ods("".join(made.ods_row(*row) for row in texts)),
        "d.csv": csv.encode("cp1252"), "e.csv": csv.encode("utf-16"), "f.csv": csv.replace(",", ";").encode("utf-8-sig"), "g.xml": PROJECT.encode(),
    }


def mutated(data: bytes, name: str, chance: random.Random) -> bytes:
    """``data`` with bytes flipped, cut, repeated or swapped; in archives also parts swapped and XML nodes dropped."""
    kinds = ["flip", "cut", "repeat", "swap", "nought"]
    if name.endswith((".xlsx", ".ods")):
        kinds += ["parts", "nodes", "part bytes"] * 2
    kind = chance.choice(kinds)
    broken = bytearray(data)
    if kind == "flip":
        for _ in range(chance.randint(1, 30)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
    elif kind == "cut":
        at = chance.randrange(len(broken))
        del broken[at : at + chance.randint(1, len(broken) // 3)]
    elif kind == "repeat":
        at = chance.randrange(len(broken))
        broken[at:at] = broken[at : at + chance.randint(1, 500)] * chance.randint(1, 5)
    elif kind == "swap":
        first, second = sorted(chance.randrange(len(broken)) for _ in range(2))
        broken = broken[second:] + broken[first:second] + broken[:first]
    elif kind == "nought":
        at = chance.randrange(len(broken))
        broken[at : at + 8] = b"\0" * 8
    else:
        return _broken_archive(data, kind, chance)
    return bytes(broken)


def _broken_archive(data: bytes, kind: str, chance: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = list(parts)
    if kind == "parts":
        first, second = chance.choice(names), chance.choice(names)
        parts[first], parts[second] = parts[second], parts[first]
        if chance.random() < 0.3:
            del parts[chance.choice(names)]
    else:
        name = chance.choice(names)
        text = parts[name].decode("utf-8", "replace")
        if kind == "nodes":
            nodes = list(re.finditer(r"<[^<>]*>", text)) or [None]
            node = chance.choice(nodes)
            text = text if node is None else text[: node.start()] + text[node.end() :]
            numbers = list(re.finditer(r"\d+", text))
            if numbers and chance.random() < 0.5:
                number = chance.choice(numbers)
                text = text[: number.start()] + chance.choice(["-1", "0", "99999999999", "4294967295", "x", "1e9"]) + text[number.end() :]
        else:
            at = chance.randrange(max(1, len(text)))
            text = text[:at] + chance.choice(["&", "<", "]]>", "\x00", "ÿ", '"']) + text[at + 1 :]
        parts[name] = text.encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def ending(data: bytes, name: str) -> str:
    """How the file ends: ``rows``, ``choice`` or ``refused``. Anything else is raised."""
    importer = made.ConditionImporter(None, None)  # type: ignore[arg-type]
    try:
        opened = msproject.workbook(data, name) if name.endswith(".xml") else read.workbook(data, name)
        book = sheets.drop_codes(opened, importer.column_list)
        table = sheets.table_of(sheets.choose_sheet(book, importer.column_list), importer.column_list)
        sheets.refuse_unclear(table)
        parse(importer, table, today=date(2026, 11, 23))
    except ChoiceNeeded:
        return "choice"
    except Refused as refusal:
        if not str(refusal):
            raise AssertionError("a refusal without a reason") from None
        return "refused"
    return "rows"


def run(count: int, seed: int) -> Counter[str]:
    """Mutate ``count`` times; the failing file's number and seed are in the error."""
    files = good_files()
    endings: Counter[str] = Counter()
    for number in range(count):
        chance = random.Random(seed * 1_000_003 + number)
        name = chance.choice(list(files))
        data = mutated(files[name], name, chance)
        try:
            endings[ending(data, name)] += 1
        except Exception as error:
            raise AssertionError(f"fuzz seed {seed}, file {number} ({name}): {type(error).__name__}: {error}") from error
    return endings


def main(arguments: list[str]) -> None:
    """``python -m tests.system.fuzz [COUNT] [SEED]``."""
    count = int(arguments[0]) if arguments else 12_000
    seed = int(arguments[1]) if len(arguments) > 1 else random.SystemRandom().randrange(10**6)
    sys.stdout.write(f"fuzz: {count} files, seed {seed}\n")
    sys.stdout.flush()
    sys.stdout.write(f"{dict(run(count, seed))}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
