"""What every row of ours carries: a public id, who and when, a version."""

from __future__ import annotations

import secrets
import struct
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.db import models
from django.db.models.base import ModelState

from mobilisation import clock

M = TypeVar("M", bound=models.Model)
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]


def new_public_id() -> str:
    """Ten random characters without look-alikes: safe in an address, says nothing about the person."""
    number, letters = secrets.randbits(80), []
    for _ in range(5):
        number, place = divmod(number, len(_PAIRS))
        letters.append(_PAIRS[place])
    return "".join(letters)


def new_public_ids(count: int) -> Iterator[str]:
    """The same for ``count`` rows: the system is asked for chance once."""
    pairs, many = _PAIRS, len(_PAIRS)
    for a, b, c, d, e in struct.iter_unpack("=5Q", secrets.token_bytes(40 * count)):
        yield f"{pairs[a % many]}{pairs[b % many]}{pairs[c % many]}{pairs[d % many]}{pairs[e % many]}"


class Moment(models.DateTimeField):
    """A time stamp that asks our clock, so that a stopped clock stamps its own time. For the database an ordinary one."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if self.auto_now or (self.auto_now_add and add):
            value = clock.now()
            setattr(model_instance, self.attname, value)
            return value
        return super().pre_save(model_instance, add)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateTimeField", args, kwargs


class Record(models.Model):
    """Written by services only (``mobilisation.services.changes``)."""

    TRACKED: ClassVar[bool] = True
    PERSONAL: ClassVar[frozenset[str]] = frozenset()
    """Names of fields that hold personal data: shown in history only to those who see the record."""
    GOVERNED: ClassVar[frozenset[str]] = frozenset()
    """Of a record about people, the fields that say how it was dealt with (states, dates, bases), not who it is about: old and new of these are read by the governance roles too."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    created_at = Moment(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    updated_at = Moment(auto_now=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


def loaded(model: type[M], names: Sequence[str], row: Sequence[Any]) -> M:
    """The object of a row that ``values_list(*names)`` gave: what is not in it is read where it is asked for, as after ``only``.

    For the lists that everybody looks at all day: the constructor goes through every field of the model for every row.
    """
    made = model.__new__(model)
    made.__dict__.update(zip(names, row, strict=True))
    made._state = ModelState()
    made._state.adding, made._state.db = False, "default"
    return made
