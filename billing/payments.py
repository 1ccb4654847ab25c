"""Was it paid? Only the ERP's word counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from billing.invoices import Due, Invoice, payable_invoices, to_invoice
from billing.selection import select

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from billing.deadline import Deadline
    from billing.selection import Wish
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
        state: POSTED when the payment stands in the ERP, STILL_OPEN when it does not, NOTHING_FOUND when
            the ERP has no such invoice.
        last_paid_due: Due date of the paid invoice that was meant, by default the latest.
        last_paid_on: When it was paid, if the ERP says.
        open_invoices: Due or overdue ones, oldest first, or the later ones where there is nothing else;
            of STILL_OPEN only those that were meant.
        complete: False when the ERP may have more invoices than could be read: then nothing may be
            called settled.
    """

    state: PaymentState
    last_paid_due: date | None
    last_paid_on: date | None
    open_invoices: tuple[Invoice, ...]
    complete: bool = True


def check_payment(
    sgp: SgpClient, contract_id: str, today: date, deadline: Deadline, wish: Wish | None = None
) -> PaymentCheck:
    """Ask the ERP about a contract's payments.

    Args:
        sgp: The ERP.
        contract_id: A contract of the verified customer.
        today: In the provider's zone.
        deadline: End of the turn's ERP budget.
        wish: Which invoice the customer says to have paid, by month, date or amount.

    Raises:
        billing.sgp.errors.SgpError: When the ERP could not be asked.
    """
    found = sgp.titles(contract_id, deadline)
    paid = sorted((title for title in found.titles if title.status == "paid"), key=_paid_order)
    still_open = payable_invoices((title for title in found.titles if title.status == "open"), today)
    due = tuple(invoice for invoice in still_open if invoice.due is not Due.LATER)
    check = _check_one(paid, still_open, due, wish, today) if wish else _check_all(paid, still_open, due)
    return replace(check, complete=found.complete)


def _check_all(
    paid: Sequence[Title], still_open: Sequence[Invoice], due: tuple[Invoice, ...]
) -> PaymentCheck:
    overdue = any(invoice.due is Due.OVERDUE for invoice in due)
    # Who paid last month's is not told that the next one, due in some days, is unpaid.
    if paid and not overdue:
        return PaymentCheck(PaymentState.POSTED, paid[-1].due_date, paid[-1].payment_date, due)
    # Who has paid nothing yet may mean the one that falls due in some weeks.
    if still_open:
        return PaymentCheck(PaymentState.STILL_OPEN, None, None, due or tuple(still_open))
    return PaymentCheck(PaymentState.NOTHING_FOUND, None, None, ())


def _check_one(
    paid: Sequence[Title],
    still_open: Sequence[Invoice],
    due: tuple[Invoice, ...],
    meant: Wish,
    today: date,
) -> PaymentCheck:
    unpaid = select(still_open, meant, today)
    if unpaid:
        return PaymentCheck(PaymentState.STILL_OPEN, None, None, unpaid)
    # The month may be the invoice's or the payment's: who pays in December may call it December's.
    settled = [title for title in paid if _is_meant(title, meant, today)]
    if settled:
        return PaymentCheck(PaymentState.POSTED, settled[-1].due_date, settled[-1].payment_date, due)
    if meant.days:
        # "Paguei ontem" tells the day of the payment, which the ERP may know by another date or not yet.
        less = replace(meant, days=())
        return _check_one(paid, still_open, due, less, today) if less else _check_all(paid, still_open, due)
    return PaymentCheck(PaymentState.NOTHING_FOUND, None, None, due)


def _is_meant(title: Title, meant: Wish, today: date) -> bool:
    invoice = to_invoice(title, today)
    candidates = [invoice]
    if title.payment_date:
        candidates.append(replace(invoice, due_date=title.payment_date))
    return bool(select(candidates, meant, today))


def _paid_order(title: Title) -> tuple[date, date]:
    return (title.payment_date or title.due_date, title.due_date)
