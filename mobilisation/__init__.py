"""The site and the ground everything stands on."""

from mobilisation.celery import app as celery_app

__all__ = ["celery_app"]
