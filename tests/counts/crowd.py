"""A programme with one of everything, then one more of everything, and so on: for the tests that count statements.

Whatever a list shows by its words bears the number of the round it was made in (``Newby-3``, ``Meeting-3``), so that a test sees how many a page shows.
"""

from __future__ import annotations

import hashlib
import io
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.models import (
    Action,
    AgendaItem,
    Board,
    BoardMember,
    CalendarDay,
    ConditionPrecedent,
    Contract,
    Decision,
    ImportRun,
    Job,
    Meeting,
    Notification,
    RoleAssignment,
    Variation,
)
from mobilisation.roles import ROLES
from mobilisation.services import access_log, changes, imports
from reporting.models import BoardPack, DownloadLog, RagOverride, WeeklySnapshot
from reporting.position import codec
from risks.models import Incident, RiskScore, SafeguardingConcern
from risks.services import escalation as ladder
from tests.factories import ground, people, risks, staff, workstreams
from tests.factories import reporting as factory
from transfers.choices import Funding
from transfers.models import (
    Allocation,
    AllocationSheet,
    Assessment,
    Assurance,
    Batch,
    BatchLine,
    CarePlanCheck,
    ComparedList,
    ContactLog,
    Discrepancy,
    FileTransfer,
    FundingLead,
    Hold,
    HospitalEpisode,
    InterimOption,
    LetterItem,
    LetterRun,
    LinkPerson,
    ListFinding,
    ListRow,
    MappingRecord,
    MoneyHeld,
    OrderVisit,
    PeopleExport,
    PersonConcern,
    PersonContact,
    PersonEscalation,
    PersonNeed,
    ProviderCapacity,
    ProviderCheck,
    Review,
    SafetyCheck,
    SavedView,
    ServiceOrder,
    SharingDecision,
    SheetPerson,
    SheetTaken,
    UpdateLink,
    WashUp,
    WashUpAction,
    WashUpNote,
)
from workstreams.models import (
    Dependency,
    Enquiry,
    EvidenceFile,
    GoLiveDecision,
    Interface,
    PlanStep,
    ReadinessCriterion,
    ResourceLine,
    ScriptVersion,
    VariationItem,
    WorkstreamReport,
)

DAY = date(2027, 3, 15)
"""Today in these tests."""
SYSTEM = Actor.system("test")
TOKEN = "t" * 43
APPS = ("mobilisation", "risks", "transfers", "workstreams", "reporting")


