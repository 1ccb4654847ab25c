"""What the conversation holds of the bill: the list that was shown, the choice, the wish in a message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from billing.folding import fold
from billing.invoices import Invoice
from billing.selection import Wish

if TYPE_CHECKING:
    from rasa_sdk import Tracker


ENDS_OF_REQUEST = {"action_deliver_bill", "action_start_over"}
"""Actions after which what was said before asks for nothing any more."""

EMAIL = "email"
"""Value of the slot `payment_format` for a bill that SGP sends by e-mail; not a format of `FORMATS`."""

_BY_EMAIL = re.compile(r"\be[- ]?mail\b")
_OVERDUE_ONES = re.compile(r"(?<!nao )(?<!nem )\b(?:vencidas|atrasadas)\b")
_SEVERAL = re.compile(
    r"\b(?:[ao]s|todas?|tudo|tds|ambas|ambos|duas|dois|tres|faturas|boletos|contas|mensalidades|parcelas)\b"
)
_TELLING = ("ordinal", "month", "date", "amount")
_OR = re.compile(r"\bou\b")
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
    """What one message of the customer says of invoices; nothing where it leaves a choice ("a 1 ou a 2?").

    Args:
        message: Parse data with its entities.
    """
    text = fold(message.get("text") or "")
    if _OVERDUE_ONES.search(text):
        return Wish(overdue=True, several=True)
    said: dict[str, list[str]] = {}
    for entity in message.get("entities") or []:
        values = said.setdefault(entity["entity"], [])
        if str(entity["value"]) not in values:
            values.append(str(entity["value"]))
    if _OR.search(text) and any(
        len(said.get(kind, [])) > 1 for kind in ("ordinal", "month", "date", "amount")
    ):
        return Wish()
    return Wish(
        several=bool(_SEVERAL.search(text))
        or "all" in said.get("ordinal", [])
        or any(len(values) > 1 for values in said.values()),
        ordinals=tuple(said.get("ordinal", [])),
        months=tuple(said.get("month", [])),
        days=tuple(said.get("date", [])),
        amounts=tuple(said.get("amount", [])),
    )


def formats_said(tracker: Tracker) -> tuple[str, ...]:
    """The payment formats of the last message that names any since a delivery, in its order.

    Nothing where the message leaves a choice ("pix ou boleto em pdf?").
    """
    for event in reversed(tracker.events):
        if event.get("event") == "action" and event.get("name") in ENDS_OF_REQUEST:
            return ()
        message = event.get("parse_data") or {} if event.get("event") == "user" else {}
        said = [item["value"] for item in message.get("entities") or [] if item["entity"] == "payment_format"]
        if said:
            return () if _OR.search(fold(message.get("text") or "")) else tuple(dict.fromkeys(said))
    return ()
