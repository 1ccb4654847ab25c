"""Pieces of Portuguese that are put together from data; whole sentences are responses in domain.yml."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from billing.brazil import day, money, month
from billing.invoices import Due

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from billing.hours import BusinessHours
    from billing.invoices import Invoice

FORMAT_NAMES = {
    "pix": "PIX copia e cola",
    "qr_code": "QR code PIX",
    "pdf": "boleto em PDF",
    "barcode": "linha digitável",
}


REASONS = {
    "asked": "pediu uma pessoa",
    "not_identified": "não foi possível confirmar o cadastro",
    "locked_out": "identificação pausada por tentativas",
    "erp_down": "o SGP não respondeu",
    "dispute": "discorda da cobrança",
    "technical": "problema técnico",
    "sales": "planos ou mudança de endereço",
    "cancel": "quer cancelar",
    "privacy": "dados pessoais",
    "not_understood": "o robô não entendeu",
    "payment_not_posted": "diz que pagou e não consta",
    "unblock_refused": "desbloqueio em confiança não concedido",
    "receipt": "quer enviar comprovante",
    "other": "outro assunto",
}
"""Why somebody wants a person, for the person."""

TOPICS = {
    "bill": "segunda via",
    "payment": "confirmação de pagamento",
    "block": "bloqueio",
    "unblock": "desbloqueio em confiança",
    "statement": "declaração de quitação",
}

WEEKDAYS = (
    "segunda-feira",
    "terça-feira",
    "quarta-feira",
    "quinta-feira",
    "sexta-feira",
    "sábado",
    "domingo",
)


def opening(hours: BusinessHours, now: datetime) -> str:
    """When a person will answer, to follow a sentence.

    Args:
        hours: The provider's.
        now: Naive local time of the provider.

    Returns:
        Empty while it is open; else like `, a partir de segunda-feira, 30/11/2026, às 08:00`.
    """
    if hours.is_open(now):
        return ""
    opens = hours.next_opening(now)
    days = (opens.date() - now.date()).days
    near = {0: "hoje", 1: "amanhã"}.get(days, f"{WEEKDAYS[opens.weekday()]}, {day(opens.date())}")
    return f", a partir de {near}, às {opens:%H:%M}"


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
