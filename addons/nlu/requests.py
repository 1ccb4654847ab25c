"""Last component of the pipeline: which of several requests is acted on, and what else is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message

from addons.nlu.clauses import CLAUSE_OF, REFUSED
from addons.nlu.stateless import StatelessComponent

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

OTHER_SUBJECTS = "other_subjects"
"""Property of a message: what is asked for beside that which is acted on."""

NO_REQUEST = {DEFAULT_NLU_FALLBACK_INTENT_NAME, "out_of_scope"}
"""Intents of a whole message that a single certain request in it outweighs."""

CERTAINTY = 0.9
"""How likely a clause's intent must be; a wrong word about something else confuses more than none."""

SUBJECTS = {
    "duplicate_bill": "bill",
    "ask_debt": "bill",
    "ask_due_date": "bill",
    "ask_updated_value": "bill",
    "already_paid": "payment",
    "internet_blocked": "block",
    "trust_unblock": "unblock",
    "ask_human": "human",
    "other_document": "document",
    "negotiate_payment": "negotiation",
    "change_due_date": "due_date",
    "dispute_invoice": "dispute",
    "wrong_registration": "registration",
    "technical_problem": "technical",
    "ask_plans": "plans",
    "cancel_contract": "cancellation",
    "choose_invoice": "bill",
    "choose_payment_format": "bill",
}
"""Requests by intent; those of one subject get the same answer."""

ANSWERED_WITH = {
    "payment": {"block", "unblock", "dispute"},
    "block": {"bill", "unblock", "technical"},
    "unblock": {"bill", "block", "payment", "technical", "negotiation"},
    "negotiation": {"bill"},
    "technical": {"block", "payment"},
    "dispute": {"payment", "plans"},
    "due_date": {"negotiation"},
}
"""What the answer to a subject covers too, or what is only said as its reason."""


def requests_in(intents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The requests among clauses.

    Args:
        intents: Each clause's intent: name and confidence, 0 to 1.

    Returns:
        Those that are of `SUBJECTS` and certain, in the order in which they were said.
    """
    return [each for each in intents if each["name"] in SUBJECTS and each["confidence"] >= CERTAINTY]


def acted_on(whole: str, requests: Sequence[str], refused: Collection[str] = ()) -> str:
    """What comes first when several things are asked for.

    Args:
        whole: Intent of the whole message; two requests together can look like none, or like the second.
        requests: Intents of the clauses that ask for something, as they were said.
        refused: Intents of those that say what is not wanted.

    Returns:
        The intent that was said first, unless the whole's answer covers it; `whole` when less than two
        subjects are named, and when it is paid.
    """
    if requests and (whole in NO_REQUEST or whole in refused):
        return requests[0]
    # Who says that it is paid gets no code pushed at them, whatever they said before.
    if whole == "already_paid" or len({SUBJECTS[each] for each in requests}) < 2:  # noqa: PLR2004 - several
        return whole
    covered = ANSWERED_WITH.get(SUBJECTS.get(whole, ""), set())
    return whole if SUBJECTS[requests[0]] in covered else requests[0]


def other_subjects(intent: str, requests: Sequence[str]) -> list[str]:
    """What is asked for beside that which is acted on.

    Args:
        intent: What is acted on.
        requests: Intents of the clauses that ask for something, as they were said.

    Returns:
        Subjects as in `SUBJECTS`, each once and in the order in which they were named; none when `intent`
        is no request: who stops, thanks, or wants a person, has said it all.
    """
    subject = SUBJECTS.get(intent)
    if subject is None or subject == "human":
        return []
    covered = {subject, *ANSWERED_WITH.get(subject, ())}
    named = dict.fromkeys(SUBJECTS[request] for request in requests)
    return [each for each in named if each not in covered]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SeveralRequests(StatelessComponent):
    """Takes the clauses out again, and lets them say what the whole message asks for."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Settle intent and other subjects of each whole message.

        Args:
            messages: Classified messages, and behind them their clauses.

        Returns:
            The whole messages.
        """
        wholes = [message for message in messages if message.get(CLAUSE_OF) is None]
        for place, whole in enumerate(wholes):
            parts = [message for message in messages if message.get(CLAUSE_OF) == place]
            requests = requests_in([part.get(INTENT) for part in parts if not part.get(REFUSED)])
            names = [each["name"] for each in requests]
            refused = {part.get(INTENT)["name"] for part in parts if part.get(REFUSED)}
            intent = acted_on(whole.get(INTENT)["name"], names, refused)
            if intent != whole.get(INTENT)["name"]:
                first = next(part for part in parts if part.get(INTENT) is requests[0])
                whole.set(INTENT, first.get(INTENT), add_to_output=True)
                whole.set(INTENT_RANKING_KEY, first.get(INTENT_RANKING_KEY), add_to_output=True)
            whole.set(OTHER_SUBJECTS, other_subjects(intent, names), add_to_output=True)
        return wholes
