"""Which invoices are open?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rasa_sdk.events import SlotSet

from actions.base import CustomerAction, CustomerTurn, Events, last_intent
from actions.bill.memory import (
    EMAIL,
    ENDS_OF_REQUEST,
    format_is_left_over,
    listed_invoices,
    wants_email,
    wish_in,
)
from actions.wording import invoice_lines, total
from billing.invoices import payable_invoices
from billing.selection import Wish, pick

if TYPE_CHECKING:
    from rasa_sdk import Tracker

    from actions.context import Context
    from billing.invoices import Invoice

REQUESTS = {"duplicate_bill", "ask_debt", "ask_due_date", "ask_updated_value"}
"""Intents whose message may already say which invoice is wanted."""

CHOICES = {"choose_invoice", "choose_payment_format"}
"""Intents whose message may change how it is wanted."""

NO_OTHER_LIST = {None, "cpf", "invoice", "unblock_consent"}
"""Pending questions under which a position or "a mais nova" means an invoice and nothing else."""


class ActionListInvoices(CustomerAction):
    """Reads the open invoices and picks the one that was meant, if that is clear already."""

    outcome_slot = "invoices_outcome"

    def name(self) -> str:
        """Name in the domain."""
        return "action_list_invoices"

    def serve(self, turn: CustomerTurn) -> Events:
        """List what is payable; fills `invoice` when there is one, or when an earlier message named it."""
        found = turn.here.sgp.titles(turn.contract_id, turn.deadline, status="open")
        invoices = payable_invoices(found.titles, turn.here.today())
        if not invoices:
            # A list with gaps proves no absence of debt.
            nothing = "nothing_due" if found.complete else "incomplete"
            return [SlotSet("open_invoices", None), SlotSet("invoice", None), self.outcome(nothing)]
        if not found.complete:
            turn.dispatcher.utter_message(response="utter_maybe_more_invoices")
        events = [
            SlotSet("open_invoices", [invoice.to_slot() for invoice in invoices]),
            SlotSet("invoice", self._already_meant(turn.here, turn.tracker, invoices)),
            SlotSet("offered_formats", None),
            self.outcome("found"),
        ]
        if _asked_for_email(turn.tracker):
            if turn.may_email:
                return [*events, SlotSet("payment_format", EMAIL)]
            turn.dispatcher.utter_message(response="utter_email_not_offered")
        left_over = format_is_left_over(turn.tracker)
        if left_over or not turn.tracker.get_slot("payment_format"):
            default = turn.here.settings.default_payment_format
            events += [SlotSet("payment_format", default)] if default or left_over else []
        return events

    def _already_meant(self, here: Context, tracker: Tracker, invoices: tuple[Invoice, ...]) -> str | None:
        if len(invoices) == 1:
            return invoices[0].title_id
        meant = pick(invoices, _earlier_wish(tracker), here.today())
        if meant:
            return ",".join(invoice.title_id for invoice in meant)
        kept = (tracker.get_slot("invoice") or "").split(",")
        if last_intent(tracker) in {"choose_payment_format", "try_again"} and all(
            any(invoice.title_id == title_id for invoice in invoices) for title_id in kept
        ):
            return ",".join(kept)
        return None


def _earlier_wish(tracker: Tracker) -> Wish:
    """What was said of the invoice before the list was read; a document may have been asked in between."""
    wish = Wish()
    pending = contract = None
    for event in tracker.events:
        kind, name, value = event.get("event"), event.get("name"), event.get("value")
        if kind == "slot" and name == "requested_slot":
            pending = value
        elif kind == "slot" and name == "contract" and value:
            # Another contract has another list.
            wish = wish if contract in {None, value} else Wish()
            contract = value
        elif kind == "action" and name in ENDS_OF_REQUEST:
            wish = Wish()
        # The "2" that answers which contract is meant says nothing of the invoice, nor does a birth date.
        elif kind == "user" and pending not in {"contract", "birth_date"}:
            message = event.get("parse_data") or {}
            intent = (message.get("intent") or {}).get("name")
            if intent in REQUESTS or (intent == "choose_invoice" and pending in NO_OTHER_LIST):
                wish = wish_in(message) or (wish if pending == "cpf" else Wish())
            elif intent in {"choose_payment_format", "inform_document"}:
                # "A de 1.399,00 em pdf"; a position there is one in the list of formats.
                wish = replace(wish_in(message), ordinals=()) or wish
    return wish


def _asked_for_email(tracker: Tracker) -> bool:
    """Whether the request, which a document may have followed, was for the bill by e-mail."""
    for event in reversed(tracker.events):
        if event.get("event") == "action" and event.get("name") in ENDS_OF_REQUEST:
            return False
        message = event.get("parse_data") or {}
        intent = (message.get("intent") or {}).get("name")
        if event.get("event") != "user" or intent not in REQUESTS | CHOICES:
            continue
        if wants_email(message):
            return True
        # The "2" that answers which contract is meant takes nothing back.
        formats = any(entity["entity"] == "payment_format" for entity in message.get("entities") or [])
        if intent in REQUESTS or formats:
            return False
    return False


class ActionTellDebt(CustomerAction):
    """Says what is open, for who asks for the unblock outright: the bill comes in the same answer."""

    outcome_slot = "invoices_outcome"

    def name(self) -> str:
        """Name in the domain."""
        return "action_tell_debt"

    def serve(self, turn: CustomerTurn) -> Events:
        """Read and say the open invoices; chooses none."""
        found = turn.here.sgp.titles(turn.contract_id, turn.deadline, status="open")
        invoices = payable_invoices(found.titles, turn.here.today())
        if not invoices:
            return [self.outcome("nothing_due" if found.complete else "incomplete")]
        turn.account_for("invoice_list", invoices)
        turn.dispatcher.utter_message(
            response="utter_debt", invoices=invoice_lines(invoices), total=total(invoices)
        )
        if not found.complete:
            turn.dispatcher.utter_message(response="utter_maybe_more_invoices")
        return [self.outcome("found")]


class AskInvoice(CustomerAction):
    """Shows the numbered list of open invoices, oldest first."""

    outcome_slot = "invoices_outcome"

    def name(self) -> str:
        """Name in the domain."""
        return "action_ask_invoice"

    def serve(self, turn: CustomerTurn) -> Events:
        """Say the list."""
        invoices = listed_invoices(turn.tracker)
        turn.account_for("invoice_list", invoices)
        turn.dispatcher.utter_message(
            response="utter_ask_invoice",
            whose=turn.whose,
            invoices=invoice_lines(invoices),
            total=total(invoices),
        )
        return []
