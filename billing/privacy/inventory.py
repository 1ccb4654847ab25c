"""Which table holds what of people. A test fails when a table of the database is missing here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from billing import tables

if TYPE_CHECKING:
    import sqlalchemy as sa

BY_SENDER: tuple[sa.Table, ...] = (
    tables.events,
    tables.inbox,
    tables.outbox,
    tables.button_offers,
    tables.holds,
    tables.identities,
    tables.verifications,
    tables.identification_failures,
    tables.privacy_notices,
    tables.contacts,
    tables.leases,
)
"""Rows of one sender, by `sender_id`; they go together when a sender is forgotten."""

BY_DOCUMENT: tuple[sa.Table, ...] = (
    tables.identities,
    tables.verifications,
    tables.identification_failures,
)
"""Of those, the ones that also name a document, by `document_index`."""

BY_KEY: tuple[sa.Table, ...] = (tables.media, tables.write_claims)
"""Rows without a person's hash: a file by the message it belongs to, a claim by message and contract."""

PSEUDONYMOUS: tuple[sa.Table, ...] = (tables.audit_chains, tables.audit_rows, tables.audit_salts)
"""The audit trail: who a row is about is known only while the person's salt is there."""

OF_NOBODY: tuple[sa.Table, ...] = (tables.content_templates,)
"""What is the same for everybody: Twilio's names of our buttons' shapes."""


@dataclass(frozen=True)
class Sealed:
    """A column under the encryption keys.

    Attributes:
        column: What is sealed.
        owner: The column of the same row that its place is named by.
    """

    column: sa.Column[Any]
    owner: sa.Column[Any]


SEALED = (
    Sealed(tables.events.c.data, tables.events.c.sender_id),
    Sealed(tables.inbox.c.content, tables.inbox.c.sender_id),
    Sealed(tables.outbox.c.content, tables.outbox.c.sender_id),
    Sealed(tables.button_offers.c.payload, tables.button_offers.c.sender_id),
    Sealed(tables.identities.c.customer, tables.identities.c.sender_id),
    Sealed(tables.contacts.c.address, tables.contacts.c.sender_id),
    Sealed(tables.write_claims.c.outcome, tables.write_claims.c.claim),
    Sealed(tables.media.c.filename, tables.media.c.id),
    Sealed(tables.media.c.content, tables.media.c.id),
)
