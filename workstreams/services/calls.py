"""Enquiries taken and answered; scripts written and approved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import now, today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Change, Programme, RoleAssignment
from mobilisation.services import changes
from mobilisation.workbooks.values import nhs_check_digit_right
from workstreams.models import Enquiry, ScriptVersion
from workstreams.permissions import may_take_calls

_TEN_DIGITS = re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)")


def _require(actor: Actor) -> None:
    actor.require_open()
    if not may_take_calls(actor):
        raise NotPermitted("Enquiries and scripts are kept by the team, the leads and communications (CMS).")


def _names_somebody(**texts: str) -> list[Reason]:
    """An NHS number tells who is meant; that goes to the person's own page."""
    return [
        Reason("There is an NHS number in it. Record a call about a person on that person's page, and name nobody here.", field=name)
        for name, text in texts.items()
        if any(nhs_check_digit_right(re.sub(r"\D", "", found)) for found in _TEN_DIGITS.findall(text))
    ]


@transaction.atomic
def take(programme: Programme, values: Mapping[str, Any], *, actor: Actor) -> Enquiry:
    """Write an enquiry down; with an ``answer`` it is answered at once. ``received_at`` is now where not given."""
    _require(actor)
    question, answer, received = str(values.get("question") or "").strip(), str(values.get("answer") or "").strip(), values.get("received_at") or now()
    found = ([] if question else [Reason("Write what is asked.", field="question")]) + _names_somebody(question=question, answer=answer)
    if received > now():
        found.append(Reason("That is in the future. Enter when it came.", field="received_at"))
    if found:
        raise Refused(found)
    answered = {"answer": answer, "answered_at": now(), "answered_by_label": actor.label[:150]} if answer else {}
    kept = {name: values[name] for name in ("channel", "asked_by", "topic") if values.get(name)}
    return changes.create(Enquiry(programme=programme, question=question, received_at=received, **kept, **answered), actor=actor, action="enquiry answered" if answer else "enquiry taken")


@transaction.atomic
def answer(enquiry: Enquiry, text: str, *, actor: Actor, topic: str = "", expected_version: int | None = None) -> Change | None:
    """Answer it, or put the answer right; the author is who answered last."""
    _require(actor)
    if found := ([] if text.strip() else [Reason("Write what was answered.", field="answer")]) + _names_somebody(answer=text):
        raise Refused(found)
    values = {"answer": text.strip(), "answered_by_label": actor.label[:150], "answered_at": enquiry.answered_at or now(), **({"topic": topic} if topic else {})}
    if text.strip() == enquiry.answer:
        values.pop("answered_by_label")
    return changes.apply(enquiry, values, actor=actor, expected_version=expected_version, action="enquiry answered")


@transaction.atomic
def write_script(programme: Programme, text: str, *, actor: Actor, faqs: str = "", valid_from: date | None = None) -> ScriptVersion:
    """A new version. It is shown once communications has approved it; earlier versions stay in the record."""
    _require(actor)
    if found := ([] if text.strip() else [Reason("Write what is said on the phone.", field="text")]) + _names_somebody(text=text, faqs=faqs):
        raise Refused(found)
    return changes.create(ScriptVersion(programme=programme, text=text.strip(), faqs=faqs.strip(), valid_from=valid_from or today(), written_by_label=actor.label[:150]), actor=actor, action="script written")


def may_approve(programme: Programme, actor: Actor) -> bool:
    """Communications; where nobody holds that role, the CL or the ML."""
    if actor.over:
        return False
    if actor.has_role("CMS"):
        return True
    return actor.has_role("CL", "ML") and not RoleAssignment.objects.active().filter(programme=programme, role="CMS", user__isnull=False).exists()


@transaction.atomic
def approve(script: ScriptVersion, *, actor: Actor) -> Change | None:
    actor.require_open()
    if not may_approve(script.programme, actor):
        raise NotPermitted("Communications (CMS) approves scripts; where nobody holds that role, the CL or the ML.")
    if script.approved_on:
        raise Refused(f"{script.approved_by_label} approved it already.")
    return changes.apply(script, {"approved_on": today(), "approved_by_label": actor.label[:150]}, actor=actor, action="script approved")
