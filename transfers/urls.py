"""Addresses of the tracker and of staff transfers."""

from django.urls import path

from transfers.views import cells, people, people_export, staff

app_name = "transfers"
urlpatterns = [
    path("programmes/<slug:ref>/people/", people.PersonList.as_view(), name="person-list"),
    path("programmes/<slug:ref>/people/add/", people.PersonAdd.as_view(), name="person-add"),
    path("programmes/<slug:ref>/people/export/", people_export.PersonExport.as_view(), name="person-export"),
    path("programmes/<slug:ref>/people/mark/", people.PersonBulk.as_view(), name="person-bulk"),
    path("programmes/<slug:ref>/people/<slug:public_id>/", people.PersonPage.as_view(), name="person-detail"),
    path("programmes/<slug:ref>/people/<slug:public_id>/cell/<slug:field>/", cells.PersonCell.as_view(), name="person-cell"),
    path("programmes/<slug:ref>/people/<slug:public_id>/change/", people.PersonEdit.as_view(), name="person-edit"),
    path("programmes/<slug:ref>/people/<slug:public_id>/do/<slug:act>/", people.PersonAct.as_view(), name="person-act"),
    path("programmes/<slug:ref>/people/<slug:public_id>/checkpoints/<str:code>/<slug:how>/", people.PersonCheckpoint.as_view(), name="checkpoint"),
    path("programmes/<slug:ref>/staff/", staff.StaffList.as_view(), name="staff-list"),
    path("programmes/<slug:ref>/staff/tupe/<slug:public_id>/", staff.TupeEdit.as_view(), name="tupe-edit"),
    path("programmes/<slug:ref>/staff/<slug:public_id>/", staff.StaffDetail.as_view(), name="staff-detail"),
]
