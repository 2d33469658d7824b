"""Addresses of the tracker and of staff transfers."""

from django.urls import path

from transfers.views import care_plans, cells, concerns, contacts, handover, lists, lists_beside, offers, orders, people, people_export, staff

app_name = "transfers"
PERSON = "programmes/<slug:ref>/people/<slug:public_id>/"
urlpatterns = [
    path("programmes/<slug:ref>/people/", people.PersonList.as_view(), name="person-list"),
    path("programmes/<slug:ref>/people/add/", people.PersonAdd.as_view(), name="person-add"),
    path("programmes/<slug:ref>/people/export/", people_export.PersonExport.as_view(), name="person-export"),
    path("programmes/<slug:ref>/people/export/<slug:export>/", people_export.ExportPage.as_view(), name="export-page"),
    path("programmes/<slug:ref>/people/export/<slug:export>/file/", people_export.ExportFile.as_view(), name="export-file"),
    path("programmes/<slug:ref>/people/workbook/", people_export.WholeTracker.as_view(), name="whole-tracker"),
    path("programmes/<slug:ref>/people/lists/", lists.ListsPage.as_view(), name="lists"),
    path("programmes/<slug:ref>/people/lists/beside/", lists_beside.ListsBeside.as_view(), name="lists-beside"),
    path("programmes/<slug:ref>/people/lists/<slug:finding>/", lists.FindingPage.as_view(), name="finding"),
    path("programmes/<slug:ref>/people/mark/", people.PersonBulk.as_view(), name="person-bulk"),
    path("programmes/<slug:ref>/people/<slug:public_id>/", people.PersonPage.as_view(), name="person-detail"),
    path("programmes/<slug:ref>/people/<slug:public_id>/cell/<slug:field>/", cells.PersonCell.as_view(), name="person-cell"),
    path("programmes/<slug:ref>/people/<slug:public_id>/change/", people.PersonEdit.as_view(), name="person-edit"),
    path("programmes/<slug:ref>/people/<slug:public_id>/do/<slug:act>/", people.PersonAct.as_view(), name="person-act"),
    path("programmes/<slug:ref>/people/<slug:public_id>/checkpoints/<str:code>/<slug:how>/", people.PersonCheckpoint.as_view(), name="checkpoint"),
    path(f"{PERSON}contacts/add/", contacts.ContactAdd.as_view(), name="contact-add"),
    path(f"{PERSON}contacts/<slug:record>/", contacts.ContactEdit.as_view(), name="contact-edit"),
    path(f"{PERSON}contacts/<slug:record>/<slug:how>/", contacts.ContactAct.as_view(), name="contact-act"),
    path(f"{PERSON}needs/", contacts.NeedsEdit.as_view(), name="needs-edit"),
    path(f"{PERSON}orders/add/<slug:kind>/", orders.OrderAdd.as_view(), name="order-add"),
    path(f"{PERSON}orders/share/", orders.OrderShare.as_view(), name="order-share"),
    path(f"{PERSON}orders/<slug:record>/", orders.OrderEdit.as_view(), name="order-edit"),
    path(f"{PERSON}orders/<slug:record>/visits/add/", orders.VisitAdd.as_view(), name="visit-add"),
    path(f"{PERSON}visits/<slug:record>/", orders.VisitEdit.as_view(), name="visit-edit"),
    path(f"{PERSON}visits/<slug:record>/remove/", orders.VisitRemove.as_view(), name="visit-remove"),
    path(f"{PERSON}file/route/", handover.FileRoute.as_view(), name="file-route"),
    path(f"{PERSON}file/add/", handover.FileAdd.as_view(), name="file-add"),
    path(f"{PERSON}file/<slug:record>/", handover.FileEdit.as_view(), name="file-edit"),
    path(f"{PERSON}money/add/", handover.MoneyAdd.as_view(), name="money-add"),
    path(f"{PERSON}money/<slug:record>/", handover.MoneyEdit.as_view(), name="money-edit"),
    path(f"{PERSON}care-plan/", care_plans.PlanCheck.as_view(), name="plan-check"),
    path(f"{PERSON}care-plan/receive/", care_plans.PlanReceive.as_view(), name="plan-receive"),
    path(f"{PERSON}discrepancies/add/", care_plans.DiscrepancyAdd.as_view(), name="discrepancy-add"),
    path(f"{PERSON}discrepancies/<slug:record>/", care_plans.DiscrepancyEdit.as_view(), name="discrepancy-edit"),
    path(f"{PERSON}concerns/add/", concerns.ConcernAdd.as_view(), name="concern-add"),
    path(f"{PERSON}concerns/<slug:record>/", concerns.ConcernEdit.as_view(), name="concern-edit"),
    path("programmes/<slug:ref>/offers/", offers.OfferList.as_view(), name="offer-list"),
    path("programmes/<slug:ref>/orders/", orders.OrderList.as_view(), name="order-list"),
    path("programmes/<slug:ref>/interim-options/", handover.InterimList.as_view(), name="interim-list"),
    path("programmes/<slug:ref>/interim-options/add/", handover.InterimForms.as_view(), name="interim-add"),
    path("programmes/<slug:ref>/interim-options/<slug:record>/", handover.InterimForms.as_view(), name="interim-edit"),
    path("programmes/<slug:ref>/staff/", staff.StaffList.as_view(), name="staff-list"),
    path("programmes/<slug:ref>/staff/tupe/<slug:public_id>/", staff.TupeEdit.as_view(), name="tupe-edit"),
    path("programmes/<slug:ref>/staff/<slug:public_id>/", staff.StaffDetail.as_view(), name="staff-detail"),
]
