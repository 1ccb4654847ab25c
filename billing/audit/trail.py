"""Writing the trail, and reading what it holds of one person."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

import sqlalchemy as sa

from billing.audit.chains import ChainWriter, Macs
from billing.audit.people import Person, PersonRegister
from billing.storage import audit_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import tzinfo

    from sqlalchemy.engine import Engine

    from billing.vault import Vault


class Step(str, Enum):
    """How far something came."""

    ASKED = "asked"
    ALLOWED = "allowed"
    """Every check was passed; the ERP is called next."""
    DENIED = "denied"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class AuditEvent:
    """Something that must be accounted for; no content.

    Attributes:
        action: "invoice_list", "delivery", "trust_unblock", "ticket", "email_bill", "identification", …
        sender_id: Rasa's.
        document_index: The vault's hash of the sender's document, or of the one that was tried.
        verified: Whether that document is the sender's; the row is about the sender alone otherwise.
        contract_id: SGP's number.
        title_ids: The invoices.
        step: How far it came.
        outcome: A word on how it ended, like "granted" or "pix".
    """

    action: str
    sender_id: str
    document_index: str | None = None
    verified: bool = False
    contract_id: str | None = None
    title_ids: tuple[str, ...] = ()
    step: Step = Step.DONE
    outcome: str = ""

    @property
    def person(self) -> Person:
        """Under whose salt the row stands."""
        if self.verified and self.document_index is not None:
            return Person("document", self.document_index)
        return Person("sender", self.sender_id)


@dataclass(frozen=True)
class Seen:
    """A row of one person, readable.

    Attributes:
        at: Seconds since the epoch.
        event: What it tells.
    """

    at: float
    event: AuditEvent


class Attempt:
    """Something that was asked and has not ended yet.

    Args:
        audit: The trail.
        event: Without step and outcome.
    """

    def __init__(self, audit: Audit, event: AuditEvent) -> None:
        self._audit = audit
        self._event = event

    def record(self, step: Step, outcome: str = "") -> None:
        """Write how far it came."""
        self._audit.record(replace(self._event, step=step, outcome=outcome))


class Audit:
    """The trail of this process.

    Everything here raises when the row cannot be written; callers let that end the turn.

    Args:
        engine: Database with the project's tables.
        vault: Gives the keys.
        zone: The provider's, in which days change.
        clock: Seconds since the epoch.
    """

    def __init__(
        self, engine: Engine, vault: Vault, *, zone: tzinfo, clock: Callable[[], float] = time.time
    ) -> None:
        self._engine = engine
        self._people = PersonRegister(engine, vault, clock=clock)
        self._macs = Macs(vault)
        self._chain = ChainWriter(engine, self._macs, zone=zone, clock=clock)

    def record(self, event: AuditEvent) -> None:
        """Write one row; when this returns, it is committed.

        Raises:
            billing.audit.chains.AuditFailed: When somebody else has changed this process's chain.
            sqlalchemy.exc.DBAPIError: When the database failed.
        """
        key = self._people.key_of(event.person)
        details = {
            "sender": event.sender_id,
            "document": event.document_index,
            "verified": event.verified,
            "contract": event.contract_id,
            "titles": event.title_ids,
        }
        self._chain.append(key.pseudonym, event.action, event.step.value, event.outcome, key.seal(details))

    @contextmanager
    def attempt(self, event: AuditEvent) -> Iterator[Attempt]:
        """Write that something is asked; the caller writes the further steps, and this one a failure.

        Args:
            event: Without step and outcome.

        Yields:
            Takes the further steps.
        """
        attempt = Attempt(self, event)
        attempt.record(Step.ASKED)
        try:
            yield attempt
        except Exception as error:
            attempt.record(Step.FAILED, type(error).__name__)
            raise

    def seen_of(self, sender_ids: Collection[str], document_indexes: Collection[str]) -> Iterator[Seen]:
        """Rows that name any of these senders or documents, the oldest first.

        Reads the whole trail, opening each row (some seconds for 100,000): a sender's rows stand under the
        documents of several people. Rows that were altered are left out, and those of people whose salts
        were erased.

        Args:
            sender_ids: Rasa's.
            document_indexes: The vault's hashes.
        """
        people = self._people.known()
        rows = sa.select(audit_rows).order_by(audit_rows.c.at, audit_rows.c.chain, audit_rows.c.position)
        with self._engine.connect().execution_options(stream_results=True) as connection:
            for row in connection.execute(rows):
                key = people.get(row.person)
                details = key.open(row.details) if key and self._macs.holds(row) else None
                if details and (details["sender"] in sender_ids or details["document"] in document_indexes):
                    event = AuditEvent(
                        row.action,
                        details["sender"],
                        details["document"],
                        details["verified"],
                        details["contract"],
                        tuple(details["titles"]),
                        Step(row.step),
                        row.outcome,
                    )
                    yield Seen(row.at, event)
