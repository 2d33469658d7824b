"""Whose people the pages reach."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.functional import cached_property

from mobilisation.models import Organisation
from mobilisation.roles import Can
from mobilisation.views.scope import ProgrammeView
from transfers.models import PersonTransfer


class PeopleScope(ProgrammeView):
    """People of the programme that this user may see."""

    required = Can.PEOPLE_VIEW

    @cached_property
    def people(self) -> QuerySet[PersonTransfer]:
        team_of = self.programme if self.actor.sees_all_people else None
        return PersonTransfer.objects.visible_to(self.request.user, team_of=team_of).filter(programme=self.programme)

    @property
    def providers(self) -> QuerySet[Organisation]:
        return Organisation.objects.visible_to(self.request.user).filter(party_to__contract__programmes=self.programme, party_to__role="incoming").distinct()
