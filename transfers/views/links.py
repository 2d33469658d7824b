"""Update links: the team makes and revokes them; whoever holds one opens a page of its own and nothing else of the site."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from mobilisation.errors import Reason, Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.models import Organisation
from mobilisation.roles import Can
from transfers.forms.partners import LinkForm, StatedForm
from transfers.models import PersonTransfer, UpdateLink
from transfers.services import links as services
from transfers.views.lists import TeamPage


class LinkList(TeamPage):
    required = Can.PEOPLE_EDIT
    template_name = "transfers/link_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = UpdateLink.objects.visible_to(self.request.user).filter(programme=self.programme).select_related("provider").annotate(number=Count("people"))
        return super().get_context_data(**kwargs) | {"links": list(found[:100])}


class LinkAdd(TeamPage):
    """The answer to a POST that made a link shows its address, once."""

    required = Can.PEOPLE_EDIT
    template_name = "transfers/link_add.html"

    def form(self, data: Any = None) -> LinkForm:
        form = LinkForm(data, initial={"days": int(self.programme.threshold("link_days"))})
        wanted = Q(party_to__role="incoming") | Q(party_to__role="exiting")
        form.fields["provider"].queryset = Organisation.objects.visible_to(self.request.user).filter(wanted, party_to__contract__programmes=self.programme).distinct().order_by("name")  # type: ignore[attr-defined]
        return form

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        form = self.form(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            try:
                people = self._people(data["people"])
                link, token = services.make(self.programme, data["provider"], people, data["fields_open"], contact=data["contact"], days=data["days"], actor=self.actor)
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                return self.render_to_response(self.get_context_data(link=link, number=len(people), url=f"{settings.SITE_URL}{reverse('transfers:update-link', args=[token])}"))
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def _people(self, text: str) -> list[PersonTransfer]:
        wanted = [word for word in re.split(r"[\s,;]+", text) if word]
        mine = PersonTransfer.objects.visible_to(self.request.user).filter(programme=self.programme).filter(Q(public_id__in=[word.lower() for word in wanted]) | Q(case_system_id__in=wanted))
        found = list(mine)
        known = {person.public_id for person in found} | {person.case_system_id for person in found}
        if unknown := [word for word in wanted if word not in known and word.lower() not in known]:
            raise Refused(Reason(f"Nobody here has the reference {', '.join(unknown[:10])}.", field="people"))
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {"form": None if "url" in kwargs else self.form()} | super().get_context_data(**kwargs)


class LinkRevoke(TeamPage):
    required = Can.PEOPLE_EDIT

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("transfers:link-list", ref=self.programme.ref)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = UpdateLink.objects.visible_to(request.user).filter(programme=self.programme, public_id=self.kwargs["link"]).first()
        if found is None:
            raise Http404("outside scope")
        services.revoke(found, actor=self.actor)
        messages.success(request, "Revoked. The link opens nothing any more.")
        return redirect("transfers:link-list", ref=self.programme.ref)


@method_decorator(never_cache, name="dispatch")
class UpdateLinkPage(View):
    """Without an account. Every token that opens nothing gets the same plain page, whatever the reason."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        place = request.META.get("REMOTE_ADDR") or "nowhere"
        if services.too_many(place):
            return self._plain(request, 429)
        link = services.find(kwargs["token"], request=request)
        if link is None:
            services.missed(place)
            return self._plain(request, 404)
        self.link = link
        return super().dispatch(request, *args, **kwargs)

    @staticmethod
    def _plain(request: HttpRequest, status: int) -> HttpResponse:
        return render(request, "transfers/update_gone.html", {"busy": status == 429}, status=status)

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self._page(request, {}, opening=True)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Each row for itself: what is refused stays in its fields with the reason, the others are saved."""
        bound: dict[str, StatedForm] = {}
        saved = 0
        for row in services.rows(self.link, opening=False):
            form = self._form(row, request.POST)
            if not form.has_changed():
                continue
            if form.is_valid():
                try:
                    saved += services.save(self.link, row.key, form.cleaned_data, request=request)
                except Refused as refusal:
                    show_refusal(form, refusal)
                else:
                    continue
            bound[row.key] = form
        return self._page(request, bound, saved=saved, status=422 if bound else 200)

    @staticmethod
    def _form(row: services.Row, data: Any = None) -> StatedForm:
        return StatedForm(data, opened=list(row.fields), prefix=row.key, auto_id="id_%s")

    def _page(self, request: HttpRequest, bound: dict[str, StatedForm], *, saved: int = 0, status: int = 200, opening: bool = False) -> HttpResponse:
        rows = [(row, bound.get(row.key) or self._form(row)) for row in services.rows(self.link, request=request, opening=opening)]
        return render(request, "transfers/update_link.html", {"link": self.link, "rows": rows, "saved": saved, "refused": len(bound)}, status=status)
