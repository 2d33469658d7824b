"""What must hold of everybody on every tracker, whatever wrote it: each invariant is one statement, however many people.

A constraint keeps some of these out already; they are asked all the same, since a restored or repaired database may be without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When

from mobilisation.models import Change
from transfers.choices import Ending, Response, SafetyOutcome, Status
from transfers.models import Allocation, Checkpoint, Hold, HospitalEpisode, PersonTransfer, SafetyCheck
from transfers.rules import gates
from transfers.rules.safety import COMPLETES

GOING = Q(ending="")
_EMPTY = r"^\s*$"


@dataclass(frozen=True)
class Invariant:
    """``broken(as_of)``: rows that break it, with ``reference`` of the programme and ``id`` for the sentence ``words``."""

    title: str
    words: str
    broken: Callable[[date], QuerySet]

    def faults(self, as_of: date) -> Iterator[str]:
        """Sentences with the programme and public ids, never a name."""
        for row in self.broken(as_of).order_by("pk").values("reference", "id_shown").iterator(chunk_size=500):
            yield f"{row['reference']}: {self.words.format(id=row['id_shown'])}"


def _people(condition: Q) -> QuerySet:
    return _named(PersonTransfer.objects.filter(condition), "")


def _named(found: QuerySet, path: str) -> QuerySet:
    return found.annotate(reference=F(f"{path}programme__reference"), id_shown=F(f"{path}public_id"))


def _mark(code: str, **more: object) -> Exists:
    return Exists(Checkpoint.objects.filter(person=OuterRef("pk"), code=code, **(more or {"state__in": list(gates.SETTLED)})))


_STAY = Exists(HospitalEpisode.objects.filter(person=OuterRef("pk"), open=True))
_HELD = Exists(
    Hold.objects.filter(programme=OuterRef("programme"), lifted_on__isnull=True).filter(
        Q(scope="person", person=OuterRef("pk")) | Q(scope="wave", wave=OuterRef("wave")) | Q(scope="provider", provider=OuterRef("incoming_provider"))
        | Q(scope="provider", provider=OuterRef("exiting_provider"))
    )
)


def _stateless(as_of: date) -> QuerySet:
    return _people(~Q(status__in=Status.values) | ~Q(ending__in=["", *Ending.values]))


def _lost_after_t(as_of: date) -> QuerySet:
    blue = Q(blue=True) & (Q(blue_until__isnull=True) | Q(blue_until__gte=as_of))
    red = Q(red_from__isnull=False, red_from__lte=as_of) & ~blue
    return _people(GOING & Q(planned_transfer_date__lt=as_of) & ~_mark("C15") & ~Q(_STAY) & ~Q(_HELD) & ~red)


def _unchecked(as_of: date) -> QuerySet:
    return _people(GOING & Q(safety_due__isnull=True) & Q(_mark("C15")) & ~_mark("C16"))


def _checked_by_nobody(as_of: date) -> QuerySet:
    recorded = Exists(SafetyCheck.objects.filter(person=OuterRef("pk"), number=1, outcome__in=[one for one in SafetyOutcome.values if one in COMPLETES]))
    return _people(Q(_mark("C16", state="done")) & ~Q(recorded))


def _hospital_unsaid(as_of: date) -> QuerySet:
    return _people((Q(in_hospital=True) & ~Q(_STAY)) | (Q(in_hospital=False) & Q(_STAY)))


def _hold_unsaid(as_of: date) -> QuerySet:
    return _people((Q(on_hold=True) & ~Q(_HELD)) | (Q(on_hold=False) & Q(_HELD)))


def _more_than_one(found: QuerySet) -> QuerySet:
    several = found.values("person").annotate(n=Count("pk")).filter(n__gt=1)
    return _people(Q(pk__in=several.values("person")))


def _another_provider(as_of: date) -> QuerySet:
    """The offer that stands is for somebody else than the provider on the row, so that two of them could turn up."""
    current = Allocation.objects.filter(person=OuterRef("pk"), current=True).exclude(response=Response.DECLINED)
    return _people(Q(Exists(current)) & ~Q(Exists(current.filter(provider=OuterRef("incoming_provider")))))


def _waived_unsaid(as_of: date) -> QuerySet:
    return _named(Checkpoint.objects.filter(state="waived").filter(Q(note__regex=_EMPTY) | Q(risk_assessment__regex=_EMPTY)), "person__")


def _held_unsaid(as_of: date) -> QuerySet:
    return Hold.objects.filter(Q(reason__regex=_EMPTY) | Q(lifted_on__isnull=False, lifted_why__regex=_EMPTY)).annotate(reference=F("programme__reference"), id_shown=F("public_id"))


def _ended_unsaid(as_of: date) -> QuerySet:
    said = Exists(Change.objects.filter(entity="transfers.persontransfer", object_id=OuterRef("pk"), action="ended").exclude(why__regex=_EMPTY))
    return _people(~GOING & (Q(ended_on__isnull=True) | Q(ended_on__gt=as_of) | ~Q(said)))


def _status_otherwise(as_of: date) -> QuerySet:
    """The twin in SQL of ``rules.gates.status_of``."""
    visited = _mark("C15")
    furthest = Case(
        When(_mark("C20") & Q(visited), then=Value("closed")), When(_mark("C18") & Q(visited), then=Value("settled")), When(visited, then=Value("transferred")),
        When(_mark("C14"), then=Value("ready")), When(_mark("C09"), then=Value("allocated")), When(_mark("C04"), then=Value("informed")), When(_mark("C03"), then=Value("rated")),
        default=Value("listed"),
    )
    return _people(Q(status__in=Status.values)).annotate(furthest=furthest).exclude(status=F("furthest"))


INVARIANTS: tuple[Invariant, ...] = (
    Invariant("one state", "person {id} is in none of the states of the tracker.", _stateless),
    Invariant("status and checkpoints", "person {id}: the status is not the furthest checkpoint that is settled.", _status_otherwise),
    Invariant("past the transfer date", "person {id} is past the transfer date without a first visit, neither on hold nor in hospital, and not counted Red.", _lost_after_t),
    Invariant("safety checks due", "person {id} has moved, and no safety check is due or done.", _unchecked),
    Invariant("safety checks made", "person {id}: C16 is done, and no safety check that completes it is recorded.", _checked_by_nobody),
    Invariant("in hospital", "person {id}: the row and the open stay disagree about hospital.", _hospital_unsaid),
    Invariant("on hold", "person {id}: the row and the holds in force disagree.", _hold_unsaid),
    Invariant("one stay in hospital", "person {id} has two open stays in hospital.", lambda as_of: _more_than_one(HospitalEpisode.objects.filter(open=True))),
    Invariant("one incoming provider", "person {id} stands with two incoming providers at once.", lambda as_of: _more_than_one(Allocation.objects.filter(current=True))),
    Invariant("offer and row", "person {id}: the offer that stands is for another provider than the row says.", _another_provider),
    Invariant("waivers", "person {id}: a checkpoint is waived without a reason or a risk assessment.", _waived_unsaid),
    Invariant("holds", "hold {id} has no reason, or was lifted without one.", _held_unsaid),
    Invariant("endings", "person {id} has left the list without a day that has come and a reason.", _ended_unsaid),
)
