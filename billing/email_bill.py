"""The bill by e-mail: SGP sends the slip to the address that it has, never to one from the chat."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from billing.sgp.errors import (
    SgpCredentialOrThrottle,
    SgpError,
    SgpRequestRejected,
    SgpRouteAbsent,
    SgpWriteOutcomeUnknown,
)

if TYPE_CHECKING:
    from billing.claims import WriteClaims
    from billing.deadline import Deadline
    from billing.sgp.client import SgpClient


class EmailOutcome(str, Enum):
    """The values are what the dialogue branches on."""

    SENT = "sent"
    NOT_AVAILABLE = "not_available"
    UNKNOWN = "unknown"


def email_bill(
    sgp: SgpClient,
    claims: WriteClaims,
    contract_id: str,
    title_id: str,
    message_id: str,
    deadline: Deadline,
) -> EmailOutcome:
    """Have SGP send one open invoice by e-mail, once for each message that asks for it.

    Args:
        sgp: The ERP.
        claims: Makes the call unique.
        contract_id: A contract of the verified customer.
        title_id: The chosen invoice.
        message_id: Of the message that asked.
        deadline: End of the turn's ERP budget.

    Returns:
        NOT_AVAILABLE when there is no registered address, the invoice is not open any more or has no
        number to name it by, or this installation does not send e-mails for the bot; UNKNOWN when SGP's
        answer got lost, which nothing in SGP can settle.

    Raises:
        billing.sgp.errors.SgpError: When SGP could not be asked; nothing was sent.
    """
    if not sgp.contract(contract_id, deadline).emails:
        return EmailOutcome.NOT_AVAILABLE
    open_titles = sgp.titles(contract_id, deadline, status="open").titles
    number = next((title.document_number for title in open_titles if title.title_id == title_id), None)
    if number is None:
        return EmailOutcome.NOT_AVAILABLE
    claim = claims.take(message_id, f"email_bill:{title_id}", contract_id)
    if not claim.mine:
        return EmailOutcome(claim.outcome) if claim.outcome else EmailOutcome.UNKNOWN
    try:
        sgp.email_slip(contract_id, number, deadline)
    except SgpWriteOutcomeUnknown:
        return EmailOutcome.UNKNOWN
    except SgpError as error:
        if not _never_sends(error):
            claims.release(claim)
            raise
        outcome = EmailOutcome.NOT_AVAILABLE
    else:
        outcome = EmailOutcome.SENT
    claims.settle(claim, outcome.value)
    return outcome


def _never_sends(error: SgpError) -> bool:
    """Whether trying later would end the same way."""
    # The readings just before went through, so it is not the credential itself but its right to this route.
    if isinstance(error, SgpCredentialOrThrottle):
        return not error.throttle_likely
    return isinstance(error, (SgpRouteAbsent, SgpRequestRejected))
