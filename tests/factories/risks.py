"""Risks, issues and what hangs on them, made through the services."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.models import Programme
from risks.models import Issue, Opportunity, Risk, RiskAction
from risks.services import issues, register

SYSTEM = Actor.system("test")


def risk(programme: Programme, likelihood: int = 3, consequence: int = 3, **fields: Any) -> Risk:
    """A complete open risk of the commissioner, 9 High when not told otherwise."""
    values = {
        "event": "Rotas cannot be built", "cause": "No carers with cars", "effect": "Late visits", "owner_name": "Ops lead", "controls": "Weekly call",
        "initial_likelihood": likelihood, "initial_consequence": consequence, "likelihood": likelihood, "consequence": consequence, "review_on": today() + timedelta(days=5),
    } | fields
    return register.add(Risk(programme=programme, **values), actor=SYSTEM)


def action(of: Risk, due: date | None = None, **fields: Any) -> RiskAction:
    return register.add_action(of, text=fields.pop("text", "Call the agency"), due=due or today() + timedelta(days=3), owner_name=fields.pop("owner_name", "Ops lead"), actor=SYSTEM)


def issue(programme: Programme, title: str = "Keys not handed over", **fields: Any) -> Issue:
    return issues.raise_issue(programme, title, actor=SYSTEM, **fields)


def opportunity(programme: Programme, **fields: Any) -> Opportunity:
    return register.add_opportunity(Opportunity(programme=programme, **({"title": "One round for two zones", "benefit": "Less travel"} | fields)), actor=SYSTEM)
