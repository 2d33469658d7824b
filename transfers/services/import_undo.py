"""A tracker that was taken in is taken back.

What the import changed goes back to what stood before, where it still stands as the import left it; a mark goes back while no later
checkpoint rests on it. The rest stays and is named.

Whom the import listed: nobody is ever deleted, and nobody leaves the list without an ending and a reason (domain section 10, 5.2 "nobody
lost"). So who was newly listed and not touched since leaves it as *withdrawn*, "listed by an import that was undone", the ending that
the comparison of lists uses for a row that should not be there. Such an ending is no decision about a person: a corrected file
that lists them again takes it back (:func:`listed_in_error`), and so may the OL on their page. What the file reported of their
checkpoints stays in the record. Who was touched since stays and is named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse

from mobilisation.clock import today
from mobilisation.models import Change, Programme
from mobilisation.services import changes
from mobilisation.services.changes import as_json, entity_name
from mobilisation.services.import_undo import Left, Prospect, Undoer
from transfers.choices import Ending
from transfers.models import BatchLine, Checkpoint, HospitalEpisode, ListFinding, PersonTransfer
from transfers.rules import gates
from transfers.rules.columns import COLUMNS
from transfers.services import checkpoints, columns, reopening, turning
from transfers.services.batches import marks as batch_marks
from transfers.services.batches.cells import BACK, Frame
from transfers.services.batches.proposing import people_of
from transfers.services.people import tell_moved

LISTING_UNDONE = "listing undone"
"""What history calls the ending of somebody whom an undone import had listed."""
_NO_TOUCH = (BatchLine, ListFinding)
"""Rows about a person that nobody made by working on them: a preview, a finding of the comparison."""


def listed_in_error(programme: Programme, ended: Iterable[int]) -> set[int]:
    """Of people who have an ending (keys) those who have it from an undone import. One statement."""
    rows = Change.objects.filter(programme=programme, entity=entity_name(PersonTransfer), object_id__in=list(ended), fields__has_key="ending").order_by("pk").values_list("object_id", "action")
    return {pk for pk, action in dict(rows).items() if action == LISTING_UNDONE}


class _Found:
    """What the import wrote, as history has it, beside what stands now."""

    def __init__(self, undoer: TrackerUndo, *, locked: bool, why: str = "") -> None:
        record, programme = undoer.record, undoer.programme
        self.since: datetime = record.finished_at  # type: ignore[assignment]  # done, so it has an end
        person, mark, stay = entity_name(PersonTransfer), entity_name(Checkpoint), entity_name(HospitalEpisode)
        rows = list(
            Change.objects.filter(job=record.job_id, programme=programme, entity__in=(person, mark, stay)).order_by("pk").values_list("entity", "object_id", "action", "fields", "version")
        )
        self.listed = {pk: version for entity, pk, action, _, version in rows if entity == person and action == "imported" and version == 1}
        self.fields: dict[int, dict[str, list[Any]]] = defaultdict(dict)
        """{person: {field: [before the import, as the import left it]}}"""
        wrote: dict[int, tuple[int, Any]] = {}
        stays: set[int] = set()
        for entity, pk, _, fields, version in rows:
            if entity == person and pk not in self.listed:
                for name, (old, new) in fields.items():
                    self.fields[pk][name] = [self.fields[pk].get(name, [old])[0], new]
            elif entity == mark and fields.get("state", [None, None])[1] in gates.SETTLED:
                wrote[pk] = (version, fields.get("done_on", [None, None])[1])
            elif entity == stay:
                stays.add(pk)
        own = Checkpoint.objects.filter(pk__in=wrote).exclude(person__in=self.listed).values_list("pk", "person_id", "code")
        self.lines = [BatchLine(person_id=pk, field=code, record=key, left_at=wrote[key][0], old=None, new=wrote[key][1]) for key, pk, code in own]
        self.stays = set(HospitalEpisode.objects.filter(pk__in=stays).exclude(person__in=self.listed).values_list("person_id", flat=True))
        pks = {*self.listed, *self.fields, *self.stays, *(line.person_id for line in self.lines)}
        self.people = people_of(programme, pks, locked=locked)
        self.frame = Frame(programme, undoer.actor, self.people, why, why)
        self.left: list[Left] = []
        self.marks: dict[int, dict[str, Checkpoint]] = defaultdict(dict)
        for held in Checkpoint.objects.filter(person__in={*self.fields, *(line.person_id for line in self.lines)}):
            self.marks[held.person_id][held.code] = held
        self._judge_marks()
        self._judge_fields()
        self._judge_listed()
        for pk in sorted(self.stays):
            self._leave(pk, "Stay in hospital", "A stay is corrected or ended on the person's page.")

    def _leave(self, pk: int, what: str, why: str) -> None:
        person = self.people[pk]
        self.left.append(Left(person.public_id, person.name, what, why, reverse("transfers:person-detail", args=[person.programme.ref, person.public_id])))

    def _judge_marks(self) -> None:
        found = batch_marks.back(self.frame, self.lines)
        going = {key for key, verdict in found.items() if verdict.outcome == BACK and not self.people[key[0]].ending}
        states = {pk: turning.states_of(own.values()) for pk, own in self.marks.items()}
        while stay := {(pk, code) for pk, code in going if any((pk, later) not in going for later in reopening.hang_on(code, states[pk]))}:
            going -= stay
        for line in self.lines:
            key = (line.person_id, line.field)
            if key in going:
                continue
            words = f"{line.field} {gates.BY_CODE[line.field].title}"
            if self.people[line.person_id].ending:
                why = "The person has left the list."
            elif found[key].outcome != BACK:
                why = "Changed since."
            else:
                why = f"Later checkpoints rest on it: {', '.join(later for later in reopening.hang_on(line.field, states[line.person_id]) if (line.person_id, later) not in going)}."
            self._leave(line.person_id, words, why)
        self.back = [line for line in self.lines if (line.person_id, line.field) in going]

    def _judge_fields(self) -> None:
        going = {(line.person_id, line.field) for line in self.back}
        taken = self._numbers_taken()
        self.values: dict[int, dict[str, Any]] = {}
        for pk, own in sorted(self.fields.items()):
            person = self.people[pk]
            rests = {
                name: code for code, names in checkpoints.RESTS_ON.items() if (mark := self.marks[pk].get(code)) is not None and mark.state in gates.SETTLED and (pk, code) not in going and mark.updated_at > self.since
                for name in names
            }
            for name, (old, new) in own.items():
                field: Any = PersonTransfer._meta.get_field(name)
                stands = as_json(getattr(person, field.attname))
                if person.ending and name not in ("ending", "ended_on"):
                    why = "The person has left the list."
                elif stands != new:
                    why = "Changed since."
                elif name in rests:
                    why = f"{rests[name]} was marked since and rests on it."
                elif old and old in taken.get(name, ()):
                    why = "Somebody else has the number now that stood here before."
                elif stands != old:
                    self.values.setdefault(pk, {})[name] = old if field.is_relation or old is None else field.to_python(old)
                    continue
                else:
                    continue
                if field.editable:
                    self._leave(pk, str(field.verbose_name)[:1].upper() + str(field.verbose_name)[1:], why)

    def _numbers_taken(self) -> dict[str, set[str]]:
        """{field: numbers that stood before the import and that somebody else has now}."""
        found: dict[str, set[str]] = {}
        for name in ("nhs_number", "case_system_id"):
            before = {own[name][0]: pk for pk, own in self.fields.items() if own.get(name, [""])[0]}
            if before:
                held = PersonTransfer.objects.filter(programme=self.frame.programme, **{f"{name}__in": list(before)}).values_list(name, "pk")
                found[name] = {number for number, pk in held if before[number] != pk}
        return found

    def _judge_listed(self) -> None:
        touched = _touched(self.listed, self.since)
        self.leaving = []
        for pk, version in sorted(self.listed.items()):
            person = self.people[pk]
            if person.ending:
                self._leave(pk, "Listed by the import", f"Recorded as {person.get_ending_display().lower()} since.")
            elif person.version != version or pk in touched:
                self._leave(pk, "Listed by the import", "Worked on since. Record an ending on their page if they do not belong here.")
            else:
                self.leaving.append(person)

    @property
    def prospect(self) -> Prospect:
        people = {*self.values, *(line.person_id for line in self.back)}
        return Prospect(sum(map(len, self.values.values())) + len(self.back), len(people), len(self.leaving), tuple(self.left))


def _touched(pks: Iterable[int], since: datetime) -> set[int]:
    """Who of ``pks`` has anything hanging on their record that was made or changed after ``since``; one statement a kind of record."""
    found: set[int] = set()
    keys = list(pks)
    for relation in PersonTransfer._meta.related_objects if keys else ():
        model: Any = relation.related_model
        if relation.many_to_many or model in _NO_TOUCH or not any(field.name == "updated_at" for field in model._meta.concrete_fields):
            continue
        found |= set(model._base_manager.filter(**{f"{relation.field.name}__in": keys}, updated_at__gt=since).values_list(relation.field.attname, flat=True))
    return found


class TrackerUndo(Undoer):
    leaves = "They leave the list as withdrawn, with the reason; nobody is deleted. A corrected file that lists them again takes that back."

    def prospect(self) -> Prospect:
        return _Found(self, locked=False).prospect

    def put_back(self, why: str) -> Prospect:
        found = _Found(self, locked=True, why=why)
        people = found.people
        common: dict[str, Any] = {"actor": self.actor, "why": why, "programme": self.programme}
        if found.back:
            batch_marks.put_back(found.frame, found.back)
        pairs = [(people[pk], own) for pk, own in found.values.items()]
        retimed = [(person, person.planned_transfer_date) for person, own in pairs if "planned_transfer_date" in own]
        changes.bulk_apply(pairs, action="put back", **common)
        tell_moved(self.programme, retimed)
        behind = [(person, own) for person, own in pairs if not frozenset(COLUMNS).isdisjoint(own)]
        if behind:
            columns.outdate(behind, actor=self.actor, programme=self.programme)
            columns.absorb([person for person, _ in behind], actor=self.actor, programme=self.programme, why=why)
        changes.bulk_apply([(person, {"ending": Ending.WITHDRAWN, "ended_on": today()}) for person in found.leaving], action=LISTING_UNDONE, **common)
        turning.refresh_many([*(person for person, _ in pairs), *found.leaving], frame=turning.Frame.of(self.programme))
        return found.prospect
