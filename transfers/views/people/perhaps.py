"""Shown before somebody is listed or renamed: whom of the list it may be, and the tick that it is none of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from crispy_forms.layout import HTML, Layout

from mobilisation.services import access_log
from transfers.models import PersonTransfer


def ticked(data: Any) -> frozenset[str]:
    """Record IDs of whom somebody says it is none of, as sent."""
    return frozenset(key for value in data.getlist("another") for key in value.split(",") if key)


def ask(page: Any, form: Any, keys: Collection[str], *, said: bool = False) -> None:
    """Put the question at the head of ``form``; ``page`` is the view, which logs whom it shows. Who is out of the reader's sight is
    counted and not named. ``said``: the tick stands already, and something else is wrong."""
    seen = {person.public_id: person for person in PersonTransfer.objects.visible_to(page.request.user).filter(programme=page.programme, public_id__in=list(keys))}
    people = [seen[key] for key in keys if key in seen]
    if people:
        access_log.record(page.actor, "view", page.programme, "people perhaps listed already", ids=[person.public_id for person in people], request=page.request)
    form.perhaps = {"people": people, "unseen": len(keys) - len(people), "value": ",".join(keys), "said": said}
    layout = form.helper.layout or Layout(*form.fields)
    layout.insert(0, HTML("{% include 'transfers/perhaps.html' with perhaps=form.perhaps %}"))
    form.helper.layout = layout
