"""The Celery application. Messages carry ids only; the truth is the ``Job`` row."""

import os
import sys
from pathlib import Path

from celery import Celery

from mobilisation.starting import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mobilisation.settings")
if Path(sys.argv[0]).name == "celery":
    settle(broker=True)

app = Celery("mobilisation")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
