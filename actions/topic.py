"""What is wanted, where no intent says so: a document with one word beside it, a format, a choice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rasa_sdk.events import SlotSet

from actions.base import Events, last_intent
from billing.folding import fold

if TYPE_CHECKING:
    from rasa_sdk import Tracker

CHOICES = {"choose_invoice", "choose_payment_format"}
"""Those that choose among the parts of a bill."""

WORDS_OF_TOPICS = {
    "unblock": re.compile(r"\b(?:desbloque\w*|libera\w*)\b"),
    "block": re.compile(r"\b(?:bloque\w*|cortad[ao]|cortaram|suspens[ao]|sem (?:internet|net|sinal))\b"),
    "payment": re.compile(r"\b(?:ja )?(?:paguei|foi pag[oa]|esta pag[oa]|ta pag[oa])\b"),
    "bill": re.compile(r"\b(?:boletos?|faturas?|mensalidades?|segunda via|2a? via|debitos?)\b"),
}
"""What one word beside a document asks for, without accents; the first that fits."""


def implied_topic(tracker: Tracker) -> Events:
    """What a document with a word beside it is sent for, as the event that sets the topic.

    Who names a payment format, or while an unblock is offered chooses one, wants a bill.
    """
    unsaid = tracker.get_slot("topic") is None and tracker.get_slot("payment_format") is not None
    if tracker.get_slot("topic") is None and last_intent(tracker) == "inform_document":
        text = fold(tracker.latest_message.get("text") or "")
        asked = next((topic for topic, words in WORDS_OF_TOPICS.items() if words.search(text)), None)
        if asked:
            return [SlotSet("topic", asked)]
    # The "2" that has just answered which contract is meant chooses no invoice, nor does a birth date.
    answered = tracker.latest_action_name == "contract_form" or tracker.get_slot("birth_date") is not None
    chosen = last_intent(tracker) in CHOICES and not answered
    return [SlotSet("topic", "bill")] if unsaid or chosen else []
