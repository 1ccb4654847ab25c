"""Why is the customer's Internet off, and the trust unblock (desbloqueio em confiança)."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING

from billing.sgp.errors import SgpError, SgpRouteAbsent, SgpWriteOutcomeUnknown
from billing.sgp.models import Connection, ContractStatus, UnblockKind

if TYPE_CHECKING:
    from datetime import datetime

    from billing.claims import WriteClaims
    from billing.deadline import Deadline
    from billing.sgp.client import SgpClient
    from billing.sgp.models import Contract, Maintenance

SOLVED = 4
"""Maintenance status "solved" in SGP's list."""

BLOCKED_FOR_PAYMENT = {ContractStatus.SUSPENDED, ContractStatus.REDUCED}
"""Off, and slowed down."""


class BlockState(str, Enum):
    """The values are what the dialogue branches on."""

    SUSPENDED = "suspended"
    REDUCED = "reduced"
    OUTAGE = "outage"
    ONLINE = "online"
    OFFLINE = "offline"
    ACTIVE = "active"
    ENDED = "ended"


_STATE_OF = {
    Connection.ONLINE: BlockState.ONLINE,
    Connection.OFFLINE: BlockState.OFFLINE,
    Connection.UNKNOWN: BlockState.ACTIVE,
}


def block_state(sgp: SgpClient, contract_id: str, now: datetime, deadline: Deadline) -> BlockState:
    """Find out what stands between a customer and the Internet.

    Args:
        sgp: The ERP.
        contract_id: A contract of the verified customer.
        now: Naive local time of the provider, as SGP writes maintenance windows.
        deadline: End of the turn's ERP budget.

    Raises:
        billing.sgp.errors.SgpError: When the ERP could not be asked.
    """
    contract = sgp.contract(contract_id, deadline)
    if contract.status == ContractStatus.SUSPENDED:
        return BlockState.SUSPENDED
    if contract.status == ContractStatus.REDUCED:
        return BlockState.REDUCED
    if contract.status != ContractStatus.ACTIVE:
        return BlockState.ENDED
    # Not every installation has these two routes; without them there is less to say, and no failure.
    with suppress(SgpRouteAbsent):
        if any(_affects(maintenance, contract, now) for maintenance in sgp.maintenances(deadline)):
            return BlockState.OUTAGE
    with suppress(SgpRouteAbsent):
        return _STATE_OF[sgp.connection(contract_id, deadline)]
    return BlockState.ACTIVE


def is_blocked(sgp: SgpClient, contract_id: str, deadline: Deadline) -> bool:
    """Whether a contract is suspended or slowed down for payment.

    Raises:
        billing.sgp.errors.SgpError: When the ERP could not be asked.
    """
    return sgp.contract(contract_id, deadline).status in BLOCKED_FOR_PAYMENT


def _affects(maintenance: Maintenance, contract: Contract, now: datetime) -> bool:
    # SGP keeps old entries in the list, and an entry without POPs says nothing about whom it concerns.
    if not maintenance.active or maintenance.status == SOLVED or contract.pop_id not in maintenance.pops:
        return False
    started = maintenance.start is None or maintenance.start <= now
    return started and (maintenance.end is None or now <= maintenance.end)


class Unblocking(str, Enum):
    """How a trust unblock ended; the values are what the dialogue branches on."""

    GRANTED = "granted"
    QUOTA_USED = "quota_used"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class UnblockOutcome:
    """What SGP said.

    Attributes:
        result: The kind of answer.
        days: Granted days, if SGP said so.
        until: Last day, if SGP said so.
        protocol: SGP's number, if any.
    """

    result: Unblocking
    days: int | None = None
    until: date | None = None
    protocol: str | None = None

    def to_text(self) -> str:
        """As the claim keeps it, so that a turn that is computed again says the same."""
        return json.dumps(
            {
                "result": self.result.value,
                "days": self.days,
                "until": self.until and self.until.isoformat(),
                "protocol": self.protocol,
            }
        )

    @classmethod
    def from_text(cls, text: str) -> UnblockOutcome:
        """What `to_text` wrote."""
        kept = json.loads(text)
        until = kept["until"] and date.fromisoformat(kept["until"])
        return cls(Unblocking(kept["result"]), kept["days"], until, kept["protocol"])


def trust_unblock(
    sgp: SgpClient, claims: WriteClaims, contract_id: str, message_id: str, deadline: Deadline
) -> UnblockOutcome:
    """Ask SGP once to unblock a contract in trust.

    A message that was answered before, or an answer that got lost, is resolved by reading, never by
    asking again.

    Args:
        sgp: The ERP.
        claims: Makes the call unique.
        contract_id: A contract of the verified customer, who said yes.
        message_id: Of the message with the yes.
        deadline: End of the turn's ERP budget.

    Raises:
        billing.sgp.errors.SgpError: When SGP refused the call or could not even be asked before it.
    """
    before = sgp.contract(contract_id, deadline)
    claim = claims.take(message_id, "trust_unblock", contract_id)
    if not claim.mine:
        return (
            UnblockOutcome.from_text(claim.outcome) if claim.outcome else _by_reading(sgp, before, deadline)
        )
    if before.status not in BLOCKED_FOR_PAYMENT:
        refused = UnblockOutcome(Unblocking.NOT_APPLICABLE)
        claims.settle(claim, refused.to_text())
        return refused
    try:
        answer = sgp.trust_unblock(contract_id, deadline)
    except SgpWriteOutcomeUnknown:
        outcome = _by_reading(sgp, before, deadline)
    except SgpError:
        claims.release(claim)
        raise
    else:
        outcome = UnblockOutcome(_RESULTS[answer.kind], answer.days, answer.until, answer.protocol)
    if outcome.result is not Unblocking.UNKNOWN:
        claims.settle(claim, outcome.to_text())
    return outcome


_RESULTS = {
    UnblockKind.GRANTED: Unblocking.GRANTED,
    UnblockKind.QUOTA_USED: Unblocking.QUOTA_USED,
    UnblockKind.NOT_APPLICABLE: Unblocking.NOT_APPLICABLE,
}


def _by_reading(sgp: SgpClient, before: Contract, deadline: Deadline) -> UnblockOutcome:
    try:
        now = sgp.contract(before.contract_id, deadline)
    except SgpError:
        return UnblockOutcome(Unblocking.UNKNOWN)
    unblocked = before.status in BLOCKED_FOR_PAYMENT and now.status == ContractStatus.ACTIVE
    counted = now.promises_this_month > before.promises_this_month
    return UnblockOutcome(Unblocking.GRANTED if unblocked or counted else Unblocking.UNKNOWN)
