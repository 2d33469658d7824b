"""Who is proposed to which incoming provider, and what each of them can take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property

from mobilisation.errors import Refused
from mobilisation.models import Organisation, Programme
from mobilisation.roles import Can
from mobilisation.services import access_log
from transfers.choices import BatchKind, BatchState
from transfers.forms.partners import CapacityForm
from transfers.models import Batch, PersonTransfer, ProviderCapacity
from transfers.services import allocation as services
from transfers.services import offers
from transfers.services.seen import Seen
from transfers.views import over
from transfers.views.lists import TeamPage
from transfers.views.records import ProgrammeRecordPage
from transfers.views.summaries import package

LINES = 100
"""Most urgent first: the next are shown once these are offered."""


@dataclass(frozen=True)
class Row:
    person: PersonTransfer
    package: str
    why: str
    provider: int = 0
    wish: str = ""


@dataclass(frozen=True)
class Group:
    """One provider with what it takes; ``tone`` of the meter."""

    provider: Organisation
    before: Decimal
    proposed: Decimal
    takes: Decimal
    rows: list[Row]
    more: int = 0
    hoped: Decimal = Decimal(0)

    @property
    def used(self) -> Decimal:
        return self.before + self.proposed

    @property
    def left(self) -> Decimal:
        return self.takes - self.used

    @property
    def words(self) -> str:
        """“406 hours a week offered or accepted, 52.5 proposed, of 470 confirmed: 11.5 left; 40 more are not confirmed and not used”"""
        rest = f"{float(self.left):g} left" if self.left >= 0 else f"{float(-self.left):g} over what it has confirmed"
        hoped = f"; {float(self.hoped):g} more {'is' if self.hoped == 1 else 'are'} not confirmed and not used" if self.hoped else ""
        return f"{float(self.before):g} hours a week offered or accepted, {float(self.proposed):g} proposed, of {float(self.takes):g} confirmed: {rest}{hoped}"

    @property
    def tone(self) -> str:
        return "red" if self.used > self.takes else "amber" if self.used == self.takes else "blue"


def incoming_providers(programme: Programme, user: Any) -> QuerySet[Organisation]:
    return Organisation.objects.visible_to(user).filter(party_to__contract__programmes=programme, party_to__role="incoming").distinct()


class AllocationScope(TeamPage):
    required = Can.PEOPLE_EDIT

    @property
    def providers(self) -> QuerySet[Organisation]:
        return incoming_providers(self.programme, self.request.user)


class AllocationPage(AllocationScope):
    """GET proposes. POST with ``take`` shows who would be offered and who refused; with ``confirmed`` it offers."""

    template_name = "transfers/allocation.html"

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        wishes = self._wishes(request.POST.getlist("take")[:500])
        if not wishes:
            messages.warning(request, "Tick the people, and choose a provider for each of them.")
            return redirect("transfers:allocation", ref=ref)
        if "confirmed" not in request.POST:
            return self._preview(wishes)
        try:
            outcome = offers.offer_many(self.programme, wishes, actor=self.actor, told=over.read(request.POST, self.providers))
        except Refused as refusal:
            messages.error(request, str(refusal))
            return self._preview(wishes, status=422)
        many = len(outcome.made)
        if many:
            messages.success(request, f"{many} {'person is' if many == 1 else 'people are'} offered. The providers are told how many, without names.")
        for person, provider, why in outcome.refused[:10]:
            messages.warning(request, f"{person.public_id} was not offered to {provider}: {why}")
        if len(outcome.refused) > 10:
            messages.warning(request, f"{len(outcome.refused) - 10} more were refused; they stand in the proposal again.")
        return redirect("transfers:allocation", ref=ref)

    def _wishes(self, ids: Iterable[str]) -> list[offers.Wish]:
        found = {person.public_id: person for person in PersonTransfer.objects.visible_to(self.request.user).filter(programme=self.programme, public_id__in=list(ids))}
        providers = {str(one.public_id): one for one in self.providers}
        wishes = []
        for public_id, person in found.items():
            person.programme = self.programme
            if (provider := providers.get(self.request.POST.get(f"to-{public_id}", ""))) is not None:
                wishes.append(offers.Wish(person, provider, Seen.read(f"{self.request.POST.get(f'seen-{public_id}', '')}/")))
        return wishes

    def _preview(self, wishes: list[offers.Wish], *, status: int = 200) -> HttpResponse:
        outcome = offers.preview(self.programme, wishes, actor=self.actor)
        access_log.record(self.actor, "view", self.programme, "allocation", ids=[wish.person.public_id for wish in wishes], request=self.request)
        wanted = services.wishes([person.pk for person, _ in outcome.made])
        seen = {wish.person.pk: wish.seen.version if wish.seen else "" for wish in wishes}
        context = self.get_context_data(preview=True)
        return self.render_to_response(context | {"made": [(p, provider, package(p), seen[p.pk], wanted.get(p.pk, "")) for p, provider in outcome.made], "refused": outcome.refused, **over.shown(outcome.beyond)}, status=status)

    def get_context_data(self, preview: bool = False, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if preview:
            return context | {"preview": True}
        found = services.standing(self.programme)
        lines = found.proposal.lines[:LINES]
        shown = found.proposal.nobody[:LINES]
        wishes = services.wishes([found.people[key].pk for key in (*(line.key for line in lines), *(key for key, _ in shown))])
        groups = []
        for pk, (before, proposed, takes) in found.proposal.hours.items():
            if pk in found.providers:
                rows = [self._row(found, line.key, line.why, wishes, pk) for line in lines if line.provider == pk]
                groups.append(Group(found.providers[pk], before, proposed, takes, rows, sum(line.provider == pk for line in found.proposal.lines) - len(rows), found.proposal.hoped.get(pk, Decimal(0))))
        access_log.record(self.actor, "view", self.programme, "allocation", ids=[line.key for line in lines] + [key for key, _ in shown], request=self.request)
        return context | {
            "groups": groups, "clashes": found.clashes, "nobody": [self._row(found, key, why, wishes) for key, why in shown], "nobody_count": len(found.proposal.nobody), "placed": len(found.proposal.lines),
            "waiting": len(found.people), "shown": len(lines), "providers": sorted(found.providers.values(), key=lambda one: one.name),
            "capacity_known": ProviderCapacity.objects.visible_to(self.request.user).filter(programme=self.programme).exists(),
            "batches": list(Batch.objects.visible_to(self.request.user).filter(programme=self.programme, kind=BatchKind.OFFER, state__in=[BatchState.DONE, BatchState.UNDONE]).order_by("-made_at", "-pk")[:5]),
        }

    @staticmethod
    def _row(found: services.Standing, key: str, why: str, wishes: Mapping[int, str], provider: int = 0) -> Row:
        person = found.people[key]
        return Row(person, package(person), why, provider, wishes.get(person.pk, ""))


class CapacityList(AllocationScope):
    template_name = "transfers/capacity_list.html"

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        """Takes one row out."""
        found = ProviderCapacity.objects.visible_to(request.user).filter(programme=self.programme, public_id=request.POST.get("remove", "")).first()
        if found is None:
            raise Http404("outside scope")
        services.remove_capacity(found, actor=self.actor)
        messages.success(request, "Taken out.")
        return redirect("transfers:capacity-list", ref=ref)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = list(ProviderCapacity.objects.visible_to(self.request.user).filter(programme=self.programme).select_related("provider"))
        named = {row.provider_id for row in rows}
        hoped = sum((row.weekly_hours for row in rows if not row.confirmed), Decimal(0))
        return super().get_context_data(**kwargs) | {"rows": rows, "silent": [one for one in self.providers.order_by("name") if one.pk not in named], "unconfirmed": f"{float(hoped):g} hours a week are not confirmed" if hoped else ""}


class CapacityForms(ProgrammeRecordPage):
    """``/people/allocation/capacity/add/`` and ``…/<record>/``."""

    model = ProviderCapacity
    titles = ("What a provider can take", "Change what a provider can take")
    back = "transfers:capacity-list"

    @cached_property
    def zones(self) -> list[str]:
        return list(PersonTransfer.objects.visible_to(self.request.user).filter(programme=self.programme).exclude(zone="").order_by("zone").values_list("zone", flat=True).distinct())

    def make(self, data: Any = None) -> CapacityForm:
        return CapacityForm(data, instance=self.record, providers=incoming_providers(self.programme, self.request.user).order_by("name"), zones=self.zones)

    def do(self, form: Any) -> str:
        if not self.record:
            kept = services.add_capacity(self.programme, form.values, actor=self.actor)
            return "Saved. The proposal counts with it." if kept.confirmed else "Saved. The proposal counts with it once it is confirmed."
        values = form.values
        if any(values.get(name) for name in services.CONFIRMATION):
            # What is confirmed are the figures on the page: where somebody changed them meanwhile, both are shown.
            values = {name: form.cleaned_data[name] for name in services.FIGURES} | values
        change = services.change_capacity(self.record, values, actor=self.actor, expected_version=form.cleaned_data["version"])
        if change and "confirmed_on" in change.fields and not self.record.confirmed:
            return "Saved. It is not confirmed any more, and the proposal does not count with it."
        return "Saved. The proposal counts with it." if self.record.confirmed else "Saved. The proposal counts with it once it is confirmed."
