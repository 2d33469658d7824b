"""What the tests of pages ask."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext


def queries(client, path) -> int:
    """What a page costs once it has been opened before."""
    client.get(path)
    with CaptureQueriesContext(connection) as found:
        assert client.get(path).status_code == 200
    return len(found)


def as_sent(response) -> dict[str, str]:
    """What a browser would send back of the form as it stands."""
    form = response.context["form"]
    return {name: "" if form[name].value() is None else form[name].value() for name in form.fields if form[name].value() is not False}
