"""``/api/v1/``: the same facts as JSON, for reading only."""

from reporting.views.api.endpoints import ENDPOINTS, document, urlpatterns

__all__ = ["ENDPOINTS", "document", "urlpatterns"]
