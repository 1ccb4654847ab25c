"""A fresh database for a test: a SQLite file, or a database of its own on the local PostgreSQL server."""

from __future__ import annotations

import os
import uuid
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"


@contextmanager
def postgres_database():
    """Address of a new database on the local server; it is dropped at the end."""
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
def postgres():
    """A PostgreSQL database that nobody has touched."""
    with postgres_database() as address:
        yield address


@pytest.fixture(scope="session")
def shared_postgres():
    """A PostgreSQL database for tests that empty its tables themselves: making one takes seconds."""
    with postgres_database() as address:
        yield address


@pytest.fixture
def sqlite(tmp_path):
    """A SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'bot.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request):
    """A database that nobody has touched, of each kind once."""
    return request.getfixturevalue(request.param)
