"""Staff, their training and the TUPE record."""

from __future__ import annotations

import itertools
from datetime import date

from mobilisation.access import Actor
from mobilisation.models import Organisation, Programme
from transfers.models.staff import StaffTransfer, TupeProcess
from transfers.services import staff as services

_numbers = itertools.count(300)


def exiting(programme: Programme) -> Organisation:
    return Organisation.objects.get(party_to__contract__programmes=programme, party_to__role="exiting")


def member(programme: Programme, **fields) -> StaffTransfer:
    """A care worker of the exiting provider."""
    return StaffTransfer.objects.create(
        programme=programme, exiting=fields.pop("exiting", None) or exiting(programme),
        **({"staff_ref": f"{next(_numbers):05d}", "surname": "Okafor", "forename": "Jean", "job_role": "Care worker", "hours": 20} | fields),
    )


def tupe(programme: Programme, transfer_date: date = date(2027, 4, 1), **fields) -> TupeProcess:
    return TupeProcess.objects.create(programme=programme, transferor=exiting(programme), transfer_date=transfer_date, **fields)


def essential_checks(programme: Programme) -> list:
    return services.requirements(programme, Actor.system("test"))
