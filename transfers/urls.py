"""Addresses of the tracker and of staff transfers."""

from django.urls import path

from transfers.views import staff

app_name = "transfers"
urlpatterns = [
    path("programmes/<slug:ref>/staff/", staff.StaffList.as_view(), name="staff-list"),
    path("programmes/<slug:ref>/staff/tupe/<slug:public_id>/", staff.TupeEdit.as_view(), name="tupe-edit"),
    path("programmes/<slug:ref>/staff/<slug:public_id>/", staff.StaffDetail.as_view(), name="staff-detail"),
]
