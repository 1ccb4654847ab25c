"""The engine, and the statements that SQLite and PostgreSQL need each in their own words."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from billing.tables import metadata

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Dialect, Engine
    from sqlalchemy.engine.interfaces import Compiled

LOCK_SECONDS = 10
"""How long a process waits for another that has the SQLite file."""


def open_database(url: str) -> Engine:
    """Connect and make the tables that are missing.

    Args:
        url: Address as SQLAlchemy writes it.

    Returns:
        An engine whose connections may be used from any thread.
    """
    # Errors of the driver show the statement; its parameters are people's.
    options: dict[str, Any] = {"future": True, "hide_parameters": True}
    database = make_url(url)
    if database.get_backend_name() == "sqlite":
        # One file shared by the Rasa server, the action server and their threads.
        options["connect_args"] = {"check_same_thread": False, "timeout": LOCK_SECONDS}
    else:
        options["pool_pre_ping"] = True
        options["pool_size"] = 16
        options["max_overflow"] = 48
    engine: Engine = sa.create_engine(database, **options)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
    create_tables(engine, metadata)
    return engine


def create_tables(engine: Engine, tables: sa.MetaData) -> None:
    """Make the tables that are missing, also while other processes do the same.

    Args:
        engine: The database.
        tables: What shall be there.

    Raises:
        sqlalchemy.exc.DBAPIError: When the database cannot be reached or refuses.
    """
    engine.connect().close()
    # SQLite makes tables one by one and PostgreSQL reports a lost race as a duplicate name: each failure
    # means that somebody else has made at least one of them.
    for _ in tables.tables:
        with suppress(OperationalError, ProgrammingError, IntegrityError):
            tables.create_all(engine)
            return
    tables.create_all(engine)


def add_row(connection: Connection, table: sa.Table, row: dict[str, Any]) -> bool:
    """Insert a row unless one with the same unique value is there.

    Args:
        connection: In a transaction.
        table: One of `billing.tables`.
        row: Columns by name.

    Returns:
        Whether it was inserted; False changes nothing.
    """
    added = connection.execute(_adding(connection.dialect, table, tuple(row)), row)
    return bool(added.rowcount == 1)


def put_row(connection: Connection, table: sa.Table, row: dict[str, Any]) -> None:
    """Write a row over the one with the same primary key, if there is one.

    One statement, because of two that delete and insert at once PostgreSQL refuses the later.

    Args:
        connection: In a transaction.
        table: One of `billing.tables`.
        row: Every column by name.
    """
    connection.execute(_putting(connection.dialect, table, tuple(row)), row)


# SQLAlchemy 1.4 compiles what an insert does on conflict each time anew, which takes longer than running it.
@lru_cache
def _adding(dialect: Dialect, table: sa.Table, columns: tuple[str, ...]) -> Compiled:
    statement = _insert(dialect, table).on_conflict_do_nothing()
    compiled: Compiled = statement.compile(dialect=dialect, column_keys=columns)
    return compiled


@lru_cache
def _putting(dialect: Dialect, table: sa.Table, columns: tuple[str, ...]) -> Compiled:
    statement = _insert(dialect, table)
    key = [column.name for column in table.primary_key]
    rest = {name: statement.excluded[name] for name in columns if name not in key}
    statement = statement.on_conflict_do_update(index_elements=key, set_=rest)
    compiled: Compiled = statement.compile(dialect=dialect, column_keys=columns)
    return compiled


def _insert(dialect: Dialect, table: sa.Table) -> Any:
    words = postgresql if dialect.name == "postgresql" else sqlite
    return words.insert(table)


def _tune_sqlite(connection: Any, _record: object) -> None:
    give_up_at = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            # WAL lets readers go on while one process writes.
            connection.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError:
            # Another process is switching the same new file; SQLite does not wait for this lock by itself.
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.01)
    connection.execute("PRAGMA synchronous=NORMAL")
