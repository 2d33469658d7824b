"""Meetings, decisions and actions of a programme."""

from __future__ import annotations

from django.views.generic import TemplateView

from mobilisation.roles import Can
from mobilisation.views.scope import ProgrammeView


class BoardPage(ProgrammeView, TemplateView):
    required = Can.BOARD_VIEW
    template_name = "mobilisation/board.html"