class Crowd:
    """``more(1)`` makes the first of everything, whose ids ``first`` keeps by the name of the model; the users who look are there from the beginning."""

    def __init__(self) -> None:
        self.programme = ground.programme("provider_exit", "CROWD-1", exit_type="planned", exit_date=date(2027, 4, 30))
        self.council = ground.party(self.programme, "Kent County Council", "lead_commissioner", "council")
        self.leaver = ground.party(self.programme, "Meadowgate Homecare Ltd", "exiting")
        self.taker = ground.party(self.programme, "Bluebell Care Partners", "incoming")
        self.first: dict[str, object] = {}
        self.users = {
            code: ground.user_in(code, None if role.site_wide else self.programme, {"XP": self.leaver, "IP": self.taker}.get(code), who=ground.user(f"{code.lower()}@crowd.example", name=f"Holder of {code}"))
            for code, role in ROLES.items()
        }
        self.owner = self.users["ML"]

    def keep(self, thing):
        self.first.setdefault(thing._meta.model_name, thing)
        return thing

    def more(self, n: int) -> None:
        """One more of everything; what belongs to something is made for the first of its kind and for the new one."""
        self.ground(n)
        person = self.people(n)
        for one in {person.pk: person, self.first["persontransfer"].pk: self.first["persontransfer"]}.values():
            self.around(one, n)
        self.transfers(n, person)
        self.staff(n)
        self.risks(n)
        self.plan(n)
        self.board(n)
        self.reports(n)
        # Last and anew each round, so that the history of them all stands on one page.
        first = people.PersonTransfer.objects.get(pk=self.first["persontransfer"].pk)
        for number in range(1, n + 1):
            changes.apply(first, {"notes": f"Note-{number}"}, actor=Actor.of(self.owner, self.programme))

    def each(self, thing):
        """The first of its kind and this one."""
        first = self.first.setdefault(thing._meta.model_name, thing)
        return [first] if first.pk == thing.pk else [first, thing]

    def ground(self, n: int) -> None:
        programme = self.programme
        other = ground.programme(title=f"Programme-{n}", scd=date(2027, 6, 1))
        for code, user in self.users.items():
            if not ROLES[code].site_wide:
                ground.user_in(code, other, {"XP": self.leaver, "IP": self.taker}.get(code), who=user)
        self.provider = self.keep(ground.party(programme, f"Provider-{n}", "incoming"))
        contract = self.keep(Contract.objects.create(reference=f"Contract-{n}", title="Another"))
        programme.contracts.add(contract)
        for one in self.each(contract):
            self.keep(one.parties.create(organisation=self.provider, role="incoming"))
        somebody = ground.user(name=f"User-{n}")
        ground.user_in("CO", programme, who=somebody)
        held = self.keep(RoleAssignment.objects.get(user=somebody))
        RoleAssignment.objects.create(programme=programme, user=ground.user(name=f"Deputy-{n}"), role="CO", starts_on=DAY, deputy_for=self.first["roleassignment"])
        self.keep(somebody)
        for user in self.users.values():
            Job.objects.create(kind="import", programme=programme, requested_by=user, requested_as=f"Asker-{n}", message=f"Job-{n}", state="running")
            Notification.objects.create(user=user, programme=programme, kind="test", subject=f"Notice-{n}", url="/glossary/")
        self.keep(Job.objects.filter(requested_by=self.owner).latest("id"))
        CalendarDay.objects.create(division="england-and-wales", date=date(2027, 6, n), title=f"Day-{n}", kind="election")
        access_log.record(Actor.of(self.owner, programme), "view", programme, f"Look-{n}", ids=[held.public_id])
        variation = self.keep(changes.create(Variation(programme=programme, title=f"Variation-{n}", why="Late"), actor=Actor.of(self.owner, programme)))
        self.variation = variation
        self.keep(ImportRun.objects.create(programme=programme, kind="tracker", file_name=f"File-{n}.csv", stored_name="none.csv", state="done", requested_by=somebody, job=self.first["job"]))

    def people(self, n: int):
        programme = self.programme
        common = {"address": "1 High Street", "exiting_provider": self.leaver, "incoming_provider": self.taker, "owner": self.owner, "wave": "1", "zone": f"Zone-{n}", "priority": "R", "sharing_basis": "direct_care"}
        common = {key: value for key, value in common.items() if key in {field.name for field in people.PersonTransfer._meta.get_fields()}}
        self.moved = self.keep_as("moved", people.person(
            programme, surname=f"Moved-{n}", done=people.ready_up_to("C15"), allocation_response="accepted", planned_transfer_date=date(2027, 3, 8), actual_transfer_date=date(2027, 3, 8), plan_status="provisional", **common,
        ))
        self.fresh = self.keep_as("fresh", people.person(programme, surname=f"Fresh-{n}", done=people.ready_up_to("C06"), weekly_hours=5, **(common | {"incoming_provider": None})))
        return self.keep(people.person(programme, surname=f"Newby-{n}", done=people.ready_up_to("C08"), allocation_response="offered", planned_transfer_date=date(2027, 3, 22), in_hospital=True, **common))

    def keep_as(self, name, thing):
        self.first.setdefault(name, thing)
        return thing

    def around(self, person, n: int) -> None:
        """One more of each record that hangs on a person."""
        once = not PersonContact.objects.filter(person=person).exists()
        self.keep(PersonContact.objects.create(person=person, name=f"Contact-{n}"))
        for kind in ("old", "new"):
            order = self.keep(ServiceOrder.objects.create(person=person, kind=kind, external_ref=f"Order-{n}", shared_exiting_on=DAY, shared_incoming_on=DAY, current=once))
            for of in {order.pk: order, self.first["serviceorder"].pk: self.first["serviceorder"]}.values():
                self.keep(OrderVisit.objects.create(order=of, days="1", start="08:00", minutes=30, tasks=f"Visit-{n}"))
        CarePlanCheck.objects.filter(person=person, current=True).update(current=False)
        CarePlanCheck.objects.create(person=person, tier="other")
        Allocation.objects.filter(person=person, current=True).update(current=False)
        Allocation.objects.create(person=person, provider=self.taker, proposed_on=DAY, reason=f"Offer-{n}", response="declined", responded_on=DAY, current=False)
        Allocation.objects.create(person=person, provider=self.taker, proposed_on=DAY)
        self.keep(FileTransfer.objects.create(person=person, route="transfer", contents=f"Papers-{n}"))
        self.keep(MoneyHeld.objects.create(person=person, holder=f"Holder-{n}"))
        self.keep(Discrepancy.objects.create(person=person, kind="other", found_on=DAY, detail=f"Unlike-{n}"))
        self.keep(Review.objects.create(person=person, asked_on=DAY, outcome=f"Review-{n}"))
        self.keep(ContactLog.objects.create(person=person, at=now(), follow_up_due=DAY, text=f"Call-{n}", by_label=str(self.owner)))
        HospitalEpisode.objects.create(person=person, hospital=f"Ward-{n}", admitted_on=DAY, open=once, discharged_on=None if once else DAY)
        SharingDecision.objects.create(person=person, basis="direct_care", explained_on=DAY)
        SafetyCheck.objects.create(person=person, done_on=DAY, outcome="unable_to_contact", number=n)
        concern = SafeguardingConcern.objects.create(programme=self.programme, raised_on=DAY, category=f"Concern-{n}", organisation=self.provider, owner=self.owner)
        self.keep(PersonConcern.objects.create(person=person, concern=concern))
        PersonEscalation.objects.create(person=person, trigger="no_first_visit", since=DAY, settled_on=None if once else DAY, issue=risks.issue(self.programme, f"Unvisited-{n}", owner=self.owner))
        if once:
            PersonNeed.objects.create(person=person, allergies_known=True, allergies="Penicillin")
            Assessment.objects.create(person=person, assessed_on=DAY)

    def transfers(self, n: int, person) -> None:
        programme = self.programme
        everybody = [person, self.moved]
        self.keep(Hold.objects.create(programme=programme, scope="wave", wave=f"Hold-{n}", reason="Snow", from_date=DAY))
        Hold.objects.create(programme=programme, scope="provider", provider=self.provider, reason="Rota", from_date=DAY)
        Hold.objects.create(programme=programme, scope="person", person=self.fresh, reason="Ill", from_date=DAY, lifted_on=DAY, lifted_why=f"Lifted-{n}")
        for batch in self.each(Batch.objects.create(programme=programme, kind="change", what=f"Batch-{n}", made_by=self.owner, made_as="Holder of ML", made_at=now(), state="done")):
            BatchLine.objects.create(batch=batch, person=person, field="wave", old="1", new="2", outcome="done")
        ComparedList.objects.filter(programme=programme).update(current=False)
        compared = ComparedList.objects.create(programme=programme, source="exiting", received_on=DAY)
        ListRow.objects.filter(list__programme=programme).update(list=compared)
        ListRow.objects.create(list=compared, key=f"row-{n}", number=n, surname=f"Listed-{n}")
        self.keep(ListFinding.objects.create(programme=programme, source="exiting", kind="only_ours", subject=f"one-{n}", person=person, who=f"Found-{n}"))
        ListFinding.objects.create(programme=programme, source="exiting", kind="only_theirs", subject=f"theirs-{n}", row_key=f"row-{n}", who=f"Theirs-{n}")
        self.keep(ProviderCapacity.objects.create(programme=programme, provider=self.provider, weekly_hours=40, from_date=DAY, note=f"Capacity-{n}"))
        self.keep(ProviderCheck.objects.create(programme=programme, provider=self.provider, note=f"Check-{n}"))
        self.keep(InterimOption.objects.create(programme=programme, kind="transport", name=f"Interim-{n}"))
        MappingRecord.objects.create(programme=programme, kind="recommendation", on=DAY, text=f"Advice-{n}", by_label="Holder of CL")
        Assurance.objects.create(programme=programme, role="OL", week_ending=DAY - timedelta(days=1 + 7 * n), sound=True, by_label=f"Assured-{n}")
        FundingLead.objects.create(programme=programme, funding=Funding.values[n - 1], lead=f"Lead-{n}")
        for run in self.each(LetterRun.objects.create(programme=programme, code="K05", title=f"Letters-{n}")):
            for one in everybody:
                self.keep(LetterItem.objects.create(run=run, person=one, state="to_send"))
        AllocationSheet.objects.filter(programme=programme).update(superseded_at=now())
        for sheet in self.each(AllocationSheet.objects.create(
            programme=programme, provider=self.taker, side="incoming", number=n, rows=2, sha256=f"{n:064d}", stored_name="none.xlsx", made_at=now(), by_label=f"Sheet-{n}",
        )):
            SheetPerson.objects.create(sheet=sheet, person=self.moved)
            SheetTaken.objects.create(sheet=sheet, at=now(), by_label=f"Taken-{n}", reason="Rounds")
        for link in self.each(UpdateLink.objects.create(
            programme=programme, provider=self.taker, contact=f"Desk-{n}", fields=["contact", "visit", "file", "file_in", "note"], token_hash=hashlib.sha256((TOKEN if n == 1 else f"other-{n}").encode()).hexdigest(),
            expires_at=now() + timedelta(days=3), by_label="Team",
        )):
            LinkPerson.objects.bulk_create([LinkPerson(link=link, person=one) for one in everybody])
        self.keep(PeopleExport.objects.create(programme=programme, owner=self.owner, file_format="csv", reason="audit", people=[one.public_id for one in everybody]))
        self.keep(SavedView.objects.create(programme=programme, owner=self.owner, name=f"View-{n}", shared=True))
        SavedView.objects.create(programme=programme, owner=self.users["XP"], name=f"View-{n}")
        meeting = Meeting.objects.create(programme=programme, kind="washup", at=now() - timedelta(days=n))
        for held in self.each(WashUp.objects.create(programme=programme, meeting=meeting, day=DAY - timedelta(days=n), open=False, finished_at=now(), finished_by_label=f"Washer-{n}")):
            WashUpNote.objects.create(washup=held, person=person, text=f"Jotted-{n}", by_label="Team")
            action = Action.objects.create(programme=programme, meeting=held.meeting, text="Of the wash-up", owner=self.owner, due=DAY)
            WashUpAction.objects.create(washup=held, person=person, action=action, words=f"Asked-{n}")

    def staff(self, n: int) -> None:
        self.keep(staff.member(self.programme, surname=f"Worker-{n}", incoming=self.taker, exiting=self.leaver))
        if n == 1:
            staff.essential_checks(self.programme)
        self.keep(apps.get_model("transfers.TupeProcess").objects.create(programme=self.programme, transferor=self.leaver, transferee=self.provider, transfer_date=date(2027, 4, 1), eli_received_on=DAY))
        if n == 1:
            apps.get_model("transfers.TupeProcess").objects.create(programme=self.programme, transferor=self.leaver, transferee=self.taker, transfer_date=date(2027, 4, 1), eli_received_on=DAY)
        skill = f"skill-{n}"
        apps.get_model("transfers.TrainingRequirement").objects.get_or_create(programme=self.programme, skill=skill, defaults={"title": f"Skill-{n}"})
        for member in {self.first["stafftransfer"].pk, apps.get_model("transfers.StaffTransfer").objects.latest("pk").pk}:
            apps.get_model("transfers.CompetenceRecord").objects.create(staff_id=member, skill=skill, assessor=self.owner)

    def risks(self, n: int) -> None:
        for risk in self.each(risks.risk(self.programme, 4, 4, event=f"Risk-{n}", scope="shared", other_owner="Theirs", owner=self.owner, owner_name="", organisation=self.provider, unsafe_go_live=True, review_on=DAY + timedelta(days=3))):
            self.keep(risks.action(risk, text=f"Mitigate-{n}", owner_name=str(self.owner)))
            self.keep(ladder.raise_to(self.programme, 3, f"Late-{n}", actor=SYSTEM, risk=risk))
            RiskScore.objects.create(risk=risk, on=DAY - timedelta(days=n), likelihood=4, consequence=4, score=16)
        self.keep(risks.issue(self.programme, f"Issue-{n}", owner=self.owner, risk=self.first["risk"], scope="shared"))
        self.keep(risks.opportunity(self.programme, title=f"Chance-{n}"))
        Incident.objects.create(programme=self.programme, raised_on=DAY, category=f"Incident-{n}", organisation=self.provider, owner=self.owner)

    def plan(self, n: int) -> None:
        programme, stream = self.programme, None
        for stream in self.each(workstreams.workstream(programme, f"stream-{n}")):
            ResourceLine.objects.create(workstream=stream, role=f"Resource-{n}", days_per_week=2)
            WorkstreamReport.objects.create(workstream=stream, week=DAY - timedelta(days=7 * n), status="A", one_line=f"Line-{n}")
            self.keep(workstreams.step(programme, f"S{stream.pk}-{n}", workstream=stream, title=f"Step-{n}", owner=self.owner, owner_name="", organisation=self.provider, baseline=DAY, forecast=DAY + timedelta(days=2), is_milestone=True, critical=True))
        step, first = PlanStep.objects.filter(programme=programme).latest("pk"), self.first["planstep"]
        if step.pk != first.pk:
            Dependency.objects.create(predecessor=step, successor=first)
        else:
            Dependency.objects.create(predecessor=workstreams.step(programme, "S0", workstream=stream, title="Before"), successor=first)
        for one in {step.pk, first.pk}:
            EvidenceFile.objects.create(step_id=one, title=f"Evidence-{n}", uploaded_by=self.owner, accepted_by=self.users["OL"], accepted_on=DAY)
        for variation in self.each(self.variation):
            VariationItem.objects.create(variation=variation, step=step, new_baseline=DAY)
        Interface.objects.create(programme=programme, what=f"Interface-{n}", from_organisation="A", to_organisation="B")
        self.keep(ConditionPrecedent.objects.create(programme=programme, title=f"Condition-{n}", contract=programme.contracts.first(), owner=self.owner, due=DAY, evidence="Letter", evidence_by=self.owner))
        self.keep(ReadinessCriterion.objects.create(programme=programme, deliverable=1, code=f"D{n}", text=f"Criterion-{n}", owner=self.owner, evidence="Seen", evidence_by=self.owner, due=DAY))
        GoLiveDecision.objects.create(programme=programme, result="go", signed_by=self.owner, on=DAY)
        ScriptVersion.objects.create(programme=programme, text=f"Script-{n}", valid_from=DAY - timedelta(days=n))
        self.keep(Enquiry.objects.create(programme=programme, question=f"Enquiry-{n}", received_at=now()))

    def board(self, n: int) -> None:
        programme = self.programme
        board = self.keep(Board.objects.create(programme=programme))
        for one in self.each(board):
            BoardMember.objects.create(board=one, user=self.owner, organisation=self.provider)
        for meeting in self.each(Meeting.objects.create(programme=programme, board=board, kind="board", at=now() + timedelta(days=n), notes=f"Meeting-{n}")):
            AgendaItem.objects.create(meeting=meeting, title=f"Agenda-{n}")
            self.keep(Decision.objects.create(programme=programme, meeting=meeting, text=f"Decide-{n}", needed_by=DAY))
            self.keep(Action.objects.create(programme=programme, meeting=meeting, text=f"Act-{n}", owner=self.owner, due=DAY))

    def reports(self, n: int) -> None:
        week = date(2027, 3, 14) - timedelta(days=7 * n)
        snapshot = self.keep(WeeklySnapshot.objects.create(
            programme=self.programme, week_ending=week, as_of=week, taken_at=now(), taken_by="test", overall="G", position=codec.to_json(factory.position(as_of=week)),
        ))
        pack = self.keep(BoardPack.objects.create(programme=self.programme, snapshot=snapshot))
        for edition in ("commissioner", "provider"):
            BoardPack.objects.create(
                programme=self.programme, snapshot=snapshot, edition=edition, status="published", sha256="0" * 64, file_name="none.pdf", approved_at=now(), approved_as="BCH", approved_by=self.owner, published_at=now(), published_as="ML", published_by=self.owner,
            )
        for one in self.each(pack):
            DownloadLog.objects.create(at=now(), user=self.owner, user_label=f"Reader-{n}", programme=self.programme, pack=one, sha256="0" * 64)
        RagOverride.objects.create(programme=self.programme, subject=f"ws:stream-{n}", computed="A", stated="R", reason=f"Override-{n}", stated_by=self.owner, stated_as="ML", stated_on=DAY)

    def address(self, name: str, wanted, run: ImportRun | None = None) -> str:
        """The page of the first of its kind, or of the import ``run``."""
        app, page = name.split(":")
        first = self.first
        about = {
            "mobilisation": {"job-detail": "job", "role-end": "roleassignment", "role-deputy": "roleassignment", "contract-detail": "contract", "contract-edit": "contract", "party-remove": "contract",
                             "organisation-edit": "organisation", "meeting-detail": "meeting", "meeting-edit": "meeting", "decision-edit": "decision", "action-edit": "action"},
            "risks": {"issue-edit": "issue", "opportunity-edit": "opportunity"},
            "transfers": {"tupe-edit": "tupeprocess", "staff-detail": "stafftransfer", "washup-record": "washup", "provider-check": "organisation", "letter-item": "letteritem"},
            "workstreams": {"step-detail": "planstep", "step-row": "planstep", "condition-edit": "conditionprecedent", "criterion-edit": "readinesscriterion", "enquiry-answer": "enquiry"},
            "reporting": {"snapshot-detail": "weeklysnapshot", "api-snapshot": "weeklysnapshot"} | dict.fromkeys(("pack-detail", "pack-preview", "pack-download", "pack-act"), "boardpack"),
        }[app].get(page, {"transfers": "persontransfer", "risks": "risk"}.get(app, "organisation"))
        record = {
            "contact-edit": "personcontact", "contact-act": "personcontact", "order-edit": "serviceorder", "visit-add": "serviceorder", "visit-edit": "ordervisit", "visit-remove": "ordervisit",
            "file-edit": "filetransfer", "money-edit": "moneyheld", "discrepancy-edit": "discrepancy", "review-edit": "review", "view-edit": "savedview", "view-remove": "savedview",
            "capacity-edit": "providercapacity", "call-follow": "contactlog", "interim-edit": "interimoption", "concern-edit": "personconcern",
        }.get(page)
        values = {
            "ref": self.programme.ref, "public_id": first[about].public_id, "record": first[record].public_id if record else "", "number": self.users["OL"].pk, "slug": first["workstream"].slug, "code": "C09",
            "how": "end" if page == "contact-act" else "mark", "act": "hold", "field": "zone", "key": "zone", "kind": {"order-add": "new", "mapping-entry": "recommendation"}.get(page, "tracker"), "party": first["contractparty"].public_id,
            "run": (run or first["letterrun" if page.startswith("letter") else "importrun"]).public_id, "action_id": first["riskaction"].public_id, "escalation_id": first["escalation"].public_id,
            "batch": first["batch"].public_id, "hold": first["hold"].public_id, "sheet": first["allocationsheet"].public_id, "link": first["updatelink"].public_id, "token": TOKEN,
            "finding": first["listfinding"].public_id, "export": first["peopleexport"].public_id,
        }
        return reverse(name, kwargs={key: values[key] for key in wanted})

    def upload(self, rows: int) -> ImportRun:
        """A file whose import waits at its preview."""
        text = io.StringIO()
        text.write("Swift ID,Surname,Wave\n")
        for n in range(1, rows + 1):
            text.write(f"NEW{n},Import-{n},3\n")
        return imports.upload("tracker", self.programme, Actor.of(self.users["OL"], self.programme), "list.csv", text.getvalue().encode())


def models_of_ours() -> list[type[Any]]:
    """Every model of our apps: none is left out of the crowd unseen."""
    return [model for label in APPS for model in apps.get_app_config(label).get_models()]
