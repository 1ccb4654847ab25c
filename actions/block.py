"""The Internet is off: why, and the trust unblock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rasa_sdk.events import SlotSet
from rasa_sdk.forms import FormValidationAction

from actions.base import CustomerAction, CustomerTurn, Events, last_intent
from actions.consent import is_explicit_yes
from billing.audit import Step
from billing.blocking import BlockState, Unblocking, block_state, trust_unblock
from billing.brazil import day

if TYPE_CHECKING:
    from rasa_sdk import Tracker
    from rasa_sdk.executor import CollectingDispatcher


class ActionCheckBlock(CustomerAction):
    """Tells a block for payment from an outage and from a contract that is fine."""

    outcome_slot = "block_outcome"

    def name(self) -> str:
        """Name in the domain."""
        return "action_check_block"

    def serve(self, turn: CustomerTurn) -> Events:
        """Ask the ERP; an earlier yes or no to an unblock is forgotten."""
        state = block_state(turn.here.sgp, turn.contract_id, turn.here.now(), turn.deadline)
        forgotten = SlotSet("unblock_consent", None)
        if state in {BlockState.SUSPENDED, BlockState.REDUCED} and _was_used_up(turn):
            return [forgotten, SlotSet("block_kind", state.value), self.outcome("unblock_used_up")]
        if state not in {BlockState.SUSPENDED, BlockState.REDUCED}:
            return [forgotten, self.outcome(state.value)]
        if turn.may_unblock:
            outcome = "blocked"
        else:
            outcome = "unblock_not_proven" if turn.here.settings.trust_unblock_enabled else "unblock_disabled"
        return [forgotten, SlotSet("block_kind", state.value), self.outcome(outcome)]


def _was_used_up(turn: CustomerTurn) -> bool:
    """Whether SGP has said in this conversation that the contract's unblock of the month was used."""
    return bool(turn.tracker.get_slot("unblock_used_up") == turn.contract_id)


class ValidateUnblockForm(FormValidationAction):
    """Takes only a clear yes: a write must not hang on a guess of the classifier."""

    def name(self) -> str:
        """Name in the domain."""
        return "validate_unblock_form"

    def validate_unblock_consent(
        self,
        value: Any,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> dict[str, bool | None]:
        """Ask again when the yes was not explicit."""
        doubtful = value and not is_explicit_yes(tracker.latest_message.get("text") or "")
        return {"unblock_consent": None if doubtful else value}


class ActionTrustUnblock(CustomerAction):
    """Asks SGP for the trust unblock, once, after an explicit yes."""

    outcome_slot = "unblock_outcome"

    def name(self) -> str:
        """Name in the domain."""
        return "action_trust_unblock"

    def serve(self, turn: CustomerTurn) -> Events:
        """Only the message that says yes to the pending question opens this door."""
        asked_again_elsewhere = [SlotSet("unblock_consent", None), SlotSet("block_outcome", None)]
        said_yes = turn.tracker.get_slot("unblock_consent") is True and last_intent(turn.tracker) == "affirm"
        with turn.attempt("trust_unblock") as attempt:
            if not said_yes or not turn.may_unblock:
                attempt.record(Step.DENIED)
                return [*asked_again_elsewhere, self.outcome("declined")]
            attempt.record(Step.ALLOWED)
            message_id = turn.tracker.latest_message["message_id"]
            outcome = trust_unblock(
                turn.here.sgp, turn.here.claims, turn.contract_id, message_id, turn.deadline
            )
            attempt.record(Step.DONE, outcome.result.value)
        if outcome.result is Unblocking.GRANTED:
            turn.dispatcher.utter_message(
                response="utter_unblock_granted",
                days=f" por {outcome.days} dias" if outcome.days else "",
                until=f", até {day(outcome.until)}" if outcome.until else "",
                protocol=f" Protocolo: {outcome.protocol}." if outcome.protocol else "",
            )
        refused = outcome.result in {Unblocking.QUOTA_USED, Unblocking.NOT_APPLICABLE, Unblocking.UNKNOWN}
        reason = [SlotSet("handoff_reason", "unblock_refused")] if refused else []
        if outcome.result is Unblocking.QUOTA_USED:
            reason.append(SlotSet("unblock_used_up", turn.contract_id))
        return [*asked_again_elsewhere, *reason, self.outcome(outcome.result.value)]
