"""Other documents: the yearly settlement statement comes from SGP, the rest from a person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rasa_sdk import Action
from rasa_sdk.events import SlotSet

from actions.base import CustomerAction, CustomerTurn, Events
from billing.folding import fold
from billing.statement import StatementState, settlement_statement

if TYPE_CHECKING:
    from rasa_sdk import Tracker
    from rasa_sdk.executor import CollectingDispatcher

SETTLEMENT = re.compile(r"\bquita\w*|\bnada consta\b|\b(?:debito|declaracao) anual\b")
FILE_LIFETIME = 24 * 3600


class ActionOtherDocument(Action):
    """Tells the yearly settlement statement, which the bot can send, from what only people can."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_other_document"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        """Read the message; see rasa-sdk."""
        if SETTLEMENT.search(fold(tracker.latest_message.get("text") or "")):
            return [SlotSet("topic", "statement"), SlotSet("document_outcome", "statement")]
        return [SlotSet("document_outcome", "other")]


class ActionSendStatement(CustomerAction):
    """Sends the statement of the customer's contract."""

    outcome_slot = "statement_outcome"

    def name(self) -> str:
        """Name in the domain."""
        return "action_send_statement"

    def serve(self, turn: CustomerTurn) -> Events:
        """Fetch the file that SGP links to, and send it; a birth date opens bills only."""
        if turn.identity.weak:
            return [self.outcome("not_proven")]
        found = settlement_statement(turn.here.sgp, turn.here.slips, turn.contract_id, turn.deadline)
        if found.state is not StatementState.AVAILABLE or found.content is None:
            return [self.outcome(found.state.value)]
        turn.account_for("statement")
        media_id = turn.here.media.put(found.content, "application/pdf", found.filename, FILE_LIFETIME)
        turn.dispatcher.utter_message(
            response="utter_statement", year=f" de {found.year}" if found.year else ""
        )
        turn.dispatcher.utter_message(
            json_message={"type": "slip_pdf", "media_id": media_id, "filename": found.filename}
        )
        return [self.outcome("available")]
