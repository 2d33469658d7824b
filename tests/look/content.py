"""The demonstration with one of each thing that only work brings: lists compared, letters, links, batches, calls, a wash-up.

No page of the walk is shown empty. Everything goes through the services that the pages call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.models import Action, ConditionPrecedent, Decision, Job, Meeting, Organisation, Programme, RoleAssignment, User
from mobilisation.services import imports, jobs, typed
from reporting.models import BoardPack, WeeklySnapshot
from risks.models import Escalation, Issue, Opportunity, RiskAction
from tests.factories import workbooks
from transfers.models import Allocation, FileTransfer, InterimOption, LetterItem, ListFinding, MoneyHeld, PersonContact, PersonTransfer, ProviderCapacity, ServiceOrder, StaffTransfer, TupeProcess
from transfers.services import assessing, batches, calls, care_plans, concerns, exports, handover, holds, letters, links, lists, offers, provider_checks, saved_views, sheets, washup
from transfers.services.batches import Wish
from workstreams.models import PlanStep, ReadinessCriterion
from workstreams.services import calls as scripts

DATA = Path(__file__).parent.parent / "data"
SCRIPT = "Good morning, this is the transition helpline of the county council. Your care goes on without a gap.\n\nAsk who is calling and check with the record whether they may be told."
FAQS = "When does my carer change?\nOn the day in your letter; nobody comes without an introduction.\n\nDo I pay more?\nNo."


def account(role: str) -> User:
    return User.objects.get(email=f"{role.lower()}@demo.example")


@dataclass
class Content:
    """``programme`` with what ``fill`` added; ``one``: {name: a record or a key} for the addresses."""

    programme: Programme
    coast: Programme
    one: SimpleNamespace

    def act(self, role: str) -> Actor:
        return Actor.of(account(role), self.programme)


def fill() -> Content:
    """Work on the demonstration's exit; called once after ``load_demo``."""
    content = Content(Programme.objects.get(reference="MEADOW"), Programme.objects.get(reference="COAST"), SimpleNamespace())
    for part in (_records, _people, _partners, _groups, _letters, _lists, _calls, _imports, _washup):
        part(content)
    return content


def _going(content: Content) -> Any:
    return PersonTransfer.objects.filter(programme=content.programme).going().select_related("programme", "incoming_provider", "exiting_provider").order_by("pk")


def _records(content: Content) -> None:
    """What the demonstration has already."""
    programme, one = content.programme, content.one
    one.contract = programme.contracts.first()
    one.risk, one.action = RiskAction.objects.filter(risk__programme=programme, status="open").values_list("risk__public_id", "public_id")[0]
    one.issue, one.opportunity = Issue.objects.filter(programme=programme).first(), Opportunity.objects.filter(programme=programme).first()
    one.escalation = Escalation.objects.filter(programme=programme).first()
    one.step = PlanStep.objects.filter(programme=programme).select_related("workstream").first()
    one.condition, one.criterion = ConditionPrecedent.objects.filter(programme=content.coast).first(), ReadinessCriterion.objects.filter(programme=content.coast).first()
    one.meeting = Meeting.objects.filter(programme=programme).order_by("at").first()
    one.decision, one.asked = Decision.objects.filter(programme=programme).first(), Action.objects.filter(programme=programme).first()
    one.holder = RoleAssignment.objects.filter(programme=programme, role="FIN").first()
    one.snapshot = WeeklySnapshot.objects.filter(programme=programme).order_by("-week_ending").first()
    one.pack = BoardPack.objects.filter(programme=programme, edition="board").first() or BoardPack.objects.filter(programme=programme).first()
    one.blue = Organisation.objects.get(name="Bluebell Care Partners")
    one.exiting = one.contract.parties.get(role="exiting").organisation
    one.capacity = ProviderCapacity.objects.filter(programme=programme).first()
    one.interim = InterimOption.objects.filter(programme=programme).first()
    one.staff, one.tupe = StaffTransfer.objects.filter(programme=programme).first(), TupeProcess.objects.filter(programme=programme).first()


