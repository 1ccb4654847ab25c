"""The one thing a customer takes to the bank: a verified code or slip of an open invoice."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from billing.codes.brcode import InvalidBrCode
from billing.codes.brcode import parse as parse_brcode
from billing.codes.slip import InvalidSlip
from billing.codes.slip import parse as parse_slip
from billing.invoices import FORMATS, Due, to_invoice
from billing.slips import SlipError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from decimal import Decimal

    from billing.deadline import Deadline
    from billing.invoices import Invoice
    from billing.sgp.client import SgpClient
    from billing.sgp.models import SecondCopyItem, Title
    from billing.slips import SlipFetcher

logger = logging.getLogger(__name__)


class NotPayable(Enum):
    """Why a code did not leave."""

    NO_LONGER_OPEN = "no_longer_open"
    FORMAT_MISSING = "format_missing"
    CODE_BROKEN = "code_broken"


@dataclass(frozen=True)
class Payable:
    """An invoice in one format, ready to leave.

    Attributes:
        invoice: With today's amount.
        format: One of `FORMATS`.
        content: BR Code for "pix" and "qr_code", link for "pdf", formatted linha digitável for "barcode".
        code_amount: Amount written inside the code when it differs from the invoice's; else None.
        others: Further formats that the same reading gave.
        slip: The file behind the link, for "pdf".
        instead: A code for the same invoice as text, for "pdf", should the file not reach the customer.
    """

    invoice: Invoice
    format: str
    content: str
    code_amount: Decimal | None = None
    others: tuple[str, ...] = ()
    slip: bytes | None = field(default=None, repr=False)
    instead: str = ""

    def __repr__(self) -> str:
        return f"Payable({self.invoice.title_id!r}, {self.format!r})"


@dataclass(frozen=True)
class Problem:
    """Why there is no payable, and which formats there are instead."""

    reason: NotPayable
    offered: tuple[str, ...] = ()


class PayableService:
    """Fetches and verifies what is delivered.

    Args:
        sgp: The ERP.
        slips: Fetches the files behind the ERP's links.
    """

    def __init__(self, sgp: SgpClient, slips: SlipFetcher) -> None:
        self._sgp = sgp
        self._slips = slips

    def formats(
        self, contract_id: str, title_id: str, today: date, deadline: Deadline
    ) -> tuple[str, ...] | None:
        """What the invoice really has, in the order of offering; None when it is not open any more.

        Raises:
            billing.sgp.errors.SgpError: When the ERP could not be asked.
        """
        sources = self._sources(_Reading(self._sgp, contract_id, deadline), title_id, today)
        return sources.available() if sources else None

    def prepare(
        self,
        contract_id: str,
        title_ids: Sequence[str],
        payment_format: str,
        today: date,
        deadline: Deadline,
    ) -> tuple[Payable | Problem, ...]:
        """Read invoices afresh and give each in one format.

        The title row must still be open and belong to the contract; the code must verify. An overdue
        invoice, or one that lacks the code, is re-issued (`fatura2via`) and carries the updated amount.

        Args:
            contract_id: A contract of the verified customer.
            title_ids: The chosen invoices.
            payment_format: One of `FORMATS`.
            today: In the provider's zone.
            deadline: End of the turn's ERP budget.

        Returns:
            One result for each title id, in the given order.

        Raises:
            billing.sgp.errors.SgpError: When the ERP could not be asked.
        """
        reading = _Reading(self._sgp, contract_id, deadline)
        sources = [self._sources(reading, title_id, today, wanted=payment_format) for title_id in title_ids]
        if payment_format != "pdf":
            return tuple(_prepared(each, payment_format) for each in sources)
        # One after the other, the files of several invoices would take more time than the turn has.
        with ThreadPoolExecutor(max(1, len(sources))) as threads:
            return tuple(threads.map(lambda each: self._with_slip(each, deadline), sources))

    def _with_slip(self, sources: _Sources | None, deadline: Deadline) -> Payable | Problem:
        prepared = _prepared(sources, "pdf")
        if sources is None or isinstance(prepared, Problem):
            return prepared
        code = sources.payable("barcode") or sources.payable("pix")
        try:
            slip = self._slips.fetch(prepared.content, deadline)
            return replace(prepared, slip=slip, instead=code.content if code else "")
        except SlipError as error:
            logger.warning("slip not delivered: %s: %s", type(error).__name__, error)
            return Problem(NotPayable.FORMAT_MISSING, prepared.others)

    def _sources(
        self, reading: _Reading, title_id: str, today: date, wanted: str | None = None
    ) -> _Sources | None:
        title = reading.open_titles.get(title_id)
        if title is None:
            return None
        invoice = to_invoice(title, today)
        lacking = _lacks(title, wanted)
        copy = None
        if invoice.due is Due.OVERDUE or lacking:
            copy = _matching(reading.second_copies, title)
        pix_code = None
        if wanted in {"pix", "qr_code"} and lacking and copy and not copy.pix_code:
            pix_code = reading.pix_code(copy)
        return _Sources(invoice, title, copy, pix_code, self._slips)


def _prepared(sources: _Sources | None, payment_format: str) -> Payable | Problem:
    if sources is None:
        return Problem(NotPayable.NO_LONGER_OPEN)
    payable = sources.payable(payment_format)
    others = sources.others(payment_format)
    if payable:
        return replace(payable, others=others)
    broken = sources.has_raw(payment_format)
    return Problem(NotPayable.CODE_BROKEN if broken else NotPayable.FORMAT_MISSING, others)


class _Reading:
    """What one turn reads of a contract, each list at most once."""

    def __init__(self, sgp: SgpClient, contract_id: str, deadline: Deadline) -> None:
        self._sgp = sgp
        self._contract_id = contract_id
        self._deadline = deadline

    @cached_property
    def open_titles(self) -> dict[str, Title]:
        titles = self._sgp.titles(self._contract_id, self._deadline, status="open").titles
        return {title.title_id: title for title in titles}

    @cached_property
    def second_copies(self) -> tuple[SecondCopyItem, ...]:
        return self._sgp.second_copy(self._contract_id, self._deadline)

    def pix_code(self, item: SecondCopyItem) -> str | None:
        return self._sgp.pix(self._contract_id, item.invoice_number, self._deadline)


@dataclass(frozen=True)
class _Sources:
    """Where the codes of one invoice come from, the freshest first."""

    invoice: Invoice
    title: Title
    copy: SecondCopyItem | None
    pix_code: str | None
    slips: SlipFetcher

    def available(self) -> tuple[str, ...]:
        return tuple(name for name in FORMATS if self.payable(name))

    def others(self, payment_format: str) -> tuple[str, ...]:
        return tuple(name for name in self.available() if name != payment_format)

    def has_raw(self, payment_format: str) -> bool:
        return any(self._raw(payment_format))

    def payable(self, payment_format: str) -> Payable | None:
        for content in self._raw(payment_format):
            try:
                checked, amount = self._check(payment_format, content)
            except (InvalidBrCode, InvalidSlip, _ForeignLink):
                continue
            owed = self.amount
            differs = amount if amount is not None and amount != owed else None
            invoice = replace(self.invoice, amount=owed)
            return Payable(invoice, payment_format, checked, differs)
        return None

    @property
    def amount(self) -> Decimal:
        return self.copy.amount if self.copy else self.invoice.amount

    def _raw(self, payment_format: str) -> Iterable[str]:
        if payment_format in {"pix", "qr_code"}:
            found = (self.copy and self.copy.pix_code, self.title.pix_code, self.pix_code)
        elif payment_format == "barcode":
            found = (self.copy and self.copy.digitable_line, self.title.digitable_line, None)
        else:
            found = (self.copy and self.copy.link, self.title.link, None)
        return [content for content in found if content]

    def _check(self, payment_format: str, content: str) -> tuple[str, Decimal | None]:
        if payment_format in {"pix", "qr_code"}:
            return content, parse_brcode(content).amount
        if payment_format == "barcode":
            slip = parse_slip(content, today=self.invoice.due_date)
            return slip.formatted, slip.amount
        if not self.slips.allows(content):
            raise _ForeignLink
        return content, None


class _ForeignLink(Exception):
    """A slip's link leads away from the hosts that the operator allowed."""


def _lacks(title: Title, wanted: str | None) -> bool:
    """Whether the title row misses the wanted format, or any when none is wanted yet."""
    held = {
        "pix": title.pix_code,
        "qr_code": title.pix_code,
        "pdf": title.link,
        "barcode": title.digitable_line,
    }
    return not (held[wanted] if wanted else all(held.values()))


def _matching(items: Iterable[SecondCopyItem], title: Title) -> SecondCopyItem | None:
    """The re-issued slip of a title; older versions leave its id out, then date and amount tell."""
    alike = [
        item
        for item in items
        if item.title_id == title.title_id
        or (
            item.title_id is None
            and (item.original_due_date or item.due_date) == title.due_date
            and (item.original_amount or item.amount) == title.amount
        )
    ]
    # Two invoices alike in date and amount would both get the first one's code, which can be paid only once.
    return alike[0] if len(alike) == 1 else None
