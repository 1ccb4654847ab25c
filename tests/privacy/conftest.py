"""A database in which every table holds something of Maria and of Ana, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from addons.whatsapp.buttons import ButtonOffers
from addons.whatsapp.render import Part
from billing import tables
from billing.audit import Audit, AuditEvent
from billing.claims import WriteClaims
from billing.database import add_row, open_database, put_row
from billing.media import MediaStore
from billing.tables import events, place
from billing.vault import Vault
from tests.billing.conftest import Clock
from tests.stack import KEYS
from tests.whatsapp.conftest import Replica

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

ZONE = ZoneInfo("America/Sao_Paulo")
NEW_KEY = KEYS["MEDIA_SIGNING_KEY"]
DAY = 24 * 3600.0


@dataclass(frozen=True)
class Someone:
    """A customer."""

    phone: str
    document: str
    name: str
    contract: str

    @property
    def address(self) -> str:
        return f"whatsapp:{self.phone}"


MARIA = Someone("+5511987654321", "52998224725", "Maria", "101")
ANA = Someone("+5511912345678", "12345678909", "Ana", "202")


@dataclass
class World:
    """The database and those who write into it."""

    engine: Engine
    clock: Clock
    vault: Vault = field(default_factory=lambda: Vault([KEYS["PII_ENCRYPTION_KEYS"]], KEYS["PII_INDEX_KEY"]))

    def __post_init__(self) -> None:
        self.replica = Replica(self.engine, self.clock, self.vault)
        self.media = MediaStore(self.engine, self.vault, clock=self.clock)
        self.claims = WriteClaims(self.engine, self.vault, clock=self.clock)
        self.audit = Audit(self.engine, self.vault, zone=ZONE, clock=self.clock)

    @property
    def rotated(self) -> Vault:
        """The vault once a new key was put before the one there is."""
        return Vault([NEW_KEY, KEYS["PII_ENCRYPTION_KEYS"]], KEYS["PII_INDEX_KEY"])

    def sender_id(self, who: Someone) -> str:
        return self.replica.contacts.sender_id(who.address)

    def rows(self, table: sa.Table, who: Someone | None = None) -> list[Any]:
        query = sa.select(table).order_by(*table.primary_key)
        if who is not None:
            query = query.where(table.c.sender_id == self.sender_id(who))
        with self.engine.connect() as connection:
            return list(connection.execute(query))

    def counts(self) -> dict[str, int]:
        return {table.name: len(self.rows(table)) for table in tables.metadata.sorted_tables}

    def event(self, who: Someone, kind: str, **more: Any) -> None:
        """Something happens in Rasa's conversation."""
        sender_id, data = self.sender_id(who), {"event": kind, "timestamp": self.clock.now, **more}
        row = {"sender_id": sender_id, "type_name": kind, "timestamp": self.clock.now}
        row["data"] = self.vault.seal(json.dumps(data), place(events.c.data, sender_id))
        with self.engine.begin() as connection:
            connection.execute(sa.insert(events).values(row))

    def identify(self, who: Someone, document: str | None = None) -> None:
        """What the identity service writes when somebody has proven who they are."""
        sender_id, now = self.sender_id(who), self.clock.now
        index = self.vault.index("document", document or who.document)
        customer = {"first_name": who.name, "contracts": [{"contract_id": who.contract}]}
        sealed = self.vault.seal(json.dumps(customer), place(tables.identities.c.customer, sender_id))
        row = {"sender_id": sender_id, "document_index": index, "verified_at": now}
        with self.engine.begin() as connection:
            put_row(connection, tables.identities, {**row, "customer": sealed, "used_at": now})
            put_row(connection, tables.verifications, row)

    def talk(self, who: Someone, text: str) -> None:
        """One turn: a message comes, is answered with a text and a file, and the answer is delivered."""
        sender_id = self.replica.write(text, sender=who.address)
        turn = self.replica.turns.take(sender_id)
        if not self.rows(events, who):
            self.event(who, "session_started")
        self.event(who, "user", text=text, message_id=turn.message_sid)
        slip = self.media.put(b"%PDF of " + who.name.encode(), "application/pdf", f"boleto-{who.name}.pdf")
        self.event(who, "bot", text=f"Oi, {who.name}!")
        parts = [Part("text", f"Oi, {who.name}!"), Part("media", media_id=slip)]
        self.replica.turns.commit(turn, parts, None)
        for _ in parts:
            self.replica.outbox.accepted(
                self.replica.outbox.next_for(sender_id), f"MM{secrets.token_hex(16)}"
            )
            self.clock.now += 20

    def live(self, who: Someone, text: str) -> None:
        """Everything that can be known of somebody comes to be known."""
        self.talk(who, text)
        sender_id = self.sender_id(who)
        self.identify(who)
        ButtonOffers(self.engine, self.vault, clock=self.clock).offer(sender_id, [f"fatura de {who.name}"])
        sid = self.rows(tables.inbox, who)[0].message_sid
        self.claims.settle(self.claims.take(sid, "trust_unblock", who.contract), f"protocolo de {who.name}")
        index = self.vault.index("document", who.document)
        self.audit.record(AuditEvent("delivery", sender_id, index, who.contract, ("5001",), outcome="pix"))
        with self.engine.begin() as connection:
            held = {"sender_id": sender_id, "reason": "asked", "held_at": 1.0, "until": self.clock.now}
            add_row(connection, tables.holds, held)
            tried = {"sender_id": sender_id, "document_index": index, "failed_at": self.clock.now}
            add_row(connection, tables.identification_failures, tried)
            add_row(connection, tables.privacy_notices, {"sender_id": sender_id, "told_at": self.clock.now})


@pytest.fixture(params=["sqlite", "shared_postgres"])
def world(request: pytest.FixtureRequest) -> Any:
    engine = open_database(request.getfixturevalue(request.param))
    with engine.begin() as connection:
        for table in tables.metadata.tables.values():
            connection.execute(sa.delete(table))
    made = World(engine, Clock())
    made.live(MARIA, "quero meu boleto")
    made.live(ANA, "já paguei")
    yield made
    engine.dispose()
