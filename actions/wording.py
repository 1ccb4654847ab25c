"""Pieces of Portuguese that are put together from data; whole sentences are responses in domain.yml."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from billing.brazil import day, money, month
from billing.invoices import Due

if TYPE_CHECKING:
    from collections.abc import Iterable

    from billing.invoices import Invoice

FORMAT_NAMES = {
    "pix": "PIX copia e cola",
    "qr_code": "QR code PIX",
    "pdf": "boleto em PDF",
    "barcode": "linha digitável",
}


def due_words(invoice: Invoice) -> str:
    """`vencida em 10/10/2026` or `vence em 10/12/2026`."""
    verb = "vencida em" if invoice.due is Due.OVERDUE else "vence em"
    return f"{verb} {day(invoice.due_date)}"


def invoice_lines(invoices: Iterable[Invoice]) -> str:
    """One numbered line for each invoice, in the given order."""
    return "\n".join(
        f"{number}. {month(invoice.due_date).capitalize()}: {money(invoice.amount)}, {due_words(invoice)}"
        for number, invoice in enumerate(invoices, start=1)
    )


def total(invoices: Iterable[Invoice]) -> str:
    """Sum of the amounts, as `R$ 1.234,56`."""
    return money(sum((invoice.amount for invoice in invoices), start=Decimal(0)))


def format_list(formats: Iterable[str]) -> str:
    """One numbered line for each payment format, in the given order."""
    names = (FORMAT_NAMES[name] for name in formats)
    return "\n".join(f"{number}. {name[0].upper()}{name[1:]}" for number, name in enumerate(names, start=1))
