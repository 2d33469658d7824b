"""Addresses of the site. Other apps are named by dotted string only."""

from django.urls import include, path

from mobilisation.ground_urls import urlpatterns as ground
from mobilisation.views import office, sign_on

handler400 = "mobilisation.views.errors.bad_request"
handler403 = "mobilisation.views.errors.forbidden"
handler404 = "mobilisation.views.errors.not_found"
handler429 = "mobilisation.views.errors.too_many"
handler500 = "mobilisation.views.errors.server_error"

urlpatterns = [
    # Rights hang on the address: only an administrator changes it.
    path("accounts/email/", office.own_address),
    path("accounts/oidc/<str:provider_id>/login/", sign_on.start),
    path("accounts/", include("allauth.urls")),
    path("", include((ground, "mobilisation"))),
    path("", include("risks.urls")),
    path("", include("transfers.urls")),
    path("", include("workstreams.urls")),
    path("", include("reporting.urls")),
]
