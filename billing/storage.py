"""Tables and engine. Everything personal in them is sealed or hashed by the vault."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine

LOCK_SECONDS = 10
"""How long a process waits for another that has the SQLite file."""

metadata = sa.MetaData()

contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("sender_id", sa.String(32), primary_key=True),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("proof", sa.String(16), nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("expires_at", sa.Float),
)

identities = sa.Table(
    "identities",
    metadata,
    sa.Column("sender_id", sa.String(32), primary_key=True),
    sa.Column("document_index", sa.String(32), nullable=False),
    sa.Column("customer", sa.Text, nullable=False),
    sa.Column("verified_at", sa.Float, nullable=False),
    sa.Column("used_at", sa.Float, nullable=False),
)

verifications = sa.Table(
    "verifications",
    metadata,
    sa.Column("sender_id", sa.String(32), primary_key=True),
    sa.Column("document_index", sa.String(32), primary_key=True),
    sa.Column("verified_at", sa.Float, nullable=False),
)

identification_failures = sa.Table(
    "identification_failures",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sender_id", sa.String(32), nullable=False, index=True),
    sa.Column("document_index", sa.String(32), nullable=False, index=True),
    sa.Column("failed_at", sa.Float, nullable=False, index=True),
)

write_claims = sa.Table(
    "write_claims",
    metadata,
    sa.Column("claim", sa.String(32), primary_key=True),
    sa.Column("operation", sa.String(32), nullable=False),
    sa.Column("claimed_at", sa.Float, nullable=False),
    sa.Column("outcome", sa.Text),
)

holds = sa.Table(
    "holds",
    metadata,
    sa.Column("sender_id", sa.String(32), primary_key=True),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("held_at", sa.Float, nullable=False),
    sa.Column("until", sa.Float, nullable=False),
)

media = sa.Table(
    "media",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("content_type", sa.String(64), nullable=False),
    sa.Column("filename", sa.Text, nullable=False),
    sa.Column("expires_at", sa.Float, nullable=False, index=True),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("scope", sa.String(16), primary_key=True),
    sa.Column("sender_id", sa.String(32), primary_key=True),
    sa.Column("fence", sa.Integer, nullable=False),
    sa.Column("until", sa.Float, nullable=False),
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("arrival", sa.Integer, primary_key=True),
    sa.Column("message_sid", sa.String(64), nullable=False, unique=True),
    sa.Column("sender_id", sa.String(32), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("received_at", sa.Float, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("turn", sa.String(64)),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("started_at", sa.Float),
    sa.Index("ix_inbox_window", "sender_id", "received_at"),
    # Arrival numbers are never given twice, also after the newest rows were purged.
    sqlite_autoincrement=True,
)
sa.Index(
    "ix_inbox_waiting",
    inbox.c.sender_id,
    inbox.c.arrival,
    sqlite_where=inbox.c.state == "waiting",
    postgresql_where=inbox.c.state == "waiting",
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("outbox_id", sa.String(32), nullable=False, unique=True),
    sa.Column("sender_id", sa.String(32), nullable=False),
    sa.Column("once", sa.String(32), unique=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("due_at", sa.Float, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("sent_at", sa.Float),
    sa.Column("twilio_sid", sa.String(64), index=True),
    sa.Column("status", sa.String(16)),
    sa.Column("error_code", sa.Integer),
    sa.Index("ix_outbox_order", "sender_id", "position"),
    sqlite_autoincrement=True,
)
sa.Index(
    "ix_outbox_open",
    outbox.c.sender_id,
    outbox.c.position,
    sqlite_where=outbox.c.state.in_(("waiting", "sending", "unknown")),
    postgresql_where=outbox.c.state.in_(("waiting", "sending", "unknown")),
)

sa.Index(
    "ix_outbox_unheard",
    outbox.c.due_at,
    sqlite_where=outbox.c.state == "accepted",
    postgresql_where=outbox.c.state == "accepted",
)

button_offers = sa.Table(
    "button_offers",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("sender_id", sa.String(32), nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("expires_at", sa.Float, nullable=False, index=True),
)

content_templates = sa.Table(
    "content_templates",
    metadata,
    sa.Column("shape", sa.String(64), primary_key=True),
    sa.Column("sid", sa.String(64), nullable=False),
)

audit_chains = sa.Table(
    "audit_chains",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("chain", sa.String(32), nullable=False, unique=True),
    sa.Column("day", sa.String(10), nullable=False, index=True),
    sa.Column("length", sa.Integer, nullable=False),
    sa.Column("last_mac", sa.String(64), nullable=False),
    sa.Column("dropped_at", sa.Float),
    sa.Column("seal", sa.String(64), nullable=False),
)

audit_rows = sa.Table(
    "audit_rows",
    metadata,
    sa.Column("chain", sa.String(32), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("sender", sa.String(32), nullable=False, index=True),
    sa.Column("document", sa.String(32), nullable=False, index=True),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("step", sa.String(16), nullable=False),
    sa.Column("outcome", sa.String(64), nullable=False),
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("mac", sa.String(64), nullable=False),
)

audit_salts = sa.Table(
    "audit_salts",
    metadata,
    sa.Column("person", sa.String(32), primary_key=True),
    sa.Column("salt", sa.String(64), nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
)


privacy_notices = sa.Table(
    "privacy_notices",
    metadata,
    sa.Column("sender_id", sa.String(32), primary_key=True),
    sa.Column("told_at", sa.Float, nullable=False),
)

events = sa.Table(
    "events",
    metadata,
    # Columns as in SQLEvent of rasa/core/tracker_store.py (3.6.21), whose queries read this table.
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sender_id", sa.String(255), nullable=False, index=True),
    sa.Column("type_name", sa.String(255), nullable=False),
    sa.Column("timestamp", sa.Float, index=True),
    sa.Column("intent_name", sa.String(255)),
    sa.Column("action_name", sa.String(255)),
    sa.Column("data", sa.Text),
)


def place(column: sa.Column[Any], owner: str) -> str:
    """Where something is sealed: it opens in this column and for this owner only.

    Args:
        column: One of this module's.
        owner: What the row belongs to: a sender id, or the row's own key.
    """
    return f"{column.table.name}.{column.name}\0{owner}"


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
        table: One of this module's.
        row: Columns by name.

    Returns:
        Whether it was inserted; False changes nothing.
    """
    added = connection.execute(_insert(connection, table).values(row).on_conflict_do_nothing())
    return bool(added.rowcount == 1)


def put_row(connection: Connection, table: sa.Table, row: dict[str, Any]) -> None:
    """Write a row over the one with the same primary key, if there is one.

    One statement, because of two that delete and insert at once PostgreSQL refuses the later.

    Args:
        connection: In a transaction.
        table: One of this module's.
        row: Every column by name.
    """
    key = [column.name for column in table.primary_key]
    rest = {name: value for name, value in row.items() if name not in key}
    statement = _insert(connection, table).values(row)
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=rest))


def _insert(connection: Connection, table: sa.Table) -> Any:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


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
