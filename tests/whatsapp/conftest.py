"""The channel's tables on SQLite and PostgreSQL, and a clock that a test turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from addons.whatsapp.form import IncomingMessage
from addons.whatsapp.inbox import Inbox
from addons.whatsapp.leases import Leases, Scope
from addons.whatsapp.outbox import Outbox
from addons.whatsapp.receipts import Receipts
from addons.whatsapp.render import Part
from addons.whatsapp.turn import Turns
from billing import tables
from billing.contacts import ContactBook
from billing.database import open_database
from billing.media import MediaStore
from tests.databases import postgres_database
from tests.whatsapp.installation import installation

if TYPE_CHECKING:
    from billing.vault import Vault

from tests.billing.conftest import Clock, clock, engine, vault

__all__ = ["clock", "engine", "vault"]

MARIA = "whatsapp:+5511987654321"
ANA = "whatsapp:+5511912345678"
LEASE = 10.0


@dataclass
class Replica:
    """One process's view of the database."""

    engine: sa.engine.Engine
    clock: Clock
    vault: Vault
    contacts: ContactBook = field(init=False)
    inbox: Inbox = field(init=False)
    outbox: Outbox = field(init=False)
    receipts: Receipts = field(init=False)
    turns: Turns = field(init=False)

    def __post_init__(self):
        leases = {scope: Leases(scope, seconds=LEASE, clock=self.clock) for scope in Scope}
        self.contacts = ContactBook(self.engine, self.vault, demo_allowed=False, clock=self.clock)
        self.inbox = Inbox(self.engine, self.vault, self.contacts, clock=self.clock)
        self.outbox = Outbox(self.engine, self.vault, leases[Scope.DELIVERY], self.inbox, clock=self.clock)
        self.receipts = Receipts(self.engine, self.vault, clock=self.clock)
        self.turns = Turns(self.engine, self.inbox, self.outbox, leases[Scope.TURN])

    def write(self, text="oi", *, sid=None, sender=MARIA, **more):
        """A customer writes; returns the sender id."""
        self.clock.now += 0.001
        sid = sid or f"SM{self.clock.now!r}"
        content = {"kind": "text", "button": None, "replied_to": None, **more}
        return self.inbox.receive([IncomingMessage(sid, sender, text=text, **content)])[0][0]

    def answer(self, *texts, sender=MARIA):
        """Put messages to the sender into the outbox."""
        sender_id = self.contacts.sender_id(sender)
        with self.engine.begin() as connection:
            self.outbox.add(connection, sender_id, [Part("text", text) for text in texts])
        return sender_id

    def rows(self, table):
        """All rows of a table, in the order of its key."""
        made = getattr(tables, table)
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(made).order_by(*made.primary_key)).mappings().all()
        return [SimpleNamespace(**row) for row in rows]


@pytest.fixture(params=["sqlite", "shared_postgres"])
def replicas(request, clock, vault):
    """Two processes on one empty database."""
    pair = [open_database(request.getfixturevalue(request.param)) for _ in range(2)]
    with pair[0].begin() as connection:
        for table in tables.metadata.tables.values():
            connection.execute(sa.delete(table))
    yield [Replica(each, clock, vault) for each in pair]
    for each in pair:
        each.dispose()


@pytest.fixture(scope="session")
def served_on_postgres(tmp_path_factory):
    """The whole bot on a PostgreSQL database of its own, for all tests that need it: starting takes long."""
    folder = tmp_path_factory.mktemp("installation")
    with postgres_database() as url, installation(folder, url) as made:
        yield made


@pytest.fixture
def store(engine, vault, clock):
    return MediaStore(engine, vault, clock=clock)


@pytest.fixture
def replica(replicas):
    return replicas[0]