def _people(content: Content) -> None:
    """What hangs on people: a plan that differs, a review, a concern, a file, money, a call to follow up."""
    one, mt, asm = content.one, content.act("MT"), content.act("ASM")
    people = list(_going(content).filter(plan_status="checking", incoming_provider=one.blue))
    one.person = person = people[0]
    care_plans.record(person, {"medicines": "differs", "visit_times": "right"}, actor=mt, details={"medicines": "The chart says twice a day, the plan once."})
    one.discrepancy = person.discrepancys.get()
    one.review = assessing.add_review(person, {"about": "needs", "asked_by": "carer", "asked_on": today()}, actor=mt)
    one.concern = concerns.raise_concern(person, {"category": "neglect", "what": "two evening visits missed"}, actor=mt)
    one.call = calls.record(person, {"channel": "phone", "direction": "out", "spoken_to": "representative", "who": "Daughter", "reached": True, "topic": "visits", "text": "Wants the morning visit before nine.", "follow_up_due": today() + timedelta(days=2)}, actor=mt)
    calls.record(people[1], {"channel": "phone", "direction": "in", "spoken_to": "person", "reached": True, "topic": "money", "text": "Asked who pays from the day of the move."}, actor=mt)
    one.contact = PersonContact.objects.filter(person=person, ended_on__isnull=True).first()
    one.order = ServiceOrder.objects.filter(person=person, visits__isnull=False).first() or ServiceOrder.objects.filter(person=person).first()
    one.visit = one.order.visits.first()
    one.file, one.money = FileTransfer.objects.filter(person__programme=content.programme).select_related("person").first(), MoneyHeld.objects.filter(person__programme=content.programme).select_related("person").first()
    one.routed = _going(content).filter(funding_type="other_authority").first()
    one.unsent = _going(content).filter(filetransfers__isnull=True, incoming_provider=one.blue, allocation_response="accepted").exclude(funding_type="other_authority").first() or person
    one.stay = PersonTransfer.objects.filter(programme=content.programme, in_hospital=True).first()
    concerns.raise_concern(people[2], {"category": "self-neglect", "owner_name": "Sandra Bexley"}, actor=asm)


def _partners(content: Content) -> None:
    """What is agreed with providers: a check, sheets, links, an offer answered."""
    programme, one, ol, mt, xp = content.programme, content.one, content.act("OL"), content.act("MT"), content.act("XP")
    provider_checks.record(programme, one.blue, {"visits_received_on": today(), "on_call_tried_on": today() - timedelta(days=1), "on_call_works": True, "payment_set_up_on": today(), "note": "Rang at nine in the evening"}, actor=mt)
    provider_checks.record(programme, Organisation.objects.get(name="Oyster Bay Care Ltd"), {"on_call_tried_on": today(), "on_call_works": False}, actor=mt)
    sheets.make(programme, one.blue, "incoming", actor=ol)
    one.sheet = sheets.make(programme, one.blue, "incoming", actor=ol)
    sheets.make(programme, one.exiting, "exiting", actor=ol)
    sheets.take(one.sheet, "For the rota of next week", actor=ol)
    coming = list(_going(content).filter(incoming_provider=one.blue, allocation_response="accepted", sharing_basis="direct_care", status__in=["allocated", "ready"])[:6])
    one.link_person = coming[0].public_id
    one.link, one.token = links.make(programme, one.blue, coming, ["contact", "visit", "file_in", "note"], contact="Rota desk", days=5, actor=mt)
    links.revoke(links.make(programme, one.blue, coming[:1], ["note"], contact="Supervisor", days=2, actor=mt)[0], actor=mt)
    asked = Allocation.objects.filter(person__programme=programme, response="offered", provider=one.blue).select_related("person__programme").first()
    if asked is None:
        free = _going(content).filter(incoming_provider__isnull=True).first()
        offers.offer_many(programme, [offers.Wish(free, one.blue)], actor=ol)
        asked = Allocation.objects.get(person=free, response="offered")
    one.offered = asked.person
    declined = Allocation.objects.filter(person__programme=programme, response="offered").exclude(pk=asked.pk).exclude(provider=one.blue).select_related("person__programme", "provider").first()
    if declined is not None:
        ip = Actor.of(User.objects.get(email="ip2@demo.example" if "Seasalter" in declined.provider.name else "ip3@demo.example"), programme)
        offers.answer(declined.person, "declined", actor=ip, reason="No evening rounds in this zone before the new year")
    handover.record_money(_going(content).exclude(moneyhelds__isnull=False).first(), {"holder": "Meadowgate Homecare Ltd", "purpose": "person", "amount": "45.00"}, actor=xp)


