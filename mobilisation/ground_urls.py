"""Addresses of the ground app."""

from django.urls import path
from django.views.generic import TemplateView

from mobilisation.views import board

urlpatterns = [
    path("accessibility/", TemplateView.as_view(template_name="pages/accessibility.html"), name="accessibility"),
    path("glossary/", TemplateView.as_view(template_name="pages/glossary.html"), name="glossary"),
    path("privacy/", TemplateView.as_view(template_name="pages/privacy.html"), name="privacy"),
    path("programmes/<slug:ref>/board/", board.BoardPage.as_view(), name="board"),
]
