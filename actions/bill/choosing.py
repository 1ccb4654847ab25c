"""Which invoice, and in which format?"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rasa_sdk.events import SlotSet
from rasa_sdk.forms import FormValidationAction

from actions.base import CustomerAction, CustomerTurn, Events, entity_values, last_intent, ran_this_turn
from actions.bill.memory import EMAIL, chosen_invoices, listed_invoices, wants_email, wish_in
from actions.context import context, off_loop
from actions.wording import FORMAT_NAMES, due_words, format_list, total
from billing.brazil import money, month
from billing.invoices import FORMATS
from billing.selection import pick, select
from billing.sgp.errors import SgpError

if TYPE_CHECKING:
    from rasa_sdk import Tracker
    from rasa_sdk.executor import CollectingDispatcher


logger = logging.getLogger(__name__)

CHOOSING = {
    "choose_invoice",
    "choose_payment_format",
    "duplicate_bill",
    "ask_debt",
    "ask_due_date",
    "ask_updated_value",
    "inform_document",
    "affirm",
    "deny",
    "nlu_fallback",
}
"""Intents whose numbers and dates may mean an invoice; in "quem ganhou ontem?" they mean something else."""

NO_POSITIONS = {"all", "oldest"}
"""Values of the entity `ordinal` that mean invoices even while the formats are on the table."""


class ValidateBillForm(FormValidationAction):
    """Understands which listed invoice and which offered format were meant.

    What only the dialogue can decide is decided by the pending question: "2" is an invoice while the
    list is on the table, and a format while the formats are.
    """

    def name(self) -> str:
        """Name in the domain."""
        return "validate_bill_form"

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> list[str]:
        """Nothing more to ask when the identity has ended; the delivery then says so."""
        known = await off_loop(context().identities.current, tracker.sender_id)
        return [] if known is None else domain_slots

    async def extract_invoice(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> dict[str, str | None]:
        """Positions, months, dates and amounts that fit the list."""
        pending = tracker.get_slot("requested_slot")
        if pending not in {"invoice", "payment_format"} or last_intent(tracker) not in CHOOSING:
            return {}
        wish = wish_in(tracker.latest_message)
        # Formats that could not be read were never on the table; then a position still means the invoices.
        asked_for_format = (
            tracker.get_slot("requested_slot") == "payment_format"
            and tracker.get_slot("offered_formats") is not None
        )
        if asked_for_format and not NO_POSITIONS & set(wish.ordinals):
            wish = replace(wish, ordinals=())
        if not wish:
            return {}
        listed, today = listed_invoices(tracker), context().today()
        meant = pick(listed, wish, today)
        if meant:
            return {"invoice": ",".join(invoice.title_id for invoice in meant)}
        if select(listed, wish, today):
            dispatcher.utter_message(response="utter_several_fit")
            return {"invoice": None}
        dispatcher.utter_message(response="utter_invoice_not_listed")
        return {"invoice": tracker.get_slot("invoice") if asked_for_format else None}

    def validate_invoice(
        self,
        value: Any,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> dict[str, Any]:
        """`extract_invoice` gives only listed ones."""
        return {"invoice": value}

    async def extract_payment_format(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> dict[str, str | None]:
        """A position in the list of formats, or an e-mail; named formats come as entities."""
        if last_intent(tracker) not in CHOOSING:
            return {}
        # A form that begins in this turn leaves the message to `action_list_invoices`, and one that comes
        # back after a delivery must not ask for the same e-mail again.
        if tracker.get_slot("requested_slot") is not None and wants_email(tracker.latest_message):
            if context().settings.email_bill_enabled:
                return {"payment_format": EMAIL}
            dispatcher.utter_message(response="utter_email_not_offered")
            return {"payment_format": None}
        offered = tracker.get_slot("offered_formats")
        ordinals = entity_values(tracker, "ordinal")
        asked = tracker.get_slot("requested_slot") == "payment_format" and offered is not None
        if not asked or entity_values(tracker, "payment_format") or NO_POSITIONS & set(ordinals):
            return {}
        if ordinals:
            chosen = _at_position(offered, ordinals)
            if chosen is None:
                dispatcher.utter_message(response="utter_format_not_listed")
            return {"payment_format": chosen}
        agrees = len(offered) == 1 and last_intent(tracker) in {"affirm", "duplicate_bill"}
        return {"payment_format": offered[0]} if agrees else {}

    def validate_payment_format(
        self,
        value: Any,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> dict[str, str | None]:
        """Only a format that the invoice has, once that is known."""
        chosen = value
        offered = tracker.get_slot("offered_formats")
        if chosen == EMAIL and context().settings.email_bill_enabled:
            return {"payment_format": EMAIL}
        if chosen not in FORMATS:
            return {"payment_format": None}
        if offered is not None and chosen not in offered:
            # Of a delivery that could not be the customer has just heard why.
            if not ran_this_turn(tracker, "action_deliver_bill"):
                dispatcher.utter_message(response="utter_format_missing", format=FORMAT_NAMES[chosen])
            # Of two formats in one message the other one may be there.
            others = [name for name in entity_values(tracker, "payment_format") if name in offered]
            return {"payment_format": others[0] if others else None}
        return {"payment_format": chosen}


def _at_position(offered: list[str], ordinals: list[str]) -> str | None:
    for ordinal in ordinals:
        if ordinal.isdigit() and 1 <= int(ordinal) <= len(offered):
            return offered[int(ordinal) - 1]
    return None


class AskPaymentFormat(CustomerAction):
    """Asks for the format, offering only what the chosen invoice really has."""

    outcome_slot = "invoices_outcome"

    def name(self) -> str:
        """Name in the domain."""
        return "action_ask_payment_format"

    def serve(self, turn: CustomerTurn) -> Events:
        """Say the question; asks the ERP only where the list could not tell the formats."""
        chosen = chosen_invoices(turn.tracker)
        first = chosen[0]
        formats = turn.tracker.get_slot("offered_formats")
        if formats is None:
            try:
                formats = first.known_formats or turn.here.payables.formats(
                    turn.contract_id, first.title_id, turn.here.today(), turn.deadline
                )
            except SgpError as error:
                # A form's question is no step of a rule, so no outcome would be answered.
                logger.warning("%s: %s", self.name(), error)
                turn.dispatcher.utter_message(response="utter_unavailable")
                return []
        if formats is None:
            turn.dispatcher.utter_message(response="utter_no_longer_open")
            return []
        turn.account_for("invoice_list", chosen)
        if not formats:
            turn.dispatcher.utter_message(
                response="utter_no_format", month=month(first.due_date), amount=money(first.amount)
            )
        elif len(chosen) > 1:
            turn.dispatcher.utter_message(
                response="utter_ask_payment_format_several",
                count=len(chosen),
                total=total(chosen),
                formats=format_list(formats),
            )
        else:
            turn.dispatcher.utter_message(
                response="utter_ask_payment_format",
                month=month(first.due_date) + turn.whose,
                amount=money(first.amount),
                due=due_words(first),
                formats=format_list(formats),
            )
        return [SlotSet("offered_formats", list(formats))]
