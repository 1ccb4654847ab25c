"""The project's tables. Everything personal in them is sealed or hashed by the vault."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

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
        column: Of one of the tables above.
        owner: What the row belongs to: a sender id, or the row's own key.
    """
    return f"{column.table.name}.{column.name}\0{owner}"
