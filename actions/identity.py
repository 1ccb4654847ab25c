"""Who is writing, and about which contract?"""

from __future__ import annotations

import time
from datetime import date
from typing import TYPE_CHECKING, Any

from rasa_sdk.events import SlotSet
from rasa_sdk.forms import FormValidationAction

from actions.base import NOT_IDENTIFIED, ErpAction, Events, last_intent, ran_this_turn
from actions.birth_date import birth_date_said, slots_needed
from actions.context import context, off_loop
from actions.contract import turned_to, turns_away
from actions.topic import implied_topic
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

USED_UP_BY = {"action_identify", "action_session_start", "action_start_over"}
"""Actions after which a document that was said before means nothing any more."""

MAYBE_MOBILE = "maybe_mobile"
"""Value of `cpf_problem`: eleven digits that are a valid CPF and a mobile number at once."""

NOT_PROVEN = "not_proven"
"""Value of `cpf_problem` after a refusal in which the birth date was the second proof."""


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
        """Nothing to ask while the sender is identified; of a hidden number also the birth date."""
        return await off_loop(slots_needed, domain_slots, tracker)

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
            if find_malformed(text):
                return {} if ran_this_turn(tracker, "action_identify") else {"cpf": text}
            early = _document_said_early(tracker)
            return {"cpf": early} if early else {}
        intent = last_intent(tracker)
        if tracker.get_slot("cpf_problem") == MAYBE_MOBILE and intent in {"affirm", "deny"}:
            return {"cpf": _document_before(tracker) if intent == "affirm" else None}
        return {"cpf": None} if intent in REQUESTS else {}

    async def extract_birth_date(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> dict[str, str | None]:
        """The date that was asked for, or one that the request calls a birth date; read by code, not by NLU.

        Another request, or figures that are no date, have the form ask again; a question is answered first.
        """
        return {} if ran_this_turn(tracker, "action_identify") else birth_date_said(tracker, REQUESTS)

    def validate_birth_date(
        self,
        value: Any,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> dict[str, Any]:
        """`extract_birth_date` gives only dates; whether it is the right one `action_identify` asks SGP."""
        return {"birth_date": value}

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
        refused = ran_this_turn(tracker, "action_identify")
        if value is None or refused:
            # When another request came instead, what was wrong with an earlier document is told already.
            return {"cpf": None} if refused else {"cpf": None, "cpf_problem": None}
        # Rasa keeps the last entity of a message in the slot, whatever else was named.
        if len(_documents_in(tracker.latest_message)) > 1:
            return {"cpf": None, "cpf_problem": "several"}
        text = str(value)
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
    named = _documents_in(messages[-2])
    return named[0] if named else None


def _document_said_early(tracker: Tracker) -> str | None:
    """The one document that this session's messages named and that nothing was made of yet."""
    named: list[str] = []
    for event in reversed(tracker.events):
        if event.get("event") == "action" and event.get("name") in {
            "action_identify",
            "action_session_start",
        }:
            break
        if event.get("event") == "user":
            named += _documents_in(event.get("parse_data") or {})
    return named[0] if len(set(named)) == 1 else None


def _documents_in(message: dict[str, Any]) -> list[str]:
    """The different documents that a message names, in its order."""
    named = [str(item["value"]) for item in message.get("entities", []) if item["entity"] == "document"]
    return list(dict.fromkeys(named))


def _problem_with(text: str) -> str:
    reason = find_malformed(text)
    if reason is None:
        return "unreadable"
    return "wrong_length" if isinstance(reason, WrongLength) else "wrong_digits"


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
                by_date = result is Identification.NOT_MATCHED and tracker.get_slot("birth_date")
                refused = [
                    *_proofs_used_up(tracker),
                    SlotSet("cpf_problem", NOT_PROVEN if by_date else result.value),
                    SlotSet("handoff_reason", HANDOFF_REASONS[result]),
                ]
                return [*refused, *_forget_customer(), self.outcome(result.value)]
            identity = here.identities.current(tracker.sender_id)
            # A document that was used up cannot renew the identity when that has ended.
            used_up = [*_proofs_used_up(tracker), *_forget_customer()]
            return [*used_up, *implied_topic(tracker), *self._settle_contract(identity, None)]
        said = implied_topic(tracker)
        chosen = tracker.get_slot("contract")
        text = tracker.latest_message.get("text") or ""
        if (
            identity
            and identity.owns(chosen)
            and tracker.latest_action_name != "contract_form"
            and turns_away(identity, chosen, text)
        ):
            other = turned_to(identity, chosen, text)
            forgotten = [*_proofs_used_up(tracker), *_forget_customer()]
            return [*forgotten, *said, *self._settle_contract(identity, other)]
        return [*_proofs_used_up(tracker), *said, *self._settle_contract(identity, chosen)]

    def _identify(self, here: Context, tracker: Tracker, document: Document) -> Identification:
        begun = time.monotonic()
        index = here.vault.index("document", document.digits)
        with here.audit.attempt(AuditEvent("identification", tracker.sender_id, index)) as attempt:
            said = tracker.get_slot("birth_date")
            born = date.fromisoformat(said) if said else None
            result = here.identities.identify(tracker.sender_id, document, here.deadline(tracker), born)
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


def _proofs_used_up(tracker: Tracker) -> Events:
    """The document and the birth date are not kept; the latter most customers are never asked for."""
    names = ["cpf"] if tracker.get_slot("birth_date") is None else ["cpf", "birth_date"]
    return [SlotSet(name, None) for name in names]


def _forget_customer() -> Events:
    return [SlotSet(name, None) for name in NEW_CUSTOMER_SLOTS]
