"""Shared fixtures. Time is frozen only in the tests that need it."""

from __future__ import annotations

import os

import pytest

from tests.factories import ground


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
