"""About which of the customer's contracts?"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from rasa_sdk.forms import FormValidationAction

from actions.base import NOT_IDENTIFIED, ErpAction, Events, entity_values
from actions.context import context, off_loop
from billing.contracts import SMALL_WORDS
from billing.folding import fold

if TYPE_CHECKING:
    from rasa_sdk import Tracker
    from rasa_sdk.executor import CollectingDispatcher

    from actions.context import Context
    from billing.identity import Identity

ANOTHER_CONTRACT = re.compile(
    r"\boutr[oa] (?:contrato|endereco|casa|imovel|unidade|loja|local|apartamento|rua)\b"
    r"|\b(?:trocar?|mudar?) de contrato\b"
)
"""Words, without accents, by which a customer leaves the contract they were talking about."""

OF_SOME_PLACE = re.compile(r"\b(?:da|do|na|no) ([a-z]{4,})")
"""A word that may be a street's."""

CONTRACT_WORD = re.compile(r"\b(?:contrato|endereco|rua|avenida|av|imovel)\b")
"""Beside one of these, a word of a plan or street means that contract; alone it may mean anything."""


class AskContract(ErpAction):
    """Lists the customer's contracts by plan and street."""

    outcome_slot = "identity_outcome"

    def name(self) -> str:
        """Name in the domain."""
        return "action_ask_contract"

    def work(self, here: Context, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Say the list; it is the customer's own, so the identity is checked again."""
        identity = here.identities.current(tracker.sender_id)
        if identity is None:
            return [self.outcome(NOT_IDENTIFIED)]
        lines = [f"{number}. {contract.label}" for number, contract in enumerate(identity.contracts, start=1)]
        dispatcher.utter_message(response="utter_ask_contract", contracts="\n".join(lines))
        return []


class ValidateContractForm(FormValidationAction):
    """Understands which listed contract was meant."""

    def name(self) -> str:
        """Name in the domain."""
        return "validate_contract_form"

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> list[str]:
        """Nothing to ask when the identity has ended; `action_identify` then says so."""
        known = await off_loop(context().identities.current, tracker.sender_id)
        return [] if known is None else domain_slots

    async def extract_contract(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> dict[str, str | None]:
        """A position in the list, or words of a contract's label that no other one has."""
        identity = await off_loop(context().identities.current, tracker.sender_id)
        if identity is None:
            return {}
        if tracker.get_slot("requested_slot") != "contract":
            # Who asked for "o boleto da rua das Flores" is not asked which.
            return {"contract": _contract_named_early(identity, tracker)}
        ordinals = entity_values(tracker, "ordinal")
        chosen = _chosen_contract(identity, ordinals, tracker.latest_message.get("text") or "")
        if chosen is None and not ordinals:
            return {}
        if "all" in ordinals:
            dispatcher.utter_message(response="utter_one_contract_at_a_time")
        elif chosen is None and len(set(ordinals)) == 1:
            dispatcher.utter_message(response="utter_contract_not_listed")
        return {"contract": chosen}

    def validate_contract(
        self,
        value: Any,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> dict[str, Any]:
        """`extract_contract` gives only the customer's own contracts."""
        return {"contract": value}


def turns_away(identity: Identity, present: str, text: str) -> bool:
    """Whether a message leaves the contract that was talked about for another of the customer's.

    Args:
        identity: The customer.
        present: The contract so far.
        text: The message.
    """
    if len(identity.contracts) == 1:
        return False
    return bool(ANOTHER_CONTRACT.search(fold(text))) or _hinted(identity, text) not in {None, present}


def turned_to(identity: Identity, present: str, text: str) -> str | None:
    """Which contract that is; None when the customer has to be asked. Arguments as in `turns_away`."""
    if CONTRACT_WORD.search(fold(text)):
        named = _chosen_contract(identity, [], text)
        if named is not None and named != present:
            return named
    elif _hinted(identity, text) is not None:
        return None
    others = [each.contract_id for each in identity.contracts if each.contract_id != present]
    return others[0] if len(others) == 1 else None


def _hinted(identity: Identity, text: str) -> str | None:
    """The contract that a message speaks of: "rua das Flores" for sure, "o boleto da praia" maybe."""
    folded = fold(text)
    if CONTRACT_WORD.search(folded):
        return _chosen_contract(identity, [], text)
    return _chosen_contract(identity, [], " ".join(OF_SOME_PLACE.findall(folded)))


def _contract_named_early(identity: Identity, tracker: Tracker) -> str | None:
    """The contract that this message or the request before it names by its street."""
    said = [event.get("text") or "" for event in tracker.events if event.get("event") == "user"]
    for text in reversed(said[-2:]):
        if CONTRACT_WORD.search(fold(text)):
            return _chosen_contract(identity, [], text)
    return None


def _chosen_contract(identity: Identity, ordinals: list[str], text: str) -> str | None:
    if len(set(ordinals)) > 1:
        return None
    for ordinal in ordinals:
        if ordinal.isdigit() and 1 <= int(ordinal) <= len(identity.contracts):
            return identity.contracts[int(ordinal) - 1].contract_id
    count = Counter(word for contract in identity.contracts for word in _words(contract.label))
    telling = {word for word in _words(text) if count[word] == 1}
    fitting = [contract.contract_id for contract in identity.contracts if telling & _words(contract.label)]
    return fitting[0] if len(fitting) == 1 else None


def _words(text: str) -> set[str]:
    words = re.findall(r"\w+", fold(text))
    # A house number of two digits may as well be a day.
    return {word for word in words if len(word) > 2 and word not in SMALL_WORDS}  # noqa: PLR2004 - as said above
