"""What a title can be paid with: as first issued, and as re-issued today."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sandbox.sgp.brcode import br_code
from sandbox.sgp.charges import charges
from sandbox.sgp.model import Pix
from sandbox.sgp.slip import SlipCodes, slip_codes

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from sandbox.sgp.ledger import Title


@dataclass(frozen=True)
class Bill:
    """One issue of a title.

    Attributes:
        amount: Amount in reais that the codes carry.
        due: Due date that the codes carry.
        codes: Slip codes; None while the bank has not registered the slip.
        pix: BR Code; empty when the title has no PIX.
    """

    amount: Decimal
    due: date
    codes: SlipCodes | None
    pix: str


def original_bill(title: Title) -> Bill:
    """The title as first issued: original amount and due date."""
    return _issue(title, title.spec.amount, title.due, "original")


def current_bill(title: Title, today: date) -> Bill:
    """The title as `fatura2via` issues it: an overdue one becomes due today at its updated amount."""
    late = charges(title.spec.amount, title.due, today)
    return _issue(title, title.spec.amount + late.fine + late.interest, max(title.due, today), "reissued")


def link_token(invoice: int) -> str:
    """The token that protects the public pages of an invoice, the same in every run."""
    return "EX" + hashlib.sha256(f"link {invoice}".encode()).hexdigest()[:8].upper()


@lru_cache(maxsize=512)
def _issue(title: Title, amount: Decimal, due: date, issue: str) -> Bill:
    charge = hashlib.sha256(f"pix {title.title_id} {issue} {amount} {due}".encode()).hexdigest()[:32]
    pix = ""
    if title.spec.pix is not Pix.NONE and title.paid_on is None:
        pix = br_code(charge, amount if title.spec.pix is Pix.WITH_AMOUNT else None)
    codes = slip_codes(title.title_id, amount, due) if title.spec.registered else None
    return Bill(amount, due, codes, pix)