def _groups(content: Content) -> None:
    """What is done to many: batches shown, done and undone, a wave held, views saved, a list exported."""
    programme, one, ol = content.programme, content.one, content.act("OL")
    people = list(_going(content).filter(wave="Wave 4")[:8])
    one.batch_done = batches.confirm(batches.propose(programme, "change", "Wave: Wave 5", [Wish(person.pk, "wave", "Wave 5") for person in people[:3]], actor=ol), actor=ol)
    one.batch_undone = batches.undo(batches.confirm(batches.propose(programme, "change", "Zone: North", [Wish(person.pk, "zone", "North") for person in people[3:5]], actor=ol), actor=ol), actor=ol, reason="The wrong zone")
    mixed = [*_going(content).filter(next_checkpoint="C17")[:9], *_going(content).filter(settled_codes__gte=18)[:4], *_going(content).filter(next_checkpoint__lt="C12")[:6]]
    one.batch_shown = batches.propose(programme, "mark", "C17 Case system", [Wish(person.pk, "C17", today()) for person in mixed], actor=ol, picked="19 ticked")
    one.hold = holds.hold_group(programme, actor=ol, reason="Snow in the hills; rounds are checked first", wave="Wave 4", review_on=today() + timedelta(days=3))
    one.view = saved_views.save(programme, "Calls of the day", {"cols": ["due,owner,transfer"], "groups": ["tell"], "priority": ["R"]}, actor=ol, shared=True)
    saved_views.save(programme, "My wave", {"wave": ["Wave 4"]}, actor=ol)
    one.export = exports.request(programme, [person.pk for person in people], "xlsx", actor=ol, reason="Audit of wave 4")


def _letters(content: Content) -> None:
    programme, one, cl = content.programme, content.one, content.act("CL")
    letters.set_leads(programme, {"chc": ("Saltmarsh and Weald ICB", False), "council": ("Saltmarsh County Council", True)}, actor=cl)
    one.letters = letters.begin(programme, {"code": "K05", "title": "Your new provider", "to": "person", "marks": "", "emergency_why": ""}, list(_going(content).filter(wave__in=["Wave 4", "Wave 5", "Wave 3"])), actor=cl)
    items = LetterItem.objects.filter(run=one.letters)
    one.item = items.filter(state="held").first() or items.first()
    waiting = list(items.filter(state="to_send").order_by("pk")[:4])
    letters.record(one.letters, {item.pk: (state, today(), note) for item, state, note in zip(waiting, ("sent", "sent", "returned", "called"), ("", "", "Gone away, the daughter says", "Read out on the phone"), strict=True)}, actor=cl)


