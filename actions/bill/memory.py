"""What the conversation holds of the bill: the list that was shown, the choice, the wish in a message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from billing.folding import fold
from billing.invoices import Invoice
from billing.selection import Wish

if TYPE_CHECKING:
    from rasa_sdk import Tracker


EMAIL = "email"
"""Value of the slot `payment_format` for a bill that SGP sends by e-mail; not a format of `FORMATS`."""

_BY_EMAIL = re.compile(r"\be[- ]?mail\b")
_NOT_BY_EMAIL = re.compile(r"\b(?:nao|sem|nem)\b[^.,;]{0,20}\be[- ]?mail\b")


def wants_email(message: dict[str, Any]) -> bool:
    """Whether a message asks for the bill by e-mail. The argument is its parse data."""
    text = fold(message.get("text") or "")
    return bool(_BY_EMAIL.search(text)) and not _NOT_BY_EMAIL.search(text)


def listed_invoices(tracker: Tracker) -> tuple[Invoice, ...]:
    """The invoices as the customer saw them, in that order."""
    return tuple(Invoice.from_slot(kept) for kept in tracker.get_slot("open_invoices") or [])


def chosen_invoices(tracker: Tracker) -> tuple[Invoice, ...]:
    """Those of the list that the customer picked, in the list's order."""
    wanted = set((tracker.get_slot("invoice") or "").split(","))
    return tuple(invoice for invoice in listed_invoices(tracker) if invoice.title_id in wanted)


def format_was_said(tracker: Tracker, payment_format: str) -> bool:
    """Whether the customer picked the format; else it is the provider's default."""
    offered = tracker.get_slot("offered_formats") is not None
    return offered or any(
        event.get("event") == "user"
        and any(
            entity["entity"] == "payment_format" and payment_format in entity["value"]
            for entity in (event.get("parse_data") or {}).get("entities") or []
        )
        for event in tracker.events
    )


def format_is_left_over(tracker: Tracker) -> bool:
    """Whether the format is of codes that the customer was offered and did not take ("quer as próximas?")."""
    if tracker.get_slot("delivery_outcome") != "more_left":
        return False
    for event in reversed(tracker.events):
        if event.get("event") == "action" and event.get("name") == "action_deliver_bill":
            return True
        entities = (event.get("parse_data") or {}).get("entities") or []
        if any(entity["entity"] == "payment_format" for entity in entities):
            return False
    return False


def wish_in(message: dict[str, Any]) -> Wish:
    """What one message of the customer says of an invoice.

    Args:
        message: Parse data with its entities.
    """
    said = {entity["entity"]: str(entity["value"]) for entity in reversed(message.get("entities") or [])}
    return Wish(
        ordinal=said.get("ordinal"), month=said.get("month"), day=said.get("date"), amount=said.get("amount")
    )
