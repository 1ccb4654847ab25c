"""Writing the trail, and reading what it holds of one person."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from billing.audit.chains import ChainWriter, Macs
from billing.audit.people import Person, PersonRegister
from billing.tables import audit_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
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
        document_index: The vault's hash of the customer's document, or of the one that was tried.
        contract_id: SGP's number.
        title_ids: The invoices.
        step: How far it came.
        outcome: A word on how it ended, like "granted" or "pix".
    """

    action: str
    sender_id: str
    document_index: str | None = None
    contract_id: str | None = None
    title_ids: tuple[str, ...] = ()
    step: Step = Step.DONE
    outcome: str = ""


@dataclass(frozen=True)
class Seen:
    """A row that names a person who was looked for.

    Attributes:
        at: Seconds since the epoch.
        device: Pseudonym of the sender, which tells two phones apart.
        action: As in `AuditEvent`.
        step: How far it came.
        outcome: How it ended.
        details: "contract" and "titles"; None when the customer was erased.
    """

    at: float
    device: str
    action: str
    step: Step
    outcome: str
    details: dict[str, Any] | None


class Attempt:
    """Something that was asked and has not ended yet.

    Args:
        audit: The trail.
        event: What was asked.
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
        people = [Person("sender", event.sender_id)]
        if event.document_index is not None:
            people.append(Person("document", event.document_index))
        sender, *customer = self._people.keys_of(people)
        self._chain.append(
            sender=sender.pseudonym,
            document=customer[0].pseudonym if customer else "",
            action=event.action,
            step=event.step.value,
            outcome=event.outcome,
            details=(customer or [sender])[0].seal(
                {"contract": event.contract_id, "titles": event.title_ids}
            ),
        )

    @contextmanager
    def attempt(self, event: AuditEvent) -> Iterator[Attempt]:
        """Write that something is asked; the caller writes the further steps, and this one a failure.

        Args:
            event: Its outcome, if any, says what for; its step does not matter.

        Yields:
            Takes the further steps.
        """
        attempt = Attempt(self, event)
        attempt.record(Step.ASKED, event.outcome)
        try:
            yield attempt
        except Exception as error:
            attempt.record(Step.FAILED, type(error).__name__)
            raise

    def seen_of(self, people: Iterable[Person]) -> Iterator[Seen]:
        """Rows that name any of these people, the oldest first; altered ones are left out.

        Args:
            people: Customers by their documents, senders by their phones, or both.
        """
        sought = [key.pseudonym for key in map(self._people.find, people) if key]
        known = self._people.known()
        rows = (
            sa.select(audit_rows)
            .where(audit_rows.c.sender.in_(sought) | audit_rows.c.document.in_(sought))
            .order_by(audit_rows.c.at, audit_rows.c.chain, audit_rows.c.position)
        )
        with self._engine.connect() as connection:
            found = connection.execute(rows).all()
        for row in found:
            if self._macs.holds(row):
                key = known.get(row.document or row.sender)
                details = key.open(row.details) if key else None
                yield Seen(row.at, row.sender, row.action, Step(row.step), row.outcome, details)
