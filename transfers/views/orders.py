"""Orders of a person with their visits, and all orders of a programme for those who see to the payments."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404
from django.views.generic import TemplateView

from mobilisation.clock import today
from mobilisation.components import Counter
from mobilisation.roles import Can
from mobilisation.services import access_log
from mobilisation.views.scope import ProgrammeView
from transfers.choices import OrderKind
from transfers.forms import records as forms
from transfers.models import MoneyHeld, OrderVisit, ServiceOrder
from transfers.rules.orders import NO_ORDER
from transfers.services import orders as services
from transfers.views.records import RecordPage, saved

PAGE = 50


class OrderAdd(RecordPage):
    """``/orders/add/new/`` begins with what the old order has."""

    form_class = forms.OrderForm

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Add the {self.kwargs['kind']} order"

    @property
    def text(self) -> str:  # type: ignore[override]
        held = ServiceOrder.objects.visible_to(self.request.user).filter(person=self.person, kind=self.kwargs["kind"], current=True).first()
        return f"It takes the place of order {held.external_ref or 'without reference'}, which stays in the record." if held else ""

    def make(self, data: Any = None) -> forms.OrderForm:
        if self.kwargs["kind"] not in OrderKind.values:
            raise Http404("no such kind")
        old = ServiceOrder.objects.visible_to(self.request.user).filter(person=self.person, kind="old", current=True).first()
        initial = {"care_item": old.care_item, "budget_code": old.budget_code, "weekly_hours": old.weekly_hours, "start": self.person.planned_transfer_date} if old and self.kwargs["kind"] == "new" else {}
        return forms.OrderForm(data, initial=initial)

    def do(self, form: Any) -> str:
        services.add(self.person, self.kwargs["kind"], form.values, actor=self.actor)
        return "The order is added."


class OrderEdit(RecordPage):
    model = ServiceOrder
    form_class = forms.OrderForm

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Change the {self.record.kind} order"

    def do(self, form: Any) -> str:
        return saved(services.change(self.record, form.values, actor=self.actor, expected_version=form.cleaned_data["version"]))


class OrderShare(RecordPage):
    title = "Orders shared with both providers"
    text = "Record this once the exiting and the incoming provider both have the end of the old order and the new order. Each then sees the other order here."
    form_class = forms.ShareForm

    def do(self, form: Any) -> str:
        services.share(self.person, actor=self.actor, on=form.cleaned_data["on"], seen=self.seen)
        return "The orders are recorded as shared."


class VisitAdd(RecordPage):
    title = "Add a visit"
    model = ServiceOrder

    def make(self, data: Any = None) -> forms.VisitForm:
        self.record  # noqa: B018  outside scope is 404
        return forms.VisitForm(data, initial={"days": list("1234567"), "minutes": 30})

    def do(self, form: Any) -> str:
        services.add_visit(self.record, form.values, actor=self.actor)
        return "The visit is added."


class VisitEdit(RecordPage):
    title = "Change the visit"
    model = OrderVisit
    path = "order__person"
    form_class = forms.VisitForm

    def do(self, form: Any) -> str:
        return saved(services.change_visit(self.record, form.values, actor=self.actor, expected_version=form.cleaned_data["version"]))


class VisitRemove(RecordPage):
    title = "Take the visit out of the order"
    text = "History keeps what it was."
    model = OrderVisit
    path = "order__person"

    def make(self, data: Any = None) -> forms.ConfirmForm:
        self.record  # noqa: B018  outside scope is 404
        return forms.ConfirmForm(data)

    def do(self, form: Any) -> str:
        services.remove_visit(self.record, actor=self.actor)
        return "The visit is taken out."


COUNTERS: dict[str, tuple[str, str, Q]] = {
    "": ("All", "", Q()),
    "no-end": ("Old order without an end", "amber", Q(kind="old", end__isnull=True) & ~Q(person__funding_type__in=NO_ORDER)),
    "no-payment": ("New order without payment", "red", Q(kind="new", payment_ref="")),
    "not-shared": ("Not yet shared with both", "amber", Q(shared_exiting_on__isnull=True) | Q(shared_incoming_on__isnull=True)),
}


class OrderList(ProgrammeView, TemplateView):
    """Order and payment fields of the current orders, and open monies; finance sees these and nothing else of a person (domain 8)."""

    required = Can.ORDERS_VIEW
    template_name = "transfers/order_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        orders = ServiceOrder.objects.visible_to(self.request.user).filter(person__programme=self.programme, person__ending="", current=True)
        counts = orders.aggregate(**{f"n{n}": Count("pk", filter=rule) if rule else Count("pk") for n, (_, _, rule) in enumerate(COUNTERS.values())})
        show = self.request.GET.get("show", "")
        rule = COUNTERS.get(show, COUNTERS[""])[2]
        page = Paginator(orders.filter(rule).select_related("person").order_by("person__row_ref", "person_id", "-kind"), PAGE).get_page(self.request.GET.get("page"))
        rows = list(page)
        monies = list(MoneyHeld.objects.visible_to(self.request.user).filter(person__programme=self.programme, settled_on__isnull=True).select_related("person").order_by("id")[:PAGE]) if not show else []
        access_log.record(self.actor, "view", self.programme, "orders", ids=list(dict.fromkeys(row.person.public_id for row in (*rows, *monies))), request=self.request)
        return context | {
            "page_obj": page, "rows": rows, "monies": monies, "as_of": today(), "sees_people": self.actor.can(Can.PEOPLE_VIEW),
            "counters": [
                Counter(label, counts[f"n{n}"], f"{self.request.path}?show={key}" if key else self.request.path, active=key == show, tone=tone)
                for n, (key, (label, tone, _)) in enumerate(COUNTERS.items())
            ],
        }
