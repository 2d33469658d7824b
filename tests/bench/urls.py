"""Our addresses, and the floors' under /floor/."""

from django.urls import path

from mobilisation import urls as site
from tests.bench import floors

handler404 = site.handler404
handler500 = site.handler500
urlpatterns = [
    path("floor/people/<int:programme>/", floors.people),
    path("floor/save/<int:person>/", floors.save),
    path("floor/portfolio/", floors.portfolio),
    *site.urlpatterns,
]
