"""Two-factor identification: a document that the ERP knows, and the phone registered with it.

Where the provider allows it, somebody whose number WhatsApp hides may prove the birth date instead: a *weak*
identity, which reads bills and nothing else, since a birth date is no secret.

An identity lives here, on the server, bound to the sender and with an expiry. Slots of the dialogue
never prove anything: every action that reveals or changes something asks `IdentityService.current`.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from enum import Enum
from typing import TYPE_CHECKING

import sqlalchemy as sa

from billing.birth_dates import were_born_on
from billing.contracts import ContractChoice, answerable_contracts
from billing.database import put_row
from billing.phones import is_registered, shows_number
from billing.tables import identification_failures, identities, place, verifications

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sqlalchemy.engine import Connection, Engine

    from billing.contacts import ContactBook
    from billing.deadline import Deadline
    from billing.documents import Document
    from billing.sgp.client import SgpClient
    from billing.vault import Vault

TRUSTED_DEVICE_SECONDS = 90 * 24 * 3600
"""A sender who verified a document this recently is not slowed down by other people's failures on it."""

FLOOD_SECONDS = 60.0

REFUSAL_STEP_SECONDS = 0.25
"""Refusals are answered at whole multiples of this. To read and compare a registration takes milliseconds
more than to hear that there is none, and SGP's own time may tell more."""

DOCUMENT_FAILURES = 6
"""Failures of strangers within the lockout time after which a document is closed to other strangers."""


class Identification(str, Enum):
    """How an attempt ended; the values are what the dialogue branches on."""

    VERIFIED = "verified"
    NOT_MATCHED = "not_matched"
    LOCKED = "locked"
    NO_ADDRESS = "no_address"


@dataclass(frozen=True)
class Identity:
    """A verified customer.

    Attributes:
        document_index: Keyed hash of the document.
        first_name: For greeting; empty for companies.
        contracts: What the customer can be answered about, in the ERP's order.
        weak: Proved by the birth date: opens bills, and no write.
    """

    document_index: str
    first_name: str
    contracts: tuple[ContractChoice, ...]
    weak: bool = False

    def __repr__(self) -> str:
        return f"Identity(contracts={len(self.contracts)})"

    def owns(self, contract_id: str | None) -> bool:
        """Whether the contract belongs to this customer."""
        return any(contract.contract_id == contract_id for contract in self.contracts)


