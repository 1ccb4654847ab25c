"""Was it paid?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rasa_sdk.events import SlotSet

from actions.base import CustomerAction, CustomerTurn, Events
from actions.bill.memory import wish_in
from actions.wording import invoice_lines
from billing.blocking import is_blocked
from billing.brazil import day
from billing.payments import PaymentCheck, PaymentState, check_payment
from billing.selection import Wish

if TYPE_CHECKING:
    from rasa_sdk import Tracker

INCOMPLETE = "incomplete"
"""Outcome when the list had gaps, so that neither "paid" nor "open" could be said for sure."""


class ActionCheckPayment(CustomerAction):
    """Confirms a payment from the ERP's titles; never pushes a payment code."""

    outcome_slot = "payment_outcome"

    def name(self) -> str:
        """Name in the domain."""
        return "action_check_payment"

    def serve(self, turn: CustomerTurn) -> Events:
        """Say what was found; a contract that is still blocked is an outcome of its own."""
        wish = _said_to_be_paid(turn.tracker)
        check = check_payment(turn.here.sgp, turn.contract_id, turn.here.today(), turn.deadline, wish)
        turn.account_for("payment_check", check.open_invoices, check.state.value)
        consent_forgotten = SlotSet("unblock_consent", None)
        if check.state is PaymentState.POSTED and (check.complete or wish):
            return [consent_forgotten, self.outcome(self._posted(turn, check))]
        if check.state is PaymentState.STILL_OPEN:
            turn.dispatcher.utter_message(
                response="utter_payment_still_open", invoices=invoice_lines(check.open_invoices)
            )
            blocked = is_blocked(turn.here.sgp, turn.contract_id, turn.deadline)
            offer = blocked and turn.may_unblock
            return [
                consent_forgotten,
                SlotSet("handoff_reason", "payment_not_posted"),
                self.outcome("open_blocked" if offer else "still_open"),
            ]
        if not check.complete:
            return [self.outcome(INCOMPLETE)]
        turn.dispatcher.utter_message(
            response="utter_payment_not_found" if wish else "utter_payment_nothing_found"
        )
        return [SlotSet("handoff_reason", "payment_not_posted"), self.outcome("nothing_found")]

    def _posted(self, turn: CustomerTurn, check: PaymentCheck) -> str:
        if is_blocked(turn.here.sgp, turn.contract_id, turn.deadline):
            return "posted_blocked" if turn.may_unblock else "posted_no_unblock"
        assert check.last_paid_due is not None  # noqa: S101 - a posted payment has an invoice
        turn.dispatcher.utter_message(
            response="utter_payment_posted",
            due_date=day(check.last_paid_due),
            paid_on=f", recebida em {day(check.last_paid_on)}" if check.last_paid_on else "",
        )
        if check.open_invoices:
            turn.dispatcher.utter_message(
                response="utter_others_open", invoices=invoice_lines(check.open_invoices)
            )
        elif check.complete:
            turn.dispatcher.utter_message(response="utter_nothing_pending")
        return "posted"


def _said_to_be_paid(tracker: Tracker) -> Wish:
    """What the last message that speaks of a payment says of the invoice; a document may follow it.

    A position says nothing here: no list is on the table in which a paid invoice could stand.
    """
    for event in reversed(tracker.events):
        message = event.get("parse_data") or {}
        if event.get("event") == "user" and (message.get("intent") or {}).get("name") == "already_paid":
            return replace(wish_in(message), ordinals=())
    return Wish()
