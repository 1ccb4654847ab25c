"""Real SQLite in a folder of the test, a clock that a test turns, and a fake SGP."""

from __future__ import annotations

import os
import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from billing.contacts import ContactBook
from billing.database import open_database
from billing.deadline import Deadline
from billing.vault import Vault
from tests.billing.fake_sgp import FakeSgp
from tests.stack import KEYS

SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"


class Clock:
    """Seconds since the epoch; a test adds to `now`."""

    def __init__(self):
        self.now = 1_795_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def engine(tmp_path):
    made = open_database(f"sqlite:///{tmp_path / 'bot.db'}")
    yield made
    made.dispose()


@pytest.fixture
def vault():
    return Vault([KEYS["PII_ENCRYPTION_KEYS"]], KEYS["PII_INDEX_KEY"])


@pytest.fixture
def contacts(engine, vault, clock):
    return ContactBook(engine, vault, demo_allowed=True, clock=clock)


@pytest.fixture
def sgp():
    return FakeSgp()


@pytest.fixture
def deadline():
    return Deadline.after(60)


@pytest.fixture
def postgres():
    """A database of its own on the local server."""
    try:
        server = sa.create_engine(SERVER, isolation_level="AUTOCOMMIT", future=True)
        with server.connect() as connection:
            name = f"test_{uuid.uuid4().hex}"
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
    except (OperationalError, ImportError) as error:
        reason = f"PostgreSQL at 127.0.0.1:5432 is not to be had: {type(error).__name__}"
        if os.environ.get("REQUIRE_SERVICES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    yield str(make_url(SERVER).set(database=name))
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def sqlite(tmp_path):
    return f"sqlite:///{tmp_path / 'bot.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request):
    return request.getfixturevalue(request.param)
