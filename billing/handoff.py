"""Passing a customer on to the provider's people: one open SGP ticket for each contract and reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from billing.sgp.errors import SgpError, SgpWriteOutcomeUnknown

if TYPE_CHECKING:
    from datetime import tzinfo

    from billing.claims import Claim, WriteClaims
    from billing.deadline import Deadline
    from billing.sgp.client import SgpClient
    from billing.sgp.models import TicketRow

TICKET_KIND = 5
"""SGP's default ocorrência type "Outros"."""

ANY_MESSAGE = ""
CLOCK_DIFFERENCE = timedelta(minutes=5)
"""How far SGP's clock may be behind ours when a ticket of unknown outcome is looked for."""


class Handoff(str, Enum):
    """The values are what the dialogue branches on."""

    TICKET = "ticket"
    ALREADY_OPEN = "already_open"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class HandoffOutcome:
    """How it ended.

    Attributes:
        result: TICKET and ALREADY_OPEN with a protocol, or UNKNOWN when SGP's answer got lost.
        protocol: SGP's number.
    """

    result: Handoff
    protocol: str | None = None


def open_ticket(
    sgp: SgpClient,
    claims: WriteClaims,
    contract_id: str,
    reason: str,
    context: str,
    message_id: str,
    deadline: Deadline,
    zone: tzinfo,
) -> HandoffOutcome:
    """Open the ticket that asks a person to take over, unless it is open already.

    Args:
        sgp: The ERP.
        claims: Makes the call unique.
        contract_id: A contract of the verified customer.
        reason: From the fixed list of reasons ("asked", "dispute", …); there is one open ticket for each.
        context: Portuguese sentences for the person who reads the ticket, without personal data.
        message_id: Of the message that asked.
        deadline: End of the turn's ERP budget.
        zone: The provider's, in which SGP writes times.

    Raises:
        billing.sgp.errors.SgpError: When SGP refused or could not be asked.
    """
    operation = f"ticket:{reason}"
    standing = claims.take(ANY_MESSAGE, operation, contract_id)
    if not standing.mine:
        # Somebody asked for this before: SGP says whether that ticket exists and is still open.
        before = _still_open(sgp.tickets(contract_id, deadline), standing, zone)
        if before:
            claims.settle(standing, before.protocol)
            return HandoffOutcome(Handoff.ALREADY_OPEN, before.protocol)
    asked = claims.take(message_id, operation, contract_id)
    if not asked.mine:
        return HandoffOutcome(Handoff.UNKNOWN)
    text = f"Atendimento pelo WhatsApp (robô): cliente identificado pediu uma pessoa. {context}"
    try:
        ticket = sgp.open_ticket(contract_id, text, deadline, kind=TICKET_KIND)
    except SgpWriteOutcomeUnknown:
        return HandoffOutcome(Handoff.UNKNOWN)
    except SgpError:
        claims.release(asked)
        if standing.mine:
            claims.release(standing)
        raise
    claims.settle(standing, ticket.protocol)
    return HandoffOutcome(Handoff.TICKET, ticket.protocol)


def _still_open(tickets: tuple[TicketRow, ...], standing: Claim, zone: tzinfo) -> TicketRow | None:
    """The ticket that the claim was taken for; by its time when its protocol got lost."""
    asked_at = datetime.fromtimestamp(standing.claimed_at, zone).replace(tzinfo=None) - CLOCK_DIFFERENCE
    for ticket in tickets:
        lost = standing.outcome is None and ticket.opened_at is not None and ticket.opened_at >= asked_at
        if ticket.open and (ticket.protocol == standing.outcome or lost):
            return ticket
    return None
