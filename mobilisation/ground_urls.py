"""Addresses of the ground app."""

from django.urls import path

from mobilisation.views import board

urlpatterns = [
    path("programmes/<slug:ref>/board/", board.BoardPage.as_view(), name="board"),
]
