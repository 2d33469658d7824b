"""Addresses of the plan, of readiness and of the wizard that opens a programme."""

from django.urls import path

from workstreams.views import calls, plan, readiness, wizard

app_name = "workstreams"
urlpatterns = [
    path("programmes/new/", wizard.ProgrammeWizard.as_view(), name="programme-create"),
    path("programmes/<slug:ref>/plan/", plan.PlanPage.as_view(), name="plan"),
    path("programmes/<slug:ref>/plan/gantt/", plan.Gantt.as_view(), name="gantt"),
    path("programmes/<slug:ref>/plan/variations/", plan.VariationList.as_view(), name="variation-list"),
    path("programmes/<slug:ref>/plan/steps/<slug:public_id>/", plan.StepDetail.as_view(), name="step-detail"),
    path("programmes/<slug:ref>/plan/steps/<slug:public_id>/row/", plan.StepRow.as_view(), name="step-row"),
    path("programmes/<slug:ref>/workstreams/<slug:slug>/", plan.WorkstreamDetail.as_view(), name="workstream-detail"),
    path("programmes/<slug:ref>/enquiries/", calls.Enquiries.as_view(), name="enquiry-list"),
    path("programmes/<slug:ref>/enquiries/script/", calls.Script.as_view(), name="script"),
    path("programmes/<slug:ref>/enquiries/<slug:public_id>/", calls.EnquiryAnswer.as_view(), name="enquiry-answer"),
    path("programmes/<slug:ref>/readiness/", readiness.ReadinessPage.as_view(), name="readiness"),
    path("programmes/<slug:ref>/readiness/conditions/new/", readiness.ConditionAdd.as_view(), name="condition-add"),
    path("programmes/<slug:ref>/readiness/conditions/<slug:public_id>/", readiness.ConditionEdit.as_view(), name="condition-edit"),
    path("programmes/<slug:ref>/readiness/criteria/<slug:public_id>/", readiness.CriterionEdit.as_view(), name="criterion-edit"),
]
