"""The Celery application. Messages carry ids only; the truth is the ``Job`` row."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mobilisation.settings")

app = Celery("mobilisation")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
