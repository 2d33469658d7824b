"""What the register can be narrowed to; the address carries it."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from mobilisation.veil.reader import in_sight
from risks.choices import RiskScope
from risks.models import Risk
from risks.rules import Band


class RiskFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="Words or reference", method="words")
    band = django_filters.ChoiceFilter(label="Band", choices=[(str(b), b.word) for b in reversed(Band)], method="in_band", empty_label="Any")
    scope = django_filters.ChoiceFilter(label="Whose risk", choices=RiskScope.choices, empty_label="Any")
    owner = django_filters.CharFilter(label="Owner", method="owned")
    likelihood = django_filters.NumberFilter(widget=forms.HiddenInput)
    consequence = django_filters.NumberFilter(widget=forms.HiddenInput)
    initial_likelihood = django_filters.NumberFilter(widget=forms.HiddenInput)
    initial_consequence = django_filters.NumberFilter(widget=forms.HiddenInput)

    class Meta:
        model = Risk
        fields = ()

    def words(self, rows: QuerySet[Risk], name: str, value: str) -> QuerySet[Risk]:
        found = rows.filter(Q(ref__iexact=value) | Q(event__icontains=value) | Q(cause__icontains=value) | Q(effect__icontains=value))
        return in_sight(self.request, found, value, "ref", "event", "cause", "effect")

    def in_band(self, rows: Any, name: str, value: str) -> QuerySet[Risk]:
        return rows.in_band(Band(value))

    def owned(self, rows: QuerySet[Risk], name: str, value: str) -> QuerySet[Risk]:
        return rows.filter(Q(owner_name__icontains=value) | Q(owner__name__icontains=value))
