"""Entry point of the production web server. The embedded way (``manage.py serve``) does not come through here."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mobilisation.settings")
if settings.PRODUCTION and not settings.REDIS_URL:
    raise ImproperlyConfigured("REDIS_URL is missing: these pages could hand no work to a worker in another process. Example: REDIS_URL=redis://redis:6379/0")
application = get_wsgi_application()
