"""Microsoft Project XML (MSPDI) → a sheet like any other: one line a task, summary tasks as workstreams.

Type of a link: 0 finish to finish, 1 finish to start, 2 start to finish, 3 start to start; its lag is in tenths of a minute.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from mobilisation.errors import Refused
from mobilisation.workbooks.read import Sheet, Workbook
from mobilisation.workbooks.safety import parse_xml
from mobilisation.workbooks.table import Line

HEADINGS = ["ID", "Workstream", "Task", "Milestone?", "Owner", "Start", "Finish", "% complete", "Predecessors"]
_TYPES = {"0": "FF", "1": "FS", "2": "SF", "3": "SS"}
_LAG_PER_DAY = 4800
"""Tenths of a minute in a working day of eight hours."""
LARGEST = 20_000


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: Any, name: str) -> list[Any]:
    return [child for child in element if _name(child) == name]


def _text(element: Any, name: str) -> str:
    found = _children(element, name)
    return (found[0].text or "").strip() if found else ""


def _day(text: str) -> date | str | None:
    """``2026-10-05T08:00:00`` → the day; what cannot be read stays as written and is named by the importer."""
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return text


def _link(link: Any) -> str:
    kind = _TYPES.get(_text(link, "Type") or "1", "FS")
    try:
        lag = round(float(_text(link, "LinkLag") or 0) / _LAG_PER_DAY)
    except (ValueError, OverflowError):
        lag = 0
    written = _text(link, "PredecessorUID")
    return f"{written}{kind if kind != 'FS' or lag else ''}{f'{lag:+d}d' if lag else ''}"


def workbook(data: bytes, file_name: str) -> Workbook:
    """The tasks of the file. Raises ``Refused`` when it is no Microsoft Project XML."""
    root = parse_xml(data, file_name)
    if _name(root) != "Project":
        raise Refused(f"{file_name} is XML, but not a Microsoft Project plan (found <{_name(root)[:40]}>). In Project choose Save As, XML format.")
    tasks = [task for group in _children(root, "Tasks") for task in _children(group, "Task") if _text(task, "IsNull") != "1"]
    if not tasks:
        raise Refused(f"{file_name} holds no tasks. Check that the whole project was saved.")
    if len(tasks) > LARGEST:
        raise Refused(f"{file_name} holds {len(tasks):,} tasks; at most {LARGEST:,} are taken. Split the plan.")
    names = {_text(resource, "UID"): _text(resource, "Name") for group in _children(root, "Resources") for resource in _children(group, "Resource")}
    owners: dict[str, list[str]] = {}
    for group in _children(root, "Assignments"):
        for assignment in _children(group, "Assignment"):
            if name := names.get(_text(assignment, "ResourceUID")):
                owners.setdefault(_text(assignment, "TaskUID"), []).append(name)
    summaries = {_text(task, "UID") for task in tasks if _text(task, "Summary") == "1"}
    lines = [Line(1, list(HEADINGS))]
    stream = ""
    for number, task in enumerate(tasks, 2):
        uid = _text(task, "UID")
        if uid in summaries:
            # The project's own summary has outline level 0; the first level below it names the workstreams.
            if _text(task, "OutlineLevel") in ("1", ""):
                stream = _text(task, "Name")
            continue
        if uid == "0":
            continue
        links = [_link(link) for link in _children(task, "PredecessorLink") if _text(link, "PredecessorUID") not in summaries]
        lines.append(
            Line(number, [
                uid, stream, _text(task, "Name"), "Y" if _text(task, "Milestone") == "1" else "N", ", ".join(owners.get(uid, [])), _day(_text(task, "Start")),
                _day(_text(task, "Finish")), _text(task, "PercentComplete") or None, ";".join(links),
            ])
        )
    return Workbook(file_name, [Sheet("Tasks", lines)])
