"""Shared fixtures. Time is frozen only in the tests that need it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import override_settings
from hypothesis import HealthCheck, settings

from tests.factories import ground

# How long an example takes is the machine's matter: no test is a timed one.
settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Half a second a password is right for people and half the time of the suite; what runs as a process of its own keeps it."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What only one database does is no test on the other: it is left out there, and runs where it says something."""
    elsewhere = [item for item in items if any(mark.args[0] != connection.vendor for mark in item.iter_markers("only"))]
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if item not in elsewhere]


@pytest.fixture
def programme(db):
    """A provider exit on Thu 1 Apr 2027 with its parties."""
    return ground.provider_exit()


@pytest.fixture
def sign_in(client):
    """``sign_in("OL", programme)`` → a client signed in as a fresh user in that role."""

    def enter(role, programme=None, **extra):
        user = ground.user_in(role, programme, **extra)
        client.force_login(user)
        client.user = user
        return client

    return enter


os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
