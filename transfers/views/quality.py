"""What the tracker does not say: counts, each with a link to exactly its rows."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from mobilisation.clock import today
from mobilisation.roles import Can
from transfers.facts.quality import quality
from transfers.models import PersonTransfer
from transfers.views.lists import REPORTS, TeamPage


class QualityPage(TeamPage):
    """For the team, at any time and at the check after the exit: numbers only, so nobody is named and nothing is logged."""

    template_name = "transfers/quality.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = PersonTransfer.objects.visible_to(self.request.user, team_of=self.programme if self.actor.sees_all_people else None).filter(programme=self.programme)
        found = quality(people, today(), {can for can in Can if self.actor.can(can)})
        sections = [("Outstanding", found.follow_up, "Nobody"), *((heading, lines, "Nobody lacks") for heading, lines in found.sections)]
        shown = [
            {"heading": heading, "open": [line for line in lines if line.n], "none": "; ".join(line.label[:1].lower() + line.label[1:] if line.label[1:2].islower() else line.label for line in lines if not line.n), "word": word}
            for heading, lines, word in sections
        ]
        return super().get_context_data(**kwargs) | {"quality": found, "sections": shown, "tracker": reverse("transfers:person-list", args=[self.programme.ref]), "as_of": today(), "may_import": self.actor.can(Can.PEOPLE_IMPORT), "reports": REPORTS}
