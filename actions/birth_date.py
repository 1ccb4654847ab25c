"""The birth date, which only somebody is asked for whose number WhatsApp hides."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from actions.base import last_intent
from actions.context import context
from billing.birth_dates import parse_birth_date
from billing.documents import DocumentError, parse
from billing.folding import fold

if TYPE_CHECKING:
    from collections.abc import Collection

    from rasa_sdk import Tracker

BIRTH_DATE = "birth_date"
"""The slot; it proves nothing until SGP has the same date."""

CALLED_SO = re.compile(r"\bnasc(?:i|ido|ida|imento|eu)\b")
FIGURES = re.compile(r"[0-9]{2}.*[0-9]{2}")
"""What looks like an attempt at a date."""


def slots_needed(domain_slots: list[str], tracker: Tracker) -> list[str]:
    """What the identity form asks for; reads the database.

    Args:
        domain_slots: The form's in the domain: the document.
        tracker: The conversation.

    Returns:
        Nothing while the sender is identified and names no document; the birth date too of a hidden number.
    """
    identities = context().identities
    known = identities.current(tracker.sender_id)
    document = tracker.get_slot("cpf")
    if document is None and known is not None:
        return []
    if not identities.asks_birth_date(tracker.sender_id):
        return domain_slots
    try:
        same = known is not None and identities.is_same_customer(known, parse(str(document)))
    except DocumentError:
        same = False
    return domain_slots if same else [*domain_slots, "birth_date"]


def birth_date_said(tracker: Tracker, requests: Collection[str]) -> dict[str, str | None]:
    """The date that was asked for, or one that a request calls a birth date; read by code, not by NLU.

    Args:
        tracker: The conversation.
        requests: Intents that the rules answer with the identity form.

    Returns:
        The slot to set; None in it has the form ask again, which another request and figures that are no
        date do. Empty for anything else: a question is answered first.
    """
    if tracker.get_slot(BIRTH_DATE) is not None:
        return {}
    text = fold(tracker.latest_message.get("text") or "")
    born = parse_birth_date(text, context().today())
    was_asked = tracker.get_slot("requested_slot") == BIRTH_DATE
    if born and (was_asked or CALLED_SO.search(text)):
        return {BIRTH_DATE: born.isoformat()}
    asks_again = was_asked and (last_intent(tracker) in requests or FIGURES.search(text))
    return {BIRTH_DATE: None} if asks_again else {}
