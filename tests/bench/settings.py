"""The site's settings with the floors' addresses beside ours."""

from pathlib import Path

from mobilisation.settings import *  # noqa: F403
from mobilisation.settings import STATICFILES_DIRS, TEMPLATES

ROOT_URLCONF = "tests.bench.urls"
HERE = Path(__file__).resolve().parent
TEMPLATES = [{**TEMPLATES[0], "DIRS": [*TEMPLATES[0]["DIRS"], HERE / "templates"]}]
STATICFILES_DIRS = [*STATICFILES_DIRS]
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "ERROR"}}
