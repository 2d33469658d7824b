"""Addresses of the portfolio, the dashboards, the library of reports and of the same facts as JSON."""

from django.urls import path

from reporting.views import api, dashboard, portfolio, reports

app_name = "reporting"
_IN = "programmes/<slug:ref>/"
urlpatterns = [
    path("", portfolio.Portfolio.as_view(), name="portfolio"),
    path(_IN, dashboard.Dashboard.as_view(), name="dashboard"),
    path(f"{_IN}colours/", dashboard.Colours.as_view(), name="colours"),
    path(f"{_IN}reports/", reports.ReportList.as_view(), name="report-list"),
    path(f"{_IN}reports/draft/", reports.Draft.as_view(), name="pack-draft"),
    path(f"{_IN}reports/weeks/<slug:public_id>/", dashboard.FrozenWeek.as_view(), name="snapshot-detail"),
    path(f"{_IN}reports/packs/<slug:public_id>/", reports.PackPage.as_view(), name="pack-detail"),
    path(f"{_IN}reports/packs/<slug:public_id>/preview/", reports.Preview.as_view(), name="pack-preview"),
    path(f"{_IN}reports/packs/<slug:public_id>/download/", reports.Download.as_view(), name="pack-download"),
    path(f"{_IN}reports/packs/<slug:public_id>/<slug:act>/", reports.PackAct.as_view(), name="pack-act"),
    *api.urlpatterns,
]
