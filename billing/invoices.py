"""From the ERP's titles to the invoices a customer is asked about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from billing.sgp.models import Title

PAYABLE_AHEAD = timedelta(days=31)
"""Titles due later than this are future instalments of a yearly booklet, not debt."""

FORMATS = ("pix", "qr_code", "pdf", "barcode")
"""Payment formats in the order in which they are offered."""

DUE_SOON = timedelta(days=7)


class Due(str, Enum):
    """How urgent an invoice is; the values are kept in the dialogue's slots."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"


@dataclass(frozen=True)
class Invoice:
    """An open invoice.

    Attributes:
        title_id: SGP's title id, the only number that names it surely.
        due_date: Original due date, in the provider's zone.
        amount: What it costs today as SGP says, interest and fine included.
        due: Urgency on the day it was read.
        known_formats: What the title row itself offers; empty when only `fatura2via` can tell, which is
            so for overdue invoices and for those that lack a code.
    """

    title_id: str
    due_date: date
    amount: Decimal
    due: Due
    known_formats: tuple[str, ...] = ()

    def to_slot(self) -> dict[str, Any]:
        """JSON for the dialogue's slot of listed invoices."""
        return {
            "title_id": self.title_id,
            "due_date": self.due_date.isoformat(),
            "amount": str(self.amount),
            "due": self.due.value,
            "known_formats": list(self.known_formats),
        }

    @classmethod
    def from_slot(cls, kept: dict[str, Any]) -> Invoice:
        """What `to_slot` gave."""
        return cls(
            title_id=kept["title_id"],
            due_date=date.fromisoformat(kept["due_date"]),
            amount=Decimal(kept["amount"]),
            due=Due(kept["due"]),
            known_formats=tuple(kept["known_formats"]),
        )


def to_invoice(title: Title, today: date) -> Invoice:
    """Read one open title on a given day."""
    if title.due_date < today:
        due = Due.OVERDUE
    elif title.due_date <= today + DUE_SOON:
        due = Due.SOON
    else:
        due = Due.LATER
    complete = bool(title.pix_code and title.digitable_line and title.link)
    return Invoice(
        title_id=title.title_id,
        due_date=title.due_date,
        amount=title.corrected_amount or title.amount,
        due=due,
        known_formats=FORMATS if complete and due is not Due.OVERDUE else (),
    )


def payable_invoices(titles: Iterable[Title], today: date) -> tuple[Invoice, ...]:
    """What a customer may want to pay now, oldest first.

    Future instalments are left out, unless there is nothing else: then the next one is offered in
    advance.

    Args:
        titles: Open titles of one contract.
        today: In the provider's zone.
    """
    invoices = sorted(
        (to_invoice(title, today) for title in titles), key=lambda item: (item.due_date, item.title_id)
    )
    near = [invoice for invoice in invoices if invoice.due_date <= today + PAYABLE_AHEAD]
    return tuple(near or invoices[:1])
