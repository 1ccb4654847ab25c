"""Was it paid? Only the ERP's word counts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from billing.invoices import Due, Invoice, payable_invoices

if TYPE_CHECKING:
    from datetime import date

    from billing.deadline import Deadline
    from billing.sgp.client import SgpClient
    from billing.sgp.models import Title


class PaymentState(str, Enum):
    """The values are what the dialogue branches on."""

    POSTED = "posted"
    STILL_OPEN = "still_open"
    NOTHING_FOUND = "nothing_found"


@dataclass(frozen=True)
class PaymentCheck:
    """What the ERP knows of a contract's payments.

    Attributes:
        state: POSTED when nothing is due and a payment stands in the ERP; STILL_OPEN when something is due.
        last_paid_due: Due date of the latest paid invoice, if any.
        last_paid_on: When it was paid, if the ERP says.
        open_invoices: Due or overdue ones, oldest first.
    """

    state: PaymentState
    last_paid_due: date | None
    last_paid_on: date | None
    open_invoices: tuple[Invoice, ...]


def check_payment(sgp: SgpClient, contract_id: str, today: date, deadline: Deadline) -> PaymentCheck:
    """Ask the ERP about a contract's payments.

    Args:
        sgp: The ERP.
        contract_id: A contract of the verified customer.
        today: In the provider's zone.
        deadline: End of the turn's ERP budget.

    Raises:
        billing.sgp.errors.SgpError: When the ERP could not be asked.
    """
    titles = sgp.titles(contract_id, deadline).titles
    paid = sorted((title for title in titles if title.status == "paid"), key=_paid_order)
    last = paid[-1] if paid else None
    still_open = payable_invoices((title for title in titles if title.status == "open"), today)
    due = tuple(invoice for invoice in still_open if invoice.due is not Due.LATER)
    if due:
        state = PaymentState.STILL_OPEN
    elif last:
        state = PaymentState.POSTED
    else:
        state = PaymentState.NOTHING_FOUND
    return PaymentCheck(
        state=state,
        last_paid_due=last.due_date if last else None,
        last_paid_on=last.payment_date if last else None,
        open_invoices=due,
    )


def _paid_order(title: Title) -> tuple[date, date]:
    return (title.payment_date or title.due_date, title.due_date)
