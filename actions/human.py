"""A person, from anywhere in the dialogue."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from actions.base import UNAVAILABLE, ErpAction, Events
from actions.wording import REASONS, TOPICS, opening
from billing.audit import AuditEvent, Step
from billing.desk import DeskAnswer
from billing.folding import fold
from billing.handoff import Handoff, HandoffOutcome, open_ticket
from billing.redaction import redact
from billing.sgp.errors import SgpError

if TYPE_CHECKING:
    from rasa_sdk import Tracker
    from rasa_sdk.executor import CollectingDispatcher

    from actions.context import Context
    from billing.identity import Identity

PROTOCOL = re.compile(r"\bprotocolo\b")
MORE_THAN_PROTOCOL = re.compile(
    r"\b(?:abr\w+|regist\w+|reclam\w+|atend(?!imento)\w+|pessoa|human[oa]|falar|ontem)\b"
)
"""Beside these words a protocol is asked of a person, not the number of this conversation."""


class ActionHandoff(ErpAction):
    """Passes the conversation on: a ticket for a known customer, and the desk, if there is one.

    Whoever is not identified gets neither ticket nor other words, whether or not the document exists.
    """

    outcome_slot = "handoff_outcome"

    def name(self) -> str:
        """Name in the domain."""
        return "action_handoff"

    def work(self, here: Context, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Say how the customer reaches a person; while a desk has the conversation, the bot is silent."""
        text = fold(tracker.latest_message.get("text") or "")
        conversation = here.protocol(tracker)
        if PROTOCOL.search(text) and not MORE_THAN_PROTOCOL.search(text):
            dispatcher.utter_message(response="utter_protocol", protocol=conversation)
            return [self.outcome("protocol_told")]
        identity = here.identities.current(tracker.sender_id)
        contract_id = self._contract(identity, tracker)
        asked = AuditEvent(
            "handoff",
            tracker.sender_id,
            identity.document_index if identity else None,
            contract_id,
            outcome=_reason(tracker),
        )
        ticket = self._ticket(here, tracker, contract_id, asked)
        with here.audit.attempt(asked) as attempt:
            answer = here.desk.hand_over(
                tracker.sender_id,
                _reason(tracker),
                _summary(tracker, conversation, ticket),
                contract_id,
                tracker.latest_message["message_id"],
            )
            attempt.record(Step.DONE, answer.value)
        protocol = ticket.protocol if ticket and ticket.protocol else conversation
        when = opening(here.settings.opening_hours, here.now())
        if answer is DeskAnswer.CONNECTED:
            dispatcher.utter_message(response="utter_handoff_connected", protocol=f", protocolo {protocol}")
            # A form would ask its question once more, and that belongs to the person now.
            left = [ActiveLoop(None), SlotSet("requested_slot", None)]
            return [*left, self.outcome("connected"), FollowupAction("action_listen")]
        if answer is DeskAnswer.NOTED:
            dispatcher.utter_message(
                response="utter_handoff_noted", protocol=f", protocolo {protocol}", when=when
            )
            return [self.outcome("noted")]
        return [self.outcome(self._say_without_desk(here, dispatcher, contract_id, ticket, when))]

    def _contract(self, identity: Identity | None, tracker: Tracker) -> str | None:
        # Of a ticket that is open already a birth date must not learn.
        if identity is None or identity.weak or not identity.contracts:
            return None
        chosen: str | None = tracker.get_slot("contract")
        return chosen if identity.owns(chosen) else identity.contracts[0].contract_id

    def _ticket(
        self, here: Context, tracker: Tracker, contract_id: str | None, asked: AuditEvent
    ) -> HandoffOutcome | None:
        """The ticket of a known customer; None when SGP did not take it or nobody is known."""
        if contract_id is None:
            return None
        try:
            with here.audit.attempt(replace(asked, action="ticket")) as attempt:
                attempt.record(Step.ALLOWED)
                ticket = open_ticket(
                    here.sgp,
                    here.claims,
                    contract_id,
                    _reason(tracker),
                    _summary(tracker, here.protocol(tracker), None),
                    tracker.latest_message["message_id"],
                    here.deadline(tracker),
                    here.settings.timezone,
                )
                attempt.record(Step.DONE, ticket.result.value)
        except SgpError:
            return None
        return ticket

    def _say_without_desk(
        self,
        here: Context,
        dispatcher: CollectingDispatcher,
        contract_id: str | None,
        ticket: HandoffOutcome | None,
        when: str,
    ) -> str:
        contact = f": {here.settings.support_contact}" if here.settings.support_contact else ""
        if contract_id is None:
            dispatcher.utter_message(response="utter_handoff_contact", contact=contact)
            return "contact"
        if ticket is None:
            dispatcher.utter_message(response="utter_handoff_unavailable", contact=contact)
            return UNAVAILABLE
        if ticket.result is Handoff.UNKNOWN:
            dispatcher.utter_message(response="utter_handoff_unknown", contact=contact)
        elif ticket.result is Handoff.ALREADY_OPEN:
            dispatcher.utter_message(response="utter_handoff_already", protocol=ticket.protocol, when=when)
        else:
            dispatcher.utter_message(response="utter_handoff_ticket", protocol=ticket.protocol, when=when)
        return ticket.result.value


def _reason(tracker: Tracker) -> str:
    return str(tracker.get_slot("handoff_reason") or "asked")


def _summary(tracker: Tracker, conversation: str, ticket: HandoffOutcome | None) -> str:
    """What the person should know; texts of the customer are masked, since tickets are read by many."""
    asked: dict[str, Any] = {
        "Motivo": REASONS[_reason(tracker)],
        "Assunto": TOPICS.get(tracker.get_slot("topic") or ""),
        "Protocolo da conversa": conversation,
        "Chamado no SGP": ticket and ticket.protocol,
        "Última mensagem": redact(tracker.latest_message.get("text") or "")[:300],
    }
    return ". ".join(f"{name}: {value}" for name, value in asked.items() if value)
