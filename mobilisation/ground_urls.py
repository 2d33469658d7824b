"""Addresses of the ground app."""

from django.urls import path
from django.views.generic import TemplateView

from mobilisation.views import audit, board, health, imports, jobs, notices, roles, setup

urlpatterns = [
    path("healthz", health.alive, name="health"),
    path("readyz", health.ready, name="ready"),
    path("setup/", setup.Setup.as_view(), name="setup"),
    path("jobs/", jobs.JobList.as_view(), name="job-list"),
    path("jobs/<slug:public_id>/", jobs.JobPage.as_view(), name="job-detail"),
    path("notifications/", notices.NotificationList.as_view(), name="notifications"),
    path("audit/access/", audit.AccessLogPage.as_view(), name="access-log"),
    path("audit/access/csv/", audit.AccessLogPage.as_view(), {"csv": True}, name="access-log-csv"),
    path("audit/history/", audit.HistoryLogPage.as_view(), name="history-log"),
    path("audit/history/csv/", audit.HistoryLogPage.as_view(), {"csv": True}, name="history-log-csv"),
    path("programmes/<slug:ref>/roles/", roles.PeopleAndRoles.as_view(), name="people-and-roles"),
    path("programmes/<slug:ref>/roles/<slug:public_id>/end/", roles.EndRole.as_view(), name="role-end"),
    path("programmes/<slug:ref>/settings/", roles.ProgrammeSettings.as_view(), name="programme-settings"),
    path("programmes/<slug:ref>/history/", audit.ProgrammeHistory.as_view(), name="history"),
    path("accessibility/", TemplateView.as_view(template_name="pages/accessibility.html"), name="accessibility"),
    path("glossary/", TemplateView.as_view(template_name="pages/glossary.html"), name="glossary"),
    path("privacy/", TemplateView.as_view(template_name="pages/privacy.html"), name="privacy"),
    path("programmes/<slug:ref>/board/", board.BoardPage.as_view(), name="board"),
    path("programmes/<slug:ref>/board/meetings/", board.MeetingList.as_view(), name="meeting-list"),
    path("programmes/<slug:ref>/board/meetings/add/", board.MeetingWrite.as_view(), name="meeting-add"),
    path("programmes/<slug:ref>/board/meetings/<slug:public_id>/", board.MeetingDetail.as_view(), name="meeting-detail"),
    path("programmes/<slug:ref>/board/meetings/<slug:public_id>/edit/", board.MeetingWrite.as_view(), name="meeting-edit"),
    path("programmes/<slug:ref>/board/decisions/", board.DecisionList.as_view(), name="decision-list"),
    path("programmes/<slug:ref>/board/decisions/add/", board.DecisionWrite.as_view(), name="decision-add"),
    path("programmes/<slug:ref>/board/decisions/<slug:public_id>/", board.DecisionWrite.as_view(), name="decision-edit"),
    path("programmes/<slug:ref>/board/actions/", board.ActionList.as_view(), name="action-list"),
    path("programmes/<slug:ref>/board/actions/add/", board.ActionWrite.as_view(), name="action-add"),
    path("programmes/<slug:ref>/board/actions/<slug:public_id>/", board.ActionWrite.as_view(), name="action-edit"),
    path("programmes/<slug:ref>/import/<slug:kind>/", imports.Start.as_view(), name="import-start"),
    path("programmes/<slug:ref>/import/<slug:kind>/<slug:run>/", imports.Run.as_view(), name="import-run"),
    path("programmes/<slug:ref>/import/<slug:kind>/<slug:run>/sheet/", imports.SheetStep.as_view(), name="import-sheet"),
    path("programmes/<slug:ref>/import/<slug:kind>/<slug:run>/columns/", imports.ColumnsStep.as_view(), name="import-columns"),
    path("programmes/<slug:ref>/import/<slug:kind>/<slug:run>/preview/", imports.Preview.as_view(), name="import-preview"),
]
