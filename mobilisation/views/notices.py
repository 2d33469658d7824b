"""Notifications of the signed-in person."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import ListView

from mobilisation.models import Notification
from mobilisation.services import notices


class NotificationList(LoginRequiredMixin, ListView):
    template_name = "mobilisation/notification_list.html"
    paginate_by = 50

    def get_queryset(self):  # type: ignore[no-untyped-def]
        return Notification.objects.visible_to(self.request.user).select_related("programme")

    def post(self, request: HttpRequest) -> HttpResponse:
        if "mail_choice" in request.POST:
            notices.choose_mail(request.user, request.POST["mail_choice"])
        elif request.POST.get("resend", "").isdecimal():
            if notices.resend(request.user, int(request.POST["resend"])):
                messages.success(request, "Sent.")
            else:
                messages.error(request, "It could not be sent. The reason stands beside it.")
        else:
            notices.mark_read(request.user)
        return redirect("mobilisation:notifications")
