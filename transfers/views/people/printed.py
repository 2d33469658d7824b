"""The grid on paper."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.views.generic import TemplateView

from mobilisation.clock import now, today
from mobilisation.services import access_log
from transfers.facts.groups import groups
from transfers.rules import grid as registry
from transfers.tables.grid import Grid
from transfers.views.people.listing import PeopleGrid

MOST = 500
"""Rows on paper; a longer list is narrowed first, or taken as a workbook."""


class PeoplePrint(PeopleGrid, TemplateView):
    """``/people/print/`` with the filters and columns of the list: A4 landscape, who printed it and when. ``names=no`` leaves the case-system ID
    alone to say who is meant. Logged like a look at the list, under its own name."""

    template_name = "transfers/grid/print.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        as_of, form = today(), self.filter_form()
        people = self.read(self.filtered(form, as_of)[: MOST + 1])
        shown, named = people[:MOST], self.request.GET.get("names") != "no"
        viewer = replace(self.viewer, can=frozenset({registry.Can.PEOPLE_VIEW, registry.Can.ORDERS_VIEW} & self.viewer.can))
        grid = Grid(self.layout, viewer, as_of, many_exiting=len({person.exiting_provider_id for person in shown}) > 1, named=named, paper=True)
        access_log.record(self.actor, "view", self.programme, "people list on paper", ids=[person.public_id for person in shown], request=self.request)
        group = groups(as_of).get(self.request.GET.get("show", ""))
        words = [group.label] if group and self.request.GET.get("show") else []
        words += [f"{form.fields[name].label}: {dict(form.fields[name].choices).get(value, value)}" for name, value in form.chosen.items()]  # type: ignore[attr-defined]
        query = self.request.GET.copy()
        query["names"] = "no" if named else "yes"
        return context | {
            "layout": self.layout, "cells": [(one, registry.GROUPS[one]) if isinstance(one, str) else (one.key, one.heading) for one in self.layout.cells if isinstance(one, str) or one.print],
            "body": grid.rows(self.drawn(shown)), "words": words, "searched": bool(self.asked_search), "count": len(shown), "more": len(people) > MOST, "most": MOST, "printed_at": now(), "named": named,
            "names_url": f"?{query.urlencode(safe=',')}", "shorts": registry.SHORT,
        }
