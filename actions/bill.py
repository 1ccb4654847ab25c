"""The main job: list, choose, deliver."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from rasa_sdk.events import SlotSet
from rasa_sdk.forms import FormValidationAction

from actions.base import NOT_IDENTIFIED, CustomerAction, Events, entity_values, last_intent
from actions.context import context, off_loop
from actions.wording import FORMAT_NAMES, due_words, format_list, invoice_lines
from billing.brazil import money, month
from billing.invoices import FORMATS, Invoice, payable_invoices
from billing.payable import NotPayable, Payable, Problem
from billing.selection import Wish, select
from billing.sgp.errors import SgpError

if TYPE_CHECKING:
    from rasa_sdk import Tracker
    from rasa_sdk.executor import CollectingDispatcher

    from actions.context import Context
    from billing.identity import Identity

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 5
"""Codes delivered in one turn."""

REQUESTS = {
    "duplicate_bill",
    "ask_debt",
    "ask_due_date",
    "ask_updated_value",
    "choose_invoice",
    "choose_payment_format",
}
"""Intents whose message may already say which invoice is wanted."""


class ActionListInvoices(CustomerAction):
    """Reads the open invoices and picks the one that was meant, if that is clear already."""

    outcome_slot = "invoices_outcome"

    def name(self) -> str:
        """Name in the domain."""
        return "action_list_invoices"

    def serve(
        self,
        here: Context,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        identity: Identity,  # noqa: ARG002 - checked by the caller
        contract_id: str,
    ) -> Events:
        """List what is payable; fills `invoice` when there is one, or when an earlier message named it."""
        found = here.sgp.titles(contract_id, here.deadline(tracker), status="open")
        invoices = payable_invoices(found.titles, here.today())
        if not found.complete:
            dispatcher.utter_message(response="utter_maybe_more_invoices")
        if not invoices:
            return [SlotSet("open_invoices", None), SlotSet("invoice", None), self.outcome("nothing_due")]
        events = [
            SlotSet("open_invoices", [invoice.to_slot() for invoice in invoices]),
            SlotSet("invoice", self._already_meant(here, tracker, invoices)),
            SlotSet("offered_formats", None),
            self.outcome("found"),
        ]
        if here.settings.default_payment_format and not tracker.get_slot("payment_format"):
            events.append(SlotSet("payment_format", here.settings.default_payment_format))
        return events

    def _already_meant(self, here: Context, tracker: Tracker, invoices: tuple[Invoice, ...]) -> str | None:
        if len(invoices) == 1:
            return invoices[0].title_id
        meant = select(invoices, _earlier_wish(tracker), here.today())
        if meant:
            return ",".join(invoice.title_id for invoice in meant)
        kept = (tracker.get_slot("invoice") or "").split(",")
        if last_intent(tracker) in {"choose_payment_format", "try_again"} and all(
            any(invoice.title_id == title_id for invoice in invoices) for title_id in kept
        ):
            return ",".join(kept)
        return None


def _wish(message: dict[str, Any]) -> Wish:
    said = {entity["entity"]: str(entity["value"]) for entity in reversed(message.get("entities") or [])}
    return Wish(
        ordinal=said.get("ordinal"), month=said.get("month"), day=said.get("date"), amount=said.get("amount")
    )


def _earlier_wish(tracker: Tracker) -> Wish:
    """What the request itself said of the invoice; the document may have been asked for in between."""
    wish = Wish()
    pending = None
    for event in tracker.events:
        kind, name = event.get("event"), event.get("name")
        if kind == "slot" and name == "requested_slot":
            pending = event.get("value")
        elif kind == "action" and name in {"action_deliver_bill", "action_start_over"}:
            wish = Wish()
        # The "2" that answers which contract is meant says nothing of the invoice.
        elif kind == "user" and pending != "contract":
            message = event.get("parse_data") or {}
            if (message.get("intent") or {}).get("name") in REQUESTS:
                wish = _wish(message) or (wish if pending == "cpf" else Wish())
    return wish


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
        dispatcher: CollectingDispatcher,  # noqa: ARG002 - rasa-sdk's signature
        tracker: Tracker,
        domain: dict[str, Any],  # noqa: ARG002 - rasa-sdk's signature
    ) -> list[str]:
        """Nothing more to ask when the identity has ended; the delivery then says so."""
        known = await off_loop(context().identities.current, tracker.sender_id)
        return [] if known is None else domain_slots

    async def extract_invoice(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],  # noqa: ARG002 - rasa-sdk's signature
    ) -> dict[str, str | None]:
        """Positions, months, dates and amounts that fit the list."""
        if tracker.get_slot("requested_slot") not in {"invoice", "payment_format"}:
            return {}
        wish = _wish(tracker.latest_message)
        asked_for_format = tracker.get_slot("requested_slot") == "payment_format"
        if asked_for_format:
            wish = Wish(month=wish.month, day=wish.day, amount=wish.amount)
        if not wish:
            return {}
        meant = select(_listed(tracker), wish, context().today())
        if meant:
            return {"invoice": ",".join(invoice.title_id for invoice in meant)}
        dispatcher.utter_message(response="utter_invoice_not_listed")
        return {"invoice": tracker.get_slot("invoice") if asked_for_format else None}

    def validate_invoice(
        self,
        value: Any,
        dispatcher: CollectingDispatcher,  # noqa: ARG002 - rasa-sdk's signature
        tracker: Tracker,  # noqa: ARG002 - rasa-sdk's signature
        domain: dict[str, Any],  # noqa: ARG002 - rasa-sdk's signature
    ) -> dict[str, Any]:
        """`extract_invoice` gives only listed ones."""
        return {"invoice": value}

    async def extract_payment_format(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],  # noqa: ARG002 - rasa-sdk's signature
    ) -> dict[str, str | None]:
        """A position in the list of formats; named formats come as entities."""
        offered = tracker.get_slot("offered_formats")
        ordinals = entity_values(tracker, "ordinal")
        if tracker.get_slot("requested_slot") != "payment_format" or not ordinals or offered is None:
            return {}
        if entity_values(tracker, "payment_format"):
            return {}
        for ordinal in ordinals:
            if ordinal.isdigit() and 1 <= int(ordinal) <= len(offered):
                return {"payment_format": offered[int(ordinal) - 1]}
        dispatcher.utter_message(response="utter_format_not_listed")
        return {"payment_format": None}

    def validate_payment_format(
        self,
        value: Any,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],  # noqa: ARG002 - rasa-sdk's signature
    ) -> dict[str, str | None]:
        """Only a format that the invoice has, once that is known."""
        chosen = value[0] if isinstance(value, list) else value
        offered = tracker.get_slot("offered_formats")
        if chosen not in FORMATS:
            return {"payment_format": None}
        if offered is not None and chosen not in offered:
            dispatcher.utter_message(response="utter_format_missing", format=FORMAT_NAMES[chosen])
            return {"payment_format": None}
        return {"payment_format": chosen}


def _listed(tracker: Tracker) -> tuple[Invoice, ...]:
    return tuple(Invoice.from_slot(kept) for kept in tracker.get_slot("open_invoices") or [])


def _chosen(tracker: Tracker) -> tuple[Invoice, ...]:
    wanted = set((tracker.get_slot("invoice") or "").split(","))
    return tuple(invoice for invoice in _listed(tracker) if invoice.title_id in wanted)


class AskInvoice(CustomerAction):
    """Shows the numbered list of open invoices, oldest first."""

    outcome_slot = "invoices_outcome"

    def name(self) -> str:
        """Name in the domain."""
        return "action_ask_invoice"

    def serve(
        self,
        here: Context,  # noqa: ARG002 - the list was read before
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        identity: Identity,  # noqa: ARG002 - checked by the caller
        contract_id: str,  # noqa: ARG002 - as above
    ) -> Events:
        """Say the list."""
        invoices = _listed(tracker)
        dispatcher.utter_message(
            response="utter_ask_invoice",
            invoices=invoice_lines(invoices),
            total=money(sum((invoice.amount for invoice in invoices), start=0 * invoices[0].amount)),
        )
        return []


class AskPaymentFormat(CustomerAction):
    """Asks for the format, offering only what the chosen invoice really has."""

    outcome_slot = "invoices_outcome"

    def name(self) -> str:
        """Name in the domain."""
        return "action_ask_payment_format"

    def serve(
        self,
        here: Context,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        identity: Identity,  # noqa: ARG002 - checked by the caller
        contract_id: str,
    ) -> Events:
        """Say the question; asks the ERP only where the list could not tell the formats."""
        chosen = _chosen(tracker)
        first = chosen[0]
        formats = tracker.get_slot("offered_formats")
        if formats is None:
            try:
                formats = first.known_formats or here.payables.formats(
                    contract_id, first.title_id, here.today(), here.deadline(tracker)
                )
            except SgpError as error:
                # A form's question is no step of a rule, so no outcome would be answered.
                logger.warning("%s: %s", self.name(), error)
                dispatcher.utter_message(response="utter_unavailable")
                return []
        total = money(sum((invoice.amount for invoice in chosen), start=0 * first.amount))
        if not formats:
            dispatcher.utter_message(
                response="utter_no_format", month=month(first.due_date), amount=money(first.amount)
            )
        elif len(chosen) > 1:
            dispatcher.utter_message(
                response="utter_ask_payment_format_several",
                count=len(chosen),
                total=total,
                formats=format_list(formats),
            )
        else:
            dispatcher.utter_message(
                response="utter_ask_payment_format",
                month=month(first.due_date),
                amount=money(first.amount),
                due=due_words(first),
                formats=format_list(formats),
            )
        return [SlotSet("offered_formats", list(formats))]


class ActionDeliverBill(CustomerAction):
    """Reads the chosen invoices afresh and sends them in the chosen format."""

    outcome_slot = "delivery_outcome"

    def name(self) -> str:
        """Name in the domain."""
        return "action_deliver_bill"

    def serve(
        self,
        here: Context,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        identity: Identity,  # noqa: ARG002 - checked by the caller
        contract_id: str,
    ) -> Events:
        """Deliver, or say why not and what there is instead."""
        payment_format = tracker.get_slot("payment_format")
        chosen = _chosen(tracker)
        if not chosen or payment_format not in FORMATS:
            return [self.outcome(NOT_IDENTIFIED)]
        deadline = here.deadline(tracker)
        prepared = [
            here.payables.prepare(contract_id, invoice.title_id, payment_format, here.today(), deadline)
            for invoice in chosen[:MOST_AT_ONCE]
        ]
        payables = [item for item in prepared if isinstance(item, Payable)]
        if not payables:
            return self._explain(
                dispatcher, next(item for item in prepared if isinstance(item, Problem)), payment_format
            )
        self._send(dispatcher, payables)
        if len(chosen) > MOST_AT_ONCE:
            dispatcher.utter_message(response="utter_delivery_rest", count=MOST_AT_ONCE)
        return [SlotSet("payment_format", None), SlotSet("offered_formats", None), self.outcome("delivered")]

    def _send(self, dispatcher: CollectingDispatcher, payables: list[Payable]) -> None:
        if len(payables) > 1:
            invoices = tuple(item.invoice for item in payables)
            dispatcher.utter_message(
                response="utter_delivery_list",
                invoices=invoice_lines(invoices),
                total=money(sum((invoice.amount for invoice in invoices), start=0 * invoices[0].amount)),
            )
        else:
            only = payables[0]
            dispatcher.utter_message(
                response="utter_delivery_intro",
                month=month(only.invoice.due_date),
                amount=money(only.invoice.amount),
                due=due_words(only.invoice),
                what=WHAT_FOLLOWS[only.format],
            )
        for item in payables:
            if item.code_amount is not None:
                dispatcher.utter_message(
                    response="utter_code_amount_differs",
                    code_amount=money(item.code_amount),
                    amount=money(item.invoice.amount),
                )
            send_content(dispatcher, item)

    def _explain(self, dispatcher: CollectingDispatcher, problem: Problem, payment_format: str) -> Events:
        cleared = [SlotSet("payment_format", None)]
        if problem.reason is NotPayable.NO_LONGER_OPEN:
            return [*cleared, SlotSet("invoice", None), self.outcome("no_longer_open")]
        if problem.reason is NotPayable.CODE_BROKEN:
            dispatcher.utter_message(response="utter_code_broken")
        else:
            dispatcher.utter_message(response="utter_format_missing", format=FORMAT_NAMES[payment_format])
        return [*cleared, SlotSet("offered_formats", list(problem.offered)), self.outcome("other_format")]


WHAT_FOLLOWS = {
    "pix": "Copie o código PIX da próxima mensagem e cole no app do seu banco.",
    "qr_code": "Aponte a câmera do app do seu banco para o QR code PIX.",
    "pdf": "Segue o boleto em PDF.",
    "barcode": "Segue a linha digitável do boleto.",
}


def send_content(dispatcher: CollectingDispatcher, payable: Payable) -> None:
    """Send the bare code, picture or document in a message of its own.

    Codes leave as plain text and nothing else, so that a long press copies them; QR codes and slips
    leave as data that each channel draws in its own way.
    """
    if payable.format == "qr_code":
        dispatcher.utter_message(json_message={"type": "pix_qr_code", "code": payable.content})
    elif payable.format == "pdf":
        dispatcher.utter_message(attachment=payable.content)
    else:
        dispatcher.utter_message(text=payable.content)
