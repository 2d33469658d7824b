"""The first thing every process does: read the settings, or say in one sentence why it does not start."""

from __future__ import annotations

import os
import sys

from django.core.exceptions import ImproperlyConfigured


def settle(*, broker: bool = False, code: int = 1) -> None:
    """A refused setting is one line on the error stream and exit ``code``, never a traceback.

    ``broker``: the process hands work to others or takes it from them, so in production it needs the queue.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mobilisation.settings")
    from django.conf import settings

    try:
        if settings.PRODUCTION and broker and not settings.REDIS_URL:
            raise ImproperlyConfigured("REDIS_URL is missing: no work could pass from the pages to a worker in another process. Example: REDIS_URL=redis://redis:6379/0")
    except ImproperlyConfigured as error:
        sys.stderr.write(f"The site does not start. {error}\n")
        raise SystemExit(code) from None