def _lists(content: Content) -> None:
    """The tracker beside the exiting provider's list, which misses some and knows others."""
    programme, one, mt = content.programme, content.one, content.act("MT")
    head = ["Client", "NHS Number", "D.O.B", "Post code", "Weekly hours", "Funded by", "Currently in hospital"]
    rows = [
        [f"{person.surname}, {person.forename}", person.nhs_number, f"{person.date_of_birth:%d/%m/%Y}" if person.date_of_birth else "", person.postcode, float(person.weekly_hours or 7) + (2 if n % 9 == 0 else 0), "KCC", "No"]
        for n, person in enumerate(_going(content).exclude(nhs_number="")[:60])
    ]
    rows += [["YATES, Pauline", "", "03/03/1940", "CT5 2AA", 7, "KCC", "No"], ["OKONJO, Esther", "", "11/12/1951", "CT6 5BS", 10.5, "Self", "Yes"]]
    outcome = imports.import_file("list-exiting", programme, mt, workbooks.xlsx(("List", [head, *rows])), "provider-list.xlsx")
    assert outcome.ok, outcome.summary["errors"]
    found = ListFinding.objects.filter(programme=programme, resolution="")
    lists.resolve(found.filter(kind="differs").order_by("pk")[0], "kept", actor=mt, reason="Rang the provider: their list is a month old")
    one.finding = found.filter(kind="differs").order_by("-pk")[0]
    one.missing = found.filter(kind="only_theirs").order_by("pk")[0]


def _calls(content: Content) -> None:
    programme, cms, mt = content.programme, content.act("CMS"), content.act("MT")
    scripts.approve(scripts.write_script(programme, SCRIPT, actor=cms, faqs=FAQS), actor=cms)
    scripts.write_script(programme, SCRIPT + "\n\nFrom Monday the line is open until eight.", actor=cms, faqs=FAQS)
    content.one.enquiry = scripts.take(programme, {"question": "Will the same carers come at the weekend?", "channel": "phone", "asked_by": "relative", "topic": "who"}, actor=mt)
    scripts.take(programme, {"question": "Who takes over the direct payment?", "answer": "The council goes on paying; the agreement names the new provider.", "topic": "money"}, actor=mt)


def _imports(content: Content) -> None:
    """An upload that waits for a choice, one to confirm, one that was written, and one that may be undone."""
    programme, one, da = content.programme, content.one, content.act("DA")
    one.upload = imports.upload("tracker", programme, da, "council-tracker-faults.csv", (DATA / "council-tracker-faults.csv").read_bytes())
    one.whole = imports.upload("tracker", programme, da, "council-tracker.xlsx", (DATA / "council-tracker.xlsx").read_bytes())
    imports.import_file("staff", programme, content.act("WL"), (DATA / "staff-list.xlsx").read_bytes(), "staff-list.xlsx")
    ol = content.act("OL")
    one.taken = imports.upload("tracker", programme, ol, "one-more.csv", b"Case-system ID,Surname,Forename\nLOOK-1,Fairweather,Ida\n")
    jobs.run(imports.confirm(one.taken, ol, accept_valid=False).pk)
    one.run = programme.imports.filter(kind="staff", summary__rows__gt=0).first()
    one.job = Job.objects.filter(programme=programme).first()
    one.typed = typed.keep(account("ML").pk, reverse("risks:risk-add", args=[programme.ref]), [("event", "Night cover in the coastal zone is not agreed"), ("cause", "Two carers left")])


def _washup(content: Content) -> None:
    """Yesterday's is finished and kept, today's is open."""
    programme, one, ol, mt = content.programme, content.one, content.act("OL"), content.act("MT")
    for keep in (True, False):
        day = washup.start(programme, actor=ol)
        washup.note(day, "Bluebell rang: the key of the lodge is with the neighbour.", actor=mt, person=one.person)
        washup.note(day, "Rounds in the coastal zone go by the snow plan until Monday.", actor=ol)
        washup.ask(day, {"words": "Ring the daughter before noon", "owner": account("MT"), "due": today() + timedelta(days=1)}, actor=ol, person=one.person)
        washup.ask(day, {"words": "Send the rota to all three providers", "owner_name": "Rota desk", "due": today() + timedelta(days=2)}, actor=ol)
        if keep:
            one.washup = washup.finish(day, actor=ol)