class IdentityService:
    """Identifies senders and remembers who they are.

    Args:
        engine: Database with the project's tables.
        vault: Seals what is kept about the customer.
        contacts: Resolves a sender to the address that must be registered.
        sgp: The ERP.
        idle_seconds: An identity ends when unused this long.
        max_seconds: … and at this age in any case.
        lockout_failures: Failures after which a sender is locked out.
        lockout_seconds: … for this long, without asking the ERP.
        flood_failures: Failures of all senders in a minute after which nobody is looked up whose phone has
            not verified that document before: somebody is trying documents out.
        birth_date_proof: Whether a hidden number may prove the birth date instead.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        contacts: ContactBook,
        sgp: SgpClient,
        *,
        idle_seconds: float = 3600,
        max_seconds: float = 12 * 3600,
        lockout_failures: int = 3,
        lockout_seconds: float = 900,
        flood_failures: int = 60,
        birth_date_proof: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._contacts = contacts
        self._sgp = sgp
        self._idle_seconds = idle_seconds
        self._max_seconds = max_seconds
        self._lockout_failures = lockout_failures
        self._lockout_seconds = lockout_seconds
        self._flood_failures = flood_failures
        self._birth_date_proof = birth_date_proof
        self._clock = clock

    def asks_birth_date(self, sender_id: str) -> bool:
        """Whether this sender proves the birth date, since the number that they write from is hidden."""
        address = self._contacts.address_of(sender_id)
        return self._birth_date_proof and address is not None and not shows_number(address)

    def identify(
        self, sender_id: str, document: Document, deadline: Deadline, birth_date: date | None = None
    ) -> Identification:
        """Try to verify a sender as the holder of `document`.

        An unknown document and a second proof that doesn't match take the same calls, the same writes and
        give the same answer; `wait_out_step` is for the caller. A failing ERP is no failed attempt.

        Args:
            sender_id: Rasa's conversation id.
            document: With valid check digits.
            deadline: End of the turn's ERP budget.
            birth_date: What a sender says whose number is hidden; of all others it proves nothing.

        Returns:
            How it ended.

        Raises:
            billing.sgp.errors.SgpError: When the ERP could not be asked.
        """
        address = self._contacts.address_of(sender_id)
        weak = self.asks_birth_date(sender_id)
        # WhatsApp can hide a number behind a user name; then nothing can be matched with the registration.
        if address is None or not (shows_number(address) or (weak and birth_date)):
            return Identification.NO_ADDRESS
        document_index = self._vault.index("document", document.digits)
        if self._is_locked(sender_id, document_index):
            return Identification.LOCKED
        contracts = self._sgp.find_contracts(document.digits, deadline)
        if birth_date and weak:
            # A company has none, and the day on which it was founded is public.
            proved = were_born_on(contracts if document.kind == "cpf" else (), birth_date)
        else:
            proved = is_registered(address, [phone for contract in contracts for phone in contract.phones])
        if not proved:
            self._record_failure(sender_id, document_index)
            return Identification.NOT_MATCHED
        identity = Identity(
            document_index=document_index,
            first_name=_first_name(contracts[0].name) if document.kind == "cpf" else "",
            contracts=answerable_contracts(contracts, self._sgp, deadline),
            weak=weak,
        )
        self._record_success(sender_id, identity)
        return Identification.VERIFIED

    def current(self, sender_id: str) -> Identity | None:
        """The sender's identity while it lasts; asking keeps it from idling out."""
        now = self._clock()
        with self._engine.begin() as connection:
            row = connection.execute(sa.select(identities).where(identities.c.sender_id == sender_id)).first()
            if row is None:
                return None
            if now - row.used_at > self._idle_seconds or now - row.verified_at > self._max_seconds:
                connection.execute(sa.delete(identities).where(identities.c.sender_id == sender_id))
                return None
            connection.execute(
                sa.update(identities).where(identities.c.sender_id == sender_id).values(used_at=now)
            )
        # An identity counts only while its address does: a demo record must not survive a real SGP.
        if self._contacts.address_of(sender_id) is None:
            return None
        kept = json.loads(self._vault.open(row.customer, place(identities.c.customer, sender_id)))
        weak = kept.get("weak", False)
        if weak and not self._birth_date_proof:
            return None
        return Identity(
            document_index=row.document_index,
            first_name=kept["first_name"],
            contracts=tuple(ContractChoice(**contract) for contract in kept["contracts"]),
            weak=weak,
        )

    def is_own_number(self, sender_id: str, document: Document) -> bool:
        """Whether the digits are the very number that the sender writes from."""
        address = self._contacts.address_of(sender_id)
        return address is not None and is_registered(address, [document.digits])

    def is_same_customer(self, identity: Identity, document: Document) -> bool:
        """Whether `document` is the one that `identity` was verified with."""
        return identity.document_index == self._vault.index("document", document.digits)

    def forget(self, sender_id: str) -> None:
        """End the sender's identity."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(identities).where(identities.c.sender_id == sender_id))

    def _is_locked(self, sender_id: str, document_index: str) -> bool:
        now = self._clock()
        since = now - self._lockout_seconds
        failures = identification_failures
        recent = sa.select(sa.func.count()).select_from(failures).where(failures.c.failed_at > since)
        with self._engine.connect() as connection:
            by_sender = connection.execute(recent.where(failures.c.sender_id == sender_id)).scalar_one()
            on_document = connection.execute(
                recent.where(failures.c.document_index == document_index)
            ).scalar_one()
            by_all = failures_since(connection, now - FLOOD_SECONDS)
            trusted = connection.execute(
                sa.select(sa.func.count())
                .select_from(verifications)
                .where(verifications.c.sender_id == sender_id)
                .where(verifications.c.document_index == document_index)
                .where(verifications.c.verified_at > now - TRUSTED_DEVICE_SECONDS)
            ).scalar_one()
        attacked = on_document >= DOCUMENT_FAILURES or by_all >= self._flood_failures
        return bool(by_sender >= self._lockout_failures or (attacked and not trusted))

    def _record_failure(self, sender_id: str, document_index: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(identities).where(identities.c.sender_id == sender_id))
            connection.execute(
                sa.insert(identification_failures).values(
                    sender_id=sender_id, document_index=document_index, failed_at=self._clock()
                )
            )

    def _record_success(self, sender_id: str, identity: Identity) -> None:
        now = self._clock()
        kept = {
            "first_name": identity.first_name,
            "contracts": [asdict(item) for item in identity.contracts],
            "weak": identity.weak,
        }
        with self._engine.begin() as connection:
            put_row(
                connection,
                identities,
                {
                    "sender_id": sender_id,
                    "document_index": identity.document_index,
                    "customer": self._vault.seal(json.dumps(kept), place(identities.c.customer, sender_id)),
                    "verified_at": now,
                    "used_at": now,
                },
            )
            if identity.weak:
                # No device becomes trusted by it, and failures count on: who proves their own birth date
                # between guesses at somebody else's must not begin anew.
                return
            put_row(
                connection,
                verifications,
                {"sender_id": sender_id, "document_index": identity.document_index, "verified_at": now},
            )
            connection.execute(
                sa.delete(identification_failures).where(identification_failures.c.sender_id == sender_id)
            )


def failures_since(connection: Connection, moment: float) -> int:
    """How many identifications failed, of whomever, in all processes.

    Args:
        connection: To the database.
        moment: Seconds since the epoch.
    """
    counted = sa.select(sa.func.count()).select_from(identification_failures)
    recent = counted.where(identification_failures.c.failed_at > moment)
    return int(connection.execute(recent).scalar_one())


def wait_out_step(begun: float) -> None:
    """Wait until a whole number of steps has passed: a refusal's time shall not tell its reason. Blocks.

    Args:
        begun: When the attempt began, on the monotonic clock.
    """
    time.sleep(-(time.monotonic() - begun) % REFUSAL_STEP_SECONDS)


def _first_name(name: str) -> str:
    words = name.split()
    return words[0].capitalize() if words else ""
