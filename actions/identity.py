"""Who is writing, and about which contract?"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from rasa_sdk.events import SlotSet
from rasa_sdk.forms import FormValidationAction

from actions.base import NOT_IDENTIFIED, ErpAction, Events, last_intent
from actions.context import context, off_loop
from actions.contract import turned_to, turns_away
from billing.audit import AuditEvent, Step
from billing.documents import DocumentError, WrongLength, could_be_mobile, find_malformed, parse
from billing.identity import Identification, wait_out_step

if TYPE_CHECKING:
    from rasa_sdk import Tracker
    from rasa_sdk.executor import CollectingDispatcher

    from actions.context import Context
    from billing.documents import Document
    from billing.identity import Identity

HANDOFF_REASONS = {
    Identification.NOT_MATCHED: "not_identified",
    Identification.NO_ADDRESS: "not_identified",
    Identification.LOCKED: "locked_out",
}
"""Why somebody who is not let in would want a person."""

NEW_CUSTOMER_SLOTS = ("contract", "open_invoices", "invoice", "offered_formats")
"""What was about the customer before, and must not be taken for the new one's."""


REQUESTS = {
    "duplicate_bill",
    "ask_debt",
    "ask_due_date",
    "ask_updated_value",
    "choose_invoice",
    "choose_payment_format",
    "already_paid",
    "internet_blocked",
    "trust_unblock",
    "try_again",
}
"""Intents that the rules answer with the identity form."""

MAYBE_MOBILE = "maybe_mobile"
"""Value of `cpf_problem`: eleven digits that are a valid CPF and a mobile number at once."""

CHOICES = {"choose_invoice", "choose_payment_format"}
"""Those that choose among the parts of a bill."""


