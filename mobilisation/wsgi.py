"""Entry point of the production web server. The embedded way (``manage.py serve``) does not come through here."""

from django.core.wsgi import get_wsgi_application

from mobilisation.starting import settle

# 3 tells gunicorn that trying again is of no use.
settle(broker=True, code=3)
application = get_wsgi_application()
