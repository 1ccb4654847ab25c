"""Was it paid?"""

from __future__ import annotations

from actions.base import CustomerAction, CustomerTurn, Events
from actions.wording import invoice_lines
from billing.blocking import is_blocked
from billing.brazil import day
from billing.payments import PaymentState, check_payment


class ActionCheckPayment(CustomerAction):
    """Confirms a payment from the ERP's titles; never pushes a payment code."""

    outcome_slot = "payment_outcome"

    def name(self) -> str:
        """Name in the domain."""
        return "action_check_payment"

    def serve(self, turn: CustomerTurn) -> Events:
        """Say what was found; a posted payment with a block still on is an outcome of its own."""
        deadline = turn.deadline
        check = check_payment(turn.here.sgp, turn.contract_id, turn.here.today(), deadline)
        if check.state is PaymentState.STILL_OPEN:
            turn.dispatcher.utter_message(
                response="utter_payment_still_open", invoices=invoice_lines(check.open_invoices)
            )
        if check.state is not PaymentState.POSTED or check.last_paid_due is None:
            return [self.outcome(check.state.value)]
        if is_blocked(turn.here.sgp, turn.contract_id, deadline):
            return [self.outcome("posted_blocked")]
        turn.dispatcher.utter_message(
            response="utter_payment_posted",
            due_date=day(check.last_paid_due),
            paid_on=f", recebida em {day(check.last_paid_on)}" if check.last_paid_on else "",
        )
        return [self.outcome("posted")]
