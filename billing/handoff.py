"""Passing a customer on to the provider's people: an SGP ticket, once for each message that asks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from billing.sgp.errors import SgpWriteOutcomeUnknown

if TYPE_CHECKING:
    from billing.claims import WriteClaims
    from billing.deadline import Deadline
    from billing.sgp.client import SgpClient

TICKET_KIND = 5
"""SGP's default ocorrência type "Outros"."""


class Handoff(str, Enum):
    """The values are what the dialogue branches on."""

    TICKET = "ticket"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class HandoffOutcome:
    """How it ended.

    Attributes:
        result: TICKET with a protocol, or UNKNOWN when SGP's answer got lost.
        protocol: SGP's number.
    """

    result: Handoff
    protocol: str | None = None


def open_ticket(
    sgp: SgpClient,
    claims: WriteClaims,
    contract_id: str,
    reason: str,
    message_id: str,
    deadline: Deadline,
) -> HandoffOutcome:
    """Open the ticket that asks a person to take over.

    Args:
        sgp: The ERP.
        claims: Makes the call unique.
        contract_id: A contract of the verified customer.
        reason: From the fixed list of reasons ("asked", "dispute", …).
        message_id: Of the message that asked.
        deadline: End of the turn's ERP budget.

    Raises:
        billing.sgp.errors.SgpError: When SGP refused or could not be asked.
    """
    claim = claims.take(message_id, f"ticket:{reason}", contract_id)
    if not claim.mine:
        result = Handoff.TICKET if claim.outcome else Handoff.UNKNOWN
        return HandoffOutcome(result, claim.outcome)
    text = f"Atendimento pelo WhatsApp (robô): cliente identificado pediu uma pessoa. Motivo: {reason}."
    try:
        ticket = sgp.open_ticket(contract_id, text, deadline, kind=TICKET_KIND)
    except SgpWriteOutcomeUnknown:
        return HandoffOutcome(Handoff.UNKNOWN)
    claims.settle(claim, ticket.protocol)
    return HandoffOutcome(Handoff.TICKET, ticket.protocol)
