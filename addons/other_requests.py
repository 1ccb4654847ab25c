"""What is said of the requests in a message that have to wait for the one that is acted on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rasa.shared.core.events import BotUttered, UserUttered

from addons.nlu.requests import OTHER_SUBJECTS

if TYPE_CHECKING:
    from rasa.core.nlg import NaturalLanguageGenerator
    from rasa.shared.core.trackers import DialogueStateTracker

RESPONSES = {
    "bill": "utter_also_bill",
    "payment": "utter_also_payment",
    "block": "utter_also_block",
    "unblock": "utter_also_unblock",
    "human": "utter_also_human",
    "document": "utter_also_document",
    "negotiation": "utter_also_negotiation",
    "due_date": "utter_also_due_date",
    "dispute": "utter_also_dispute",
    "registration": "utter_also_registration",
    "technical": "utter_also_technical",
    "plans": "utter_also_plans",
    "cancellation": "utter_also_cancellation",
}
"""By subject; each tells the word that brings its answer."""


async def words_on_other_requests(
    tracker: DialogueStateTracker, nlg: NaturalLanguageGenerator, channel: str
) -> str:
    """What the first message of an answer begins with.

    Args:
        tracker: The conversation, with the customer's message at its end and nothing said yet.
        nlg: Gives the texts.
        channel: Name of the channel that they are for.

    Returns:
        A paragraph for each request that has to wait; nothing when there is none, and once the bot has
        begun to answer.
    """
    last = next(
        (event for event in reversed(tracker.events) if isinstance(event, BotUttered | UserUttered)), None
    )
    if not isinstance(last, UserUttered):
        return ""
    said = [
        await nlg.generate(RESPONSES[subject], tracker, channel)
        for subject in last.parse_data.get(OTHER_SUBJECTS, [])
    ]
    return "\n\n".join(response["text"] for response in said if response)
