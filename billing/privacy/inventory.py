"""Which table holds what of people. A test fails when a table of the database is missing here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from billing import storage

if TYPE_CHECKING:
    import sqlalchemy as sa

BY_SENDER: tuple[sa.Table, ...] = (
    storage.events,
    storage.inbox,
    storage.outbox,
    storage.button_offers,
    storage.holds,
    storage.identities,
    storage.verifications,
    storage.identification_failures,
    storage.privacy_notices,
    storage.contacts,
    storage.leases,
)
"""Rows of one sender, by `sender_id`; they go together when a sender is forgotten."""

BY_DOCUMENT: tuple[sa.Table, ...] = (
    storage.identities,
    storage.verifications,
    storage.identification_failures,
)
"""Of those, the ones that also name a document, by `document_index`."""

BY_KEY: tuple[sa.Table, ...] = (storage.media, storage.write_claims)
"""Rows without a person's hash: a file by the message it belongs to, a claim by message and contract."""

PSEUDONYMOUS: tuple[sa.Table, ...] = (storage.audit_chains, storage.audit_rows, storage.audit_salts)
"""The audit trail: who a row is about is known only while the person's salt is there."""

OF_NOBODY: tuple[sa.Table, ...] = (storage.content_templates,)
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
    Sealed(storage.events.c.data, storage.events.c.sender_id),
    Sealed(storage.inbox.c.content, storage.inbox.c.sender_id),
    Sealed(storage.outbox.c.content, storage.outbox.c.sender_id),
    Sealed(storage.button_offers.c.payload, storage.button_offers.c.sender_id),
    Sealed(storage.identities.c.customer, storage.identities.c.sender_id),
    Sealed(storage.contacts.c.address, storage.contacts.c.sender_id),
    Sealed(storage.write_claims.c.outcome, storage.write_claims.c.claim),
    Sealed(storage.media.c.filename, storage.media.c.id),
    Sealed(storage.media.c.content, storage.media.c.id),
)
