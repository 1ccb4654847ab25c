"""The bill by e-mail: to the registered address, which is never said in the chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rasa_sdk.events import SlotSet

from billing.audit import Step
from billing.brazil import money, month
from billing.email_bill import EmailOutcome, email_bill

if TYPE_CHECKING:
    from actions.base import CustomerTurn, Events
    from billing.invoices import Invoice


def deliver_by_email(turn: CustomerTurn, chosen: tuple[Invoice, ...]) -> Events:
    """Have SGP send the oldest of the chosen invoices; SGP sends one a call.

    Args:
        turn: The customer's, identified.
        chosen: At least one.

    Returns:
        The slot `delivery_outcome`: "delivered" also when SGP's answer got lost, since asking again
        could send it twice, else "other_format".

    Raises:
        billing.sgp.errors.SgpError: When SGP could not be asked; nothing was sent.
    """
    invoice = chosen[0]
    with turn.attempt("email_bill", [invoice]) as attempt:
        attempt.record(Step.ALLOWED)
        outcome = email_bill(
            turn.here.sgp,
            turn.here.claims,
            turn.contract_id,
            invoice.title_id,
            turn.tracker.latest_message["message_id"],
            turn.deadline,
        )
        attempt.record(Step.DONE, outcome.value)
    due, amount = month(invoice.due_date), money(invoice.amount)
    if outcome is EmailOutcome.NOT_AVAILABLE:
        turn.dispatcher.utter_message(response="utter_email_not_available")
        return [SlotSet("delivery_outcome", "other_format")]
    if outcome is EmailOutcome.UNKNOWN:
        turn.dispatcher.utter_message(response="utter_email_unknown", month=due, amount=amount)
    else:
        turn.dispatcher.utter_message(response="utter_email_sent", month=due, amount=amount)
    if len(chosen) > 1:
        turn.dispatcher.utter_message(response="utter_email_one_at_a_time")
    return [SlotSet("delivery_outcome", "delivered")]
