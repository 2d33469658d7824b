"""Addresses of the register."""

from django.urls import path

from risks.views import issues, register

app_name = "risks"
_IN = "programmes/<slug:ref>/risks/"
urlpatterns = [
    path(_IN, register.RiskList.as_view(), name="risk-list"),
    path(f"{_IN}matrix/", register.Matrix.as_view(), name="matrix"),
    path(f"{_IN}add/", register.RiskWrite.as_view(), name="risk-add"),
    path(f"{_IN}issues/", issues.IssueList.as_view(), name="issue-list"),
    path(f"{_IN}issues/add/", issues.IssueWrite.as_view(), name="issue-add"),
    path(f"{_IN}issues/<slug:public_id>/", issues.IssueWrite.as_view(), name="issue-edit"),
    path(f"{_IN}issues/<slug:public_id>/escalations/<slug:escalation_id>/", issues.IssueAcknowledge.as_view(), name="issue-acknowledge"),
    path(f"{_IN}opportunities/", issues.OpportunityList.as_view(), name="opportunity-list"),
    path(f"{_IN}opportunities/add/", issues.OpportunityWrite.as_view(), name="opportunity-add"),
    path(f"{_IN}opportunities/<slug:public_id>/", issues.OpportunityWrite.as_view(), name="opportunity-edit"),
    path(f"{_IN}<slug:public_id>/", register.RiskDetail.as_view(), name="risk-detail"),
    path(f"{_IN}<slug:public_id>/edit/", register.RiskWrite.as_view(), name="risk-edit"),
    path(f"{_IN}<slug:public_id>/actions/<slug:action_id>/", register.ActionEnd.as_view(), name="action-end"),
    path(f"{_IN}<slug:public_id>/escalations/<slug:escalation_id>/", register.Acknowledge.as_view(), name="escalation-acknowledge"),
]