class ValidateIdentityForm(FormValidationAction):
    """Checks a document's digits; asks for none while the sender is identified."""

    def name(self) -> str:
        """Name in the domain."""
        return "validate_identity_form"

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> list[str]:
        """Nothing to ask while the sender is identified."""
        if tracker.get_slot("cpf") is not None:
            return domain_slots
        known = await off_loop(context().identities.current, tracker.sender_id)
        return domain_slots if known is None else []

    async def extract_cpf(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> dict[str, str | None]:
        """Let the form ask again when another request comes instead of the document.

        The rules answer each request with this very form, and Rasa never predicts a form that has just
        rejected a message. A yes confirms the number that could have been a mobile.
        """
        if tracker.get_slot("cpf") is not None:
            return {}
        if tracker.get_slot("requested_slot") != "cpf":
            # A request may bring its document along, and be told at once that a digit is wrong.
            text = tracker.latest_message.get("text") or ""
            return {"cpf": text} if find_malformed(text) and not _was_refused_this_turn(tracker) else {}
        intent = last_intent(tracker)
        if tracker.get_slot("cpf_problem") == MAYBE_MOBILE and intent in {"affirm", "deny"}:
            return {"cpf": _document_before(tracker) if intent == "affirm" else None}
        return {"cpf": None} if intent in REQUESTS else {}

    async def validate_cpf(
        self,
        value: Any,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> dict[str, str | None]:
        """Keep a document with right check digits; note what is wrong with anything else. No ERP call.

        The sender's own number is none, whatever its digits say. A number that could be a mobile is one only
        in answer to the question, or when the customer calls it so.
        """
        # The form asks again in the turn that refused a document, and finds it in the same message.
        if value is None or _was_refused_this_turn(tracker):
            return {"cpf": None}
        documents = set(value) if isinstance(value, list) else {value}
        if len(documents) > 1:
            return {"cpf": None, "cpf_problem": "several"}
        text = str(documents.pop())
        try:
            document = parse(text)
        except DocumentError:
            return {"cpf": None, "cpf_problem": _problem_with(text)}
        if await off_loop(context().identities.is_own_number, tracker.sender_id, document):
            return {"cpf": None, "cpf_problem": "own_number"}
        was_asked = tracker.get_slot("requested_slot") == "cpf"
        if not was_asked and could_be_mobile(tracker.latest_message.get("text") or "", document):
            return {"cpf": None, "cpf_problem": MAYBE_MOBILE}
        return {"cpf": document.digits, "cpf_problem": None}


def _document_before(tracker: Tracker) -> str | None:
    """The document of the message before the last one."""
    messages = [event["parse_data"] for event in tracker.events if event.get("event") == "user"]
    if len(messages) < 2:  # noqa: PLR2004 - the last and the one before
        return None
    values = [item["value"] for item in messages[-2]["entities"] if item["entity"] == "document"]
    return str(values[0]) if values else None


def _problem_with(text: str) -> str:
    reason = find_malformed(text)
    if reason is None:
        return "unreadable"
    return "wrong_length" if isinstance(reason, WrongLength) else "wrong_digits"


def _was_refused_this_turn(tracker: Tracker) -> bool:
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "action" and event.get("name") == "action_identify":
            return True
    return False


class ActionIdentify(ErpAction):
    """Verifies the document and the sender's phone against the ERP, and settles the contract."""

    outcome_slot = "identity_outcome"

    def name(self) -> str:
        """Name in the domain."""
        return "action_identify"

    def work(self, here: Context, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Identify unless the sender is the same customer already."""
        document = tracker.get_slot("cpf") and parse(tracker.get_slot("cpf"))
        identity = here.identities.current(tracker.sender_id)
        if document and not (identity and here.identities.is_same_customer(identity, document)):
            result = self._identify(here, tracker, document)
            if result is not Identification.VERIFIED:
                refused = [
                    SlotSet("cpf", None),
                    SlotSet("cpf_problem", result.value),
                    SlotSet("handoff_reason", HANDOFF_REASONS[result]),
                ]
                return [*refused, *_forget_customer(), self.outcome(result.value)]
            identity = here.identities.current(tracker.sender_id)
            # A document that was used up cannot renew the identity when that has ended.
            used_up = [SlotSet("cpf", None), *_forget_customer()]
            return [*used_up, *_implied_topic(tracker), *self._settle_contract(identity, None)]
        said = _implied_topic(tracker)
        chosen = tracker.get_slot("contract")
        text = tracker.latest_message.get("text") or ""
        if (
            identity
            and identity.owns(chosen)
            and tracker.latest_action_name != "contract_form"
            and turns_away(identity, chosen, text)
        ):
            other = turned_to(identity, chosen, text)
            return [SlotSet("cpf", None), *_forget_customer(), *said, *self._settle_contract(identity, other)]
        return [SlotSet("cpf", None), *said, *self._settle_contract(identity, chosen)]

    def _identify(self, here: Context, tracker: Tracker, document: Document) -> Identification:
        begun = time.monotonic()
        index = here.vault.index("document", document.digits)
        with here.audit.attempt(AuditEvent("identification", tracker.sender_id, index)) as attempt:
            result = here.identities.identify(tracker.sender_id, document, here.deadline(tracker))
            verified = result is Identification.VERIFIED
            attempt.record(Step.DONE if verified else Step.DENIED, result.value)
        if not verified:
            wait_out_step(begun)
        return result

    def _settle_contract(self, identity: Identity | None, chosen: str | None) -> Events:
        if identity is None:
            return [self.outcome(NOT_IDENTIFIED)]
        if not identity.contracts:
            return [self.outcome("no_contract")]
        if identity.owns(chosen):
            return [SlotSet("contract", chosen), self.outcome("verified")]
        if len(identity.contracts) == 1:
            return [SlotSet("contract", identity.contracts[0].contract_id), self.outcome("verified")]
        return [SlotSet("contract", None), self.outcome("choose_contract")]


def _forget_customer() -> Events:
    return [SlotSet(name, None) for name in NEW_CUSTOMER_SLOTS]


def _implied_topic(tracker: Tracker) -> Events:
    """Who names a payment format beside the document, or while an unblock is offered, wants a bill."""
    unsaid = tracker.get_slot("topic") is None and tracker.get_slot("payment_format") is not None
    # The "2" that has just answered which contract is meant chooses no invoice.
    chosen = last_intent(tracker) in CHOICES and tracker.latest_action_name != "contract_form"
    return [SlotSet("topic", "bill")] if unsaid or chosen else []
