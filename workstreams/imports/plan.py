"""A partner's plan into ours: tasks, milestones and links. A date that moved becomes a forecast, never a baseline."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.text import slugify

from mobilisation.clock import today
from mobilisation.models import Job
from mobilisation.roles import Can
from mobilisation.services import changes
from mobilisation.workbooks import Column, Context, Date, Fault, Importer, ParsedRow, Percent, Plan, Text, Written, YesNo
from mobilisation.workbooks.pipeline import PART, WRITING
from mobilisation.workbooks.values import display
from mobilisation.workbooks.words import normal
from workstreams import plan_templates
from workstreams.choices import StepStatus
from workstreams.imports import msproject
from workstreams.models import Dependency, PlanStep, Workstream
from workstreams.services.colours import recompute
from workstreams.services.plan import ensure_workstreams, next_order
from workstreams.services.steps import next_round

_LINK = re.compile(r"^(?P<code>[A-Za-z0-9][A-Za-z0-9._/-]*?)\s*(?P<type>FS|SS|FF|SF)?\s*(?P<lag>[+-]\s*\d+(?:\.\d+)?)?\s*(?P<unit>d|days?|ed|w|wks?|weeks?)?$", re.IGNORECASE)
SYNONYMS = {
    "contract": ("contract", "contract-management"), "contracts": ("contract", "contract-management"), "contracting": ("contract", "contract-management"),
    "im t": ("imt", "data-and-systems"), "imt": ("imt", "data-and-systems"), "it": ("imt", "data-and-systems"), "ict": ("imt", "data-and-systems"), "digital": ("imt", "data-and-systems"),
    "data": ("data-and-systems", "imt"), "systems": ("data-and-systems", "imt"),
    "hr": ("hr-workforce", "workforce"), "hr workforce": ("hr-workforce", "workforce"), "workforce": ("workforce", "hr-workforce"), "staff": ("workforce", "hr-workforce"),
    "estates": ("estates",), "premises": ("estates",), "communications": ("communications",), "comms": ("communications",), "engagement": ("communications",),
    "h s": ("health-safety-fire",), "health and safety": ("health-safety-fire",), "quality": ("quality-and-safeguarding", "clinical"), "clinical": ("clinical", "quality-and-safeguarding"),
    "project": ("governance",), "project board": ("governance",), "pmo": ("programme-office",), "operations": ("operational",), "finance data": ("finance",),
}
"""Words of a file → slugs of ours, the first that the programme has."""
ELSEWHERE = "Imported plan"
LONGEST_LAG = 3650


@dataclass(frozen=True)
class Links:
    """``"3;4FS+2d"`` → ((code, type, lag in working days), …) in order."""

    def __call__(self, cell: Any, context: Context) -> tuple[tuple[str, str, int], ...]:
        text = Text(1000)(cell, context)
        found = []
        for part in re.split(r"[;,]", text):
            if not part.strip():
                continue
            match = _LINK.match(part.strip())
            if match is None:
                raise Fault(f"“{part.strip()}” is not a predecessor. Write its ID, for example 3 or 3FS+2d; several with semicolons.")
            lag = float((match["lag"] or "0").replace(" ", "")) * (5 if (match["unit"] or "").lower().startswith("w") else 1)
            if abs(lag) > LONGEST_LAG:
                raise Fault(f"“{part.strip()[:40]}” waits longer than any plan: at most {LONGEST_LAG:,} working days.")
            found.append((_code(match["code"]), (match["type"] or "FS").upper(), round(lag)))
        return tuple(sorted(dict.fromkeys(found)))


def _code(text: str) -> str:
    return text[:-2] if re.fullmatch(r"\d+\.0", text) else text


@dataclass(frozen=True)
class Code:
    def __call__(self, cell: Any, context: Context) -> str:
        return _code(Text(20)(cell, context))


@dataclass(frozen=True)
class Share:
    """A whole percentage."""

    def __call__(self, cell: Any, context: Context) -> int:
        number: Decimal = Percent()(cell, context)
        return int(number)


class PlanImporter(Importer[PlanStep]):
    kind, noun, can = "plan", ("step", "steps"), Can.PLAN_EDIT
    once_in_file = ("code",)
    label_columns = ("code", "title")
    other_formats = (".xml",)

    def columns(self) -> Sequence[Column]:
        return [
            Column("code", "ID", Code(), ("id", "task id", "unique id", "uid", "no", "number", "ref", "reference", "wbs", "step", "step code"), required=True),
            Column("workstream", "Workstream", Text(120), ("work stream", "stream", "workpackage", "work package", "area", "theme")),
            Column("title", "Task", Text(300), ("task name", "title", "activity", "action", "description", "milestone name", "name", "step title"), required=True),
            Column("milestone", "Milestone", YesNo(), ("milestone?", "is milestone", "key milestone", "ms")),
            Column("owner", "Owner", Text(150), ("lead", "responsible", "resource names", "resource", "assigned to", "who")),
            Column("start", "Start", Date(), ("start date", "begin", "from", "planned start")),
            Column("finish", "Finish", Date(), ("finish date", "end", "end date", "due", "due date", "deadline", "planned finish", "to"), help="A date that moved becomes the forecast"),
            Column("percent", "% complete", Share(), ("percent complete", "% done", "complete", "progress", "percent")),
            Column("predecessors", "Predecessors", Links(), ("predecessor", "depends on", "dependencies", "dependency", "after")),
        ]

    def read_other(self, data: bytes, file_name: str) -> Any:
        return msproject.workbook(data, file_name)

    def load(self, rows: Sequence[ParsedRow]) -> None:
        self.steps = {step.code: step for step in PlanStep._base_manager.select_for_update(of=("self",)).filter(programme=self.programme).select_related("workstream", "owner")}
        self.links: dict[int, list[Dependency]] = {}
        codes = {step.pk: step.code for step in self.steps.values()}
        for link in Dependency._base_manager.filter(successor__programme=self.programme).select_related("predecessor", "successor"):
            self.links.setdefault(link.successor_id, []).append(link)
        self.codes = codes
        self.streams = {stream.slug: stream for stream in Workstream._base_manager.filter(programme=self.programme)}
        self.in_file = {row.values["code"] for row in rows if row.values.get("code")}
        names = {normal(stream.name): slug for slug, stream in self.streams.items()} | {normal(t.name): t.slug for t in plan_templates.workstreams(self.programme.kind) if t.slug in self.streams}
        self.by_name = names

    def slug_of(self, name: str) -> str:
        """The workstream a name in the file means; a new slug when the programme has none like it."""
        word = normal(name)
        if word in self.by_name:
            return self.by_name[word]
        slug = slugify(name)[:60] or "imported-plan"
        if slug in self.streams:
            return slug
        return next((known for known in SYNONYMS.get(word, ()) if known in self.streams), slug)

    def match(self, row: ParsedRow) -> PlanStep | None:
        return self.steps.get(row.values.get("code") or "")

    def current(self, record: PlanStep) -> Mapping[str, Any]:
        return {
            "code": record.code, "workstream": record.workstream.slug, "title": record.title, "milestone": record.is_milestone,
            "owner": record, "start": record.start, "finish": record.due, "percent": record.percent,
            "predecessors": tuple(sorted((self.codes[link.predecessor_id], link.type, link.lag_days) for link in self.links.get(record.pk, ()))),
        }

    def same(self, column: str, old: Any, new: Any) -> bool:
        if column == "workstream":
            return bool(old == self.slug_of(new))
        if column == "owner":
            # Once linked to an account the person stands; the file's name is no news.
            return bool(old.owner_id) or bool(old.owner_name == new)
        return bool(old == new)

    def shown(self, column: str, value: Any) -> str:
        if column == "owner" and isinstance(value, PlanStep):
            return value.owner_shown
        if column == "workstream" and value in self.streams:
            return str(self.streams[value])
        if column == "predecessors":
            return "; ".join(f"{code}{'' if kind == 'FS' and not lag else kind}{f'{lag:+d}d' if lag else ''}" for code, kind, lag in value or ())
        return display(value)

    def check(self, row: ParsedRow, record: PlanStep | None) -> None:
        start = row.values.get("start") or (record.start if record else None)
        finish = row.values.get("finish") or (record.due if record else None)
        if row.values.get("start") and row.values.get("finish") and start and finish and finish < start:
            row.fault("finish", f"It is before the start, {start:%d/%m/%Y}. Check both dates.")
        if record is None and "finish" in row.headings and row.values.get("finish") is None and not any(fault.column == row.headings["finish"] for fault in row.faults):
            row.warn("finish", "No date is given, so the step stays undated.")
        for code, _, _ in row.values.get("predecessors") or ():
            if code == row.values.get("code"):
                row.fault("predecessors", "A step cannot wait for itself. Take it out.")
            elif code not in self.in_file and code not in self.steps:
                row.fault("predecessors", f"There is no step {code} in this file or in the plan. Check the ID.")

    def review(self, plan: Plan[PlanStep]) -> None:
        rows = [planned.row for planned in plan.rows]
        sound = [row for row in rows if row.values.get("code") and row.values.get("predecessors") and not any(fault.column in (row.headings.get("predecessors"), row.headings.get("code")) for fault in row.faults)]
        waits: dict[str, set[str]] = {self.codes[pk]: {self.codes[link.predecessor_id] for link in links} for pk, links in self.links.items()}
        waits |= {row.values["code"]: {code for code, _, _ in row.values["predecessors"]} for row in sound}
        circular = in_circle(waits)
        for row in sound:
            if row.values["code"] in circular:
                row.fault("predecessors", "These steps wait for each other in a circle. Take one link out.")
        days = [day for row in rows for day in (row.values.get("start"), row.values.get("finish")) if isinstance(day, date)]
        plan.extra = {
            "tasks": len(rows), "milestones": sum(bool(row.values.get("milestone")) for row in rows),
            "links": sum(len(row.values.get("predecessors") or ()) for row in rows),
            "start": min(days).isoformat() if days else None, "finish": max(days).isoformat() if days else None,
        }

    def write(self, plan: Plan[PlanStep], job: Job | None = None) -> Written:
        created, updated = list(plan.created), list(plan.updated)
        names = [planned.row.given.get("workstream") or ELSEWHERE for planned in created] + [name for planned in updated if (name := planned.row.given.get("workstream"))]
        wanted = {self.slug_of(name): name for name in names}
        self.streams, _ = ensure_workstreams(self.programme, [(slug, name, "") for slug, name in wanted.items()], actor=self.actor, why="imported plan")
        order, day = next_order(self.programme), today()
        fresh = [self._new(planned.row.given, order + number, day) for number, planned in enumerate(created)]
        added = 0
        for first in range(0, len(fresh), PART):
            self.progress(first, len(created) + len(updated), WRITING)
            added += len(changes.bulk_create(fresh[first : first + PART], actor=self.actor, job=job, why="imported plan"))
        self.steps |= {step.code: step for step in fresh}
        pairs = [(planned.record, self._values(planned.record, planned.new_values, day)) for planned in updated if planned.record is not None]
        self.progress(len(fresh), len(created) + len(updated), WRITING)
        changes.bulk_apply(pairs, actor=self.actor, job=job, why="imported plan")
        self._link([*((self.steps[p.row.given["code"]], p.row.given.get("predecessors")) for p in created), *((p.record, p.new_values.get("predecessors")) for p in updated)], job)
        recompute(self.programme, heard=lambda done, steps: self.progress(done, steps, "Step 3 of 3: working out what is due and late"))
        return Written(created=added, updated=len(updated))

    def _new(self, given: Mapping[str, Any], order: int, day: date) -> PlanStep:
        percent, finish = given.get("percent", 0), given.get("finish")
        done = percent == 100
        milestone = bool(given.get("milestone"))
        return PlanStep(
            programme=self.programme, workstream=self.streams[self.slug_of(given.get("workstream") or ELSEWHERE)], code=given["code"], title=given["title"], order=order,
            owner_name=given.get("owner", ""), start=given.get("start"), baseline=finish, percent=percent, is_milestone=milestone, milestone_kind="other" if milestone else "",
            scale="full" if milestone else "", reported_on=day, status=StepStatus.DONE if done else StepStatus.IN_PROGRESS if percent else StepStatus.NOT_STARTED,
            done_on=min(finish or day, day) if done else None,
        )

    def _values(self, record: PlanStep, new: Mapping[str, Any], day: date) -> dict[str, Any]:
        values: dict[str, Any] = {"reported_on": day}
        for name in ("title", "start"):
            if name in new:
                values[name] = new[name]
        if "workstream" in new:
            values["workstream"] = self.streams[self.slug_of(new["workstream"])]
        if "owner" in new:
            values["owner_name"] = new["owner"]
        if "milestone" in new:
            values |= {"is_milestone": new["milestone"]}
        if "finish" in new:
            values["forecast" if record.baseline else "baseline"] = new["finish"]
        if "percent" in new:
            done = new["percent"] == 100
            values |= {
                "percent": new["percent"], "status": StepStatus.DONE if done else StepStatus.IN_PROGRESS if new["percent"] else StepStatus.NOT_STARTED,
                "done_on": min(new.get("finish") or record.due or day, day) if done else None, "blocked_on": None,
            }
            values |= next_round(record, self.programme, values["done_on"])
        return values

    def _link(self, wanted: list[tuple[Any, Any]], job: Job | None) -> None:
        """Set the predecessors of the rows that name some; links of others stay."""
        fresh: list[Dependency] = []
        stale: list[int] = []
        moved: list[tuple[Dependency, Mapping[str, Any]]] = []
        known = {step.pk: step for step in self.steps.values()}
        for step, predecessors in wanted:
            if predecessors is None:
                continue
            held = {link.predecessor_id: link for link in self.links.get(step.pk, ())}
            named = {self.steps[code].pk: (kind, lag) for code, kind, lag in predecessors if code in self.steps}
            stale += [link.pk for before, link in held.items() if before not in named]
            moved += [(held[before], {"type": kind, "lag_days": lag}) for before, (kind, lag) in named.items() if before in held]
            fresh += [Dependency(predecessor=known[before], successor=step, type=kind, lag_days=lag) for before, (kind, lag) in named.items() if before not in held]
        for first in range(0, len(fresh), PART):
            self.progress(first, len(fresh), "Step 3 of 3: linking the steps")
            changes.bulk_create(fresh[first : first + PART], actor=self.actor, job=job, programme=self.programme, why="imported plan")
        changes.bulk_apply(moved, actor=self.actor, job=job, programme=self.programme, why="imported plan")
        for link in Dependency._base_manager.filter(pk__in=stale).select_related("predecessor", "successor__programme"):
            changes.mark(link, "removed", actor=self.actor, job=job, programme=self.programme, why="imported plan")
        Dependency._base_manager.filter(pk__in=stale).delete()


def in_circle(waits: Mapping[str, set[str]]) -> set[str]:
    """Codes that wait for themselves through others; time grows with the number of links."""
    left = set(waits)
    # First those that wait for nothing left, then those nothing left waits for: what remains is in a circle or between two.
    for forward in (True, False):
        follows: dict[str, list[str]] = {code: [] for code in left}
        open_links = dict.fromkeys(left, 0)
        for code in left:
            for before in waits[code] & left:
                source, target = (before, code) if forward else (code, before)
                follows[source].append(target)
                open_links[target] += 1
        free = [code for code, count in open_links.items() if not count]
        while free:
            code = free.pop()
            left.discard(code)
            for target in follows[code]:
                open_links[target] -= 1
                if not open_links[target]:
                    free.append(target)
    return left
