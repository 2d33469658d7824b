"""Every page of the site as somebody who sees it in full: route → role and the parameters of its address.

A new route belongs here, or in ``NO_PAGE`` with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

from django.urls import reverse

from tests.look.content import Content
from tests.mobilisation.test_access_matrix import addresses

NO_PAGE = {
    "mobilisation:access-log-csv": "a file", "mobilisation:history-log-csv": "a file", "mobilisation:favicon": "leads to the picture", "mobilisation:health": "one word for machines",
    "mobilisation:ready": "JSON for machines", "mobilisation:setup": "is there while nobody has an account: the last test of test_every_page",
    **{f"reporting:api-{name}": "JSON" for name in ("description", "people", "plan", "position", "programmes", "risks", "snapshot", "snapshots")},
    "reporting:pack-act": "takes a form only", "reporting:pack-download": "a file", "reporting:pack-preview": "the PDF in the browser's reader", "reporting:pack-draft": "takes a form only",
    "risks:action-end": "takes a form only", "risks:escalation-acknowledge": "takes a form only", "risks:issue-acknowledge": "takes a form only",
    "transfers:export-file": "a file", "transfers:link-revoke": "takes a form only", "transfers:person-panel": "a part of the list; by itself it leads to the person", "transfers:person-bulk": "shown after a form: AFTER_A_FORM",
    "workstreams:step-row": "a part of the plan; by itself it leads to the step",
}
"""Route → why no page of it is visited by its address."""

Where = Callable[[SimpleNamespace], dict[str, Any]]


def _nothing(one: SimpleNamespace) -> dict[str, Any]:
    return {}


def _id(name: str, key: str = "public_id", **more: Any) -> Where:
    return lambda one: {key: getattr(one, name).public_id, **more}


def _about(name: str = "", held: str = "record", person: str = "person", **more: Any) -> Where:
    """The person a record is about, and the record."""
    return lambda one: {"public_id": (getattr(one, name).person if name and person == "" else getattr(one, person)).public_id, **({held: getattr(one, name).public_id} if name else {}), **more}


PAGES: dict[str, tuple[str, Where]] = {
    "mobilisation:access-log": ("IGO", _nothing), "mobilisation:accessibility": ("OL", _nothing), "mobilisation:account": ("OL", _nothing), "mobilisation:account-edit": ("ADM", lambda one: {"number": one.holder.user_id}),
    "mobilisation:account-list": ("ADM", _nothing), "mobilisation:action-add": ("ML", _nothing), "mobilisation:action-edit": ("ML", _id("asked")), "mobilisation:action-list": ("BM", _nothing), "mobilisation:board": ("BM", _nothing),
    "mobilisation:calendar": ("ADM", _nothing), "mobilisation:contract-detail": ("ML", _id("contract")), "mobilisation:contract-edit": ("ML", _id("contract")), "mobilisation:contract-list": ("ML", _nothing),
    "mobilisation:decision-add": ("ML", _nothing), "mobilisation:decision-edit": ("ML", _id("decision")), "mobilisation:decision-list": ("BM", _nothing), "mobilisation:glossary": ("COM", _nothing),
    "mobilisation:history": ("ML", _nothing), "mobilisation:history-log": ("IGO", _nothing), "mobilisation:import-columns": ("DA", _id("whole", "run", kind="tracker")), "mobilisation:import-preview": ("DA", _id("upload", "run", kind="tracker")),
    "mobilisation:import-run": ("CL", _id("run", "run", kind="staff")), "mobilisation:import-sheet": ("DA", _id("whole", "run", kind="tracker")), "mobilisation:import-undo": ("OL", _id("taken", "run", kind="tracker")), "mobilisation:import-start": ("DA", lambda one: {"kind": "tracker"}),
    "mobilisation:job-detail": ("OL", _id("job")), "mobilisation:job-list": ("OL", _nothing), "mobilisation:meeting-add": ("ML", _nothing), "mobilisation:meeting-detail": ("BM", _id("meeting")), "mobilisation:meeting-edit": ("ML", _id("meeting")),
    "mobilisation:meeting-list": ("BM", _nothing), "mobilisation:my-day": ("OL", _nothing), "mobilisation:notifications": ("ML", _nothing), "mobilisation:organisation-edit": ("ADM", _id("blue")), "mobilisation:organisation-list": ("ADM", _nothing),
    "mobilisation:party-remove": ("ML", lambda one: {"public_id": one.contract.public_id, "party": one.contract.parties.get(role="exiting").public_id}), "mobilisation:people-and-roles": ("ML", _nothing), "mobilisation:privacy": ("COM", _nothing),
    "mobilisation:programme-settings": ("ML", _nothing), "mobilisation:role-deputy": ("ML", _id("holder")), "mobilisation:role-end": ("ML", _id("holder")), "mobilisation:roles": ("IP", _nothing), "mobilisation:typed": ("ML", lambda one: {"public_id": one.typed}),
    "reporting:colours": ("SRO", _nothing), "reporting:dashboard": ("BCH", _nothing), "reporting:pack-detail": ("BCH", _id("pack")), "reporting:portfolio": ("SRO", _nothing),
    "reporting:report-list": ("COM", _nothing), "reporting:snapshot-detail": ("COM", _id("snapshot")),
    "risks:issue-add": ("ML", _nothing), "risks:issue-edit": ("ML", _id("issue")), "risks:issue-list": ("ML", _nothing), "risks:matrix": ("BM", _nothing), "risks:opportunity-add": ("ML", _nothing), "risks:opportunity-edit": ("ML", _id("opportunity")),
    "risks:opportunity-list": ("ML", _nothing), "risks:risk-add": ("ML", _nothing), "risks:risk-detail": ("ML", lambda one: {"public_id": one.risk}), "risks:risk-edit": ("ML", lambda one: {"public_id": one.risk}), "risks:risk-list": ("BM", _nothing),
    "transfers:agreement": ("MT", _about()), "transfers:allocation": ("OL", _nothing), "transfers:assessment": ("OL", _about()), "transfers:batch-detail": ("OL", _id("batch_shown", "batch")), "transfers:batch-list": ("OL", _nothing),
    "transfers:batch-undo": ("OL", _id("batch_done", "batch")), "transfers:call-add": ("MT", _about()), "transfers:call-follow": ("MT", _about("call")), "transfers:capacity-add": ("OL", _nothing), "transfers:capacity-edit": ("OL", _id("capacity", "record")),
    "transfers:capacity-list": ("OL", _nothing), "transfers:mapping-entry": ("CL", lambda one: {"kind": "recommendation"}), "transfers:waves": ("OL", _nothing), "transfers:zones": ("CL", _nothing), "transfers:cell-history": ("OL", _about(key="wave")), "transfers:checkpoint": ("OL", _about(code="C18", how="mark")),
    "transfers:concern-add": ("MT", _about()), "transfers:concern-edit": ("MT", _about("concern")), "transfers:contact-act": ("MT", _about("contact", how="end")), "transfers:contact-add": ("MT", _about()), "transfers:contact-edit": ("MT", _about("contact")),
    "transfers:discrepancy-add": ("MT", _about()), "transfers:discrepancy-edit": ("MT", _about("discrepancy")), "transfers:export-page": ("OL", _id("export", "export")), "transfers:file-add": ("XP", _about(person="unsent")),
    "transfers:file-arrived": ("MT", _about(person="unsent")), "transfers:file-edit": ("MT", _about("file", person="")), "transfers:file-route": ("MT", _about(person="routed")), "transfers:finding": ("MT", _id("finding", "finding")),
    "transfers:hold-lift": ("OL", _id("hold", "hold")), "transfers:hold-list": ("OL", _nothing), "transfers:interim-add": ("MT", _nothing), "transfers:interim-edit": ("MT", _id("interim", "record")), "transfers:interim-list": ("MT", _nothing),
    "transfers:letter-item": ("CL", lambda one: {"run": one.letters.public_id, "public_id": one.item.public_id}), "transfers:letter-leads": ("CL", _nothing), "transfers:letter-run": ("CL", _id("letters", "run")),
    "transfers:letter-runs": ("CL", _nothing), "transfers:letter-file": ("CL", _id("letters", "run")), "transfers:link-add": ("MT", _nothing), "transfers:link-list": ("MT", _nothing), "transfers:lists": ("MT", _nothing), "transfers:lists-beside": ("MT", _nothing),
    "transfers:money-add": ("XP", _about()), "transfers:money-edit": ("MT", _about("money", person="")), "transfers:needs-edit": ("MT", _about()), "transfers:offer-again": ("MT", _about(person="offered")), "transfers:offer-answer": ("IP", _about(person="offered")),
    "transfers:offer-list": ("IP", _nothing), "transfers:offer-withdraw": ("OL", _about(person="offered")), "transfers:assurance": ("OL", _nothing), "transfers:hours-left": ("OL", _nothing), "transfers:order-add": ("PO", _about(kind="new")), "transfers:order-edit": ("PO", _about("order")), "transfers:order-list": ("FIN", _nothing), "transfers:order-share": ("PO", _about()),
    "transfers:person-act": ("OL", _about(act="hold")), "transfers:person-add": ("DA", _nothing), "transfers:person-cell": ("OL", _about(field="wave")), "transfers:person-detail": ("OL", _about()), "transfers:person-edit": ("OL", _about()),
    "transfers:person-export": ("OL", _nothing), "transfers:person-list": ("OL", _nothing), "transfers:person-paste": ("OL", _nothing), "transfers:person-print": ("OL", _nothing), "transfers:plan-check": ("QL", _about()),
    "transfers:plan-content": ("OL", _about()), "transfers:plan-receive": ("MT", _about(person="unsent")), "transfers:provider-check": ("MT", _id("blue")), "transfers:provider-checks": ("MT", _nothing), "transfers:quality": ("OL", _nothing),
    "transfers:review-add": ("MT", _about()), "transfers:review-edit": ("MT", _about("review")), "transfers:sheet-list": ("MT", _nothing), "transfers:sheet-take": ("MT", _id("sheet", "sheet")), "transfers:staff-detail": ("WL", _id("staff")),
    "transfers:staff-list": ("WL", _nothing), "transfers:tupe-edit": ("WL", _id("tupe")), "transfers:tupe-open": ("CL", _nothing), "transfers:update-link": ("signed-out", lambda one: {"token": one.token}), "transfers:validation": ("QL", _nothing), "transfers:view-edit": ("OL", _id("view", "record")),
    "transfers:view-list": ("OL", _nothing), "transfers:view-remove": ("OL", _id("view", "record")), "transfers:visit-add": ("PO", _about("order")), "transfers:visit-edit": ("PO", _about("visit")), "transfers:visit-remove": ("PO", _about("visit")),
    "transfers:washup": ("MT", _nothing), "transfers:washup-record": ("MT", _id("washup")), "transfers:whole-tracker": ("OL", _nothing), "transfers:your-people": ("IP", _nothing),
    "workstreams:condition-add": ("ML", _nothing), "workstreams:condition-edit": ("ML", _id("condition")), "workstreams:criterion-edit": ("ML", _id("criterion")), "workstreams:enquiry-answer": ("MT", _id("enquiry")), "workstreams:enquiry-list": ("MT", _nothing),
    "workstreams:gantt": ("BM", _nothing), "workstreams:plan": ("ML", _nothing), "workstreams:programme-create": ("ML", _nothing), "workstreams:readiness": ("ML", _nothing), "workstreams:script": ("CMS", _nothing), "workstreams:step-detail": ("ML", _id("step")),
    "workstreams:variation-list": ("ML", _nothing), "workstreams:workstream-detail": ("ML", lambda one: {"slug": one.step.workstream.slug}),
}
AGAIN = (
    ("BM", "reporting:dashboard", ""), ("COM", "reporting:dashboard", ""), ("COM", "reporting:portfolio", ""), ("IP", "mobilisation:my-day", ""), ("XP", "mobilisation:my-day", ""), ("BM", "mobilisation:my-day", ""),
    ("IP", "transfers:person-list", ""), ("XP", "transfers:person-list", ""), ("XP", "transfers:your-people", ""), ("XP", "transfers:person-detail", ""), ("XP", "transfers:sheet-list", ""), ("IP", "transfers:sheet-list", ""),
    ("MT", "transfers:offer-list", ""), ("BM", "transfers:zones", ""), ("IP", "workstreams:plan", ""), ("OL", "transfers:person-list", "?groups=prepare,tell,meet,move,check&show=going"), ("OL", "transfers:person-list", "?show=hospital"), ("MT", "workstreams:script", ""),
)
"""The same routes as others see them, and in another state: role, route, query."""


COAST = {"workstreams:readiness", "workstreams:condition-add", "workstreams:condition-edit", "workstreams:criterion-edit"}
"""Shown of the second programme, which begins a service and has conditions to meet."""


def path(route: str, content: Content, query: str = "") -> str:
    own = content.coast if route in COAST else content.programme
    wanted = {"ref": own.ref} if "ref" in addresses()[route] else {}
    return reverse(route, kwargs=wanted | PAGES[route][1](content.one)) + query


def visits(content: Content) -> Iterator[tuple[str, str, str]]:
    """(role, what it is called, address), role by role so that one window serves each."""
    found = [(role, route.split(":")[1], path(route, content)) for route, (role, _) in PAGES.items()]
    found += [(role, f"{route.split(':')[1]}-{role}{n if query else ''}", path(route, content, query)) for n, (role, route, query) in enumerate(AGAIN)]
    yield from sorted(found)


def forms(content: Content) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """(role, what it is called, address, what is sent) of pages that only a form leads to, or that refuse what was sent."""
    one, people = content.one, [person.public_id for person in content.programme.people.order_by("pk")[:3]]
    yield "CL", "letter-preview", path("transfers:letter-runs", content), {"code": "K06", "title": "Your first visit", "to": "person", "marks": "", "emergency_why": "", "show": "", "wave": "", "provider": "", "funding": "", "priority": ""}
    yield "MT", "link-made", path("transfers:link-add", content), {"provider": one.blue.pk, "people": one.link_person, "fields_open": ["contact", "note"], "contact": "Rota desk", "days": 3}
    yield "MT", "link-refused", path("transfers:link-add", content), {"provider": one.blue.pk, "people": "nobody", "contact": "", "days": 90}
    yield "OL", "bulk-form", reverse("transfers:person-bulk", args=[content.programme.ref]), {"act": "hold", "person": people}
    yield "OL", "bulk-refused", reverse("transfers:person-bulk", args=[content.programme.ref]), {"act": "hold", "filled": "hold", "person": people}
    yield "OL", "paste-refused", path("transfers:person-paste", content), {"text": "", "first": "", "by": "", "start": "", "version": ""}
    yield "OL", "paste-preview", path("transfers:person-paste", content), {"text": f"{people[0]}\tWave 7\t31/31/2027\n{people[1]}\tWave 7\t1/2/2027", "first": "wave", "by": "reference", "start": "1", "version": ""}
    yield "OL", "person-refused", path("transfers:person-edit", content), {"surname": "", "nhs_number": "123", "version": "0"}
    yield "OL", "mark-refused", path("transfers:checkpoint", content), {"on": "31/31/2027"}
    yield "ML", "risk-refused", path("risks:risk-add", content), {}
