"""The code or slip leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rasa_sdk.events import SlotSet

from actions.base import NOT_IDENTIFIED, CustomerAction, CustomerTurn, Events
from actions.bill.email import deliver_by_email
from actions.bill.memory import EMAIL, chosen_invoices, format_was_said, formats_said
from actions.wording import FORMAT_NAMES, due_words, invoice_lines, total
from billing.brazil import money, month
from billing.invoices import FORMATS
from billing.payable import NotPayable, Payable, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rasa_sdk.executor import CollectingDispatcher

    from billing.media import MediaStore


MOST_AT_ONCE = 5
"""Codes delivered in one turn."""

WHAT_FOLLOWS = {
    "pix": "Copie o código PIX da próxima mensagem e cole no app do seu banco.",
    "qr_code": "Aponte a câmera do app do seu banco para o QR code PIX.",
    "pdf": "Segue o boleto em PDF.",
    "barcode": "Segue a linha digitável do boleto.",
}


class ActionDeliverBill(CustomerAction):
    """Reads the chosen invoices afresh and sends them in the chosen format."""

    outcome_slot = "delivery_outcome"

    def name(self) -> str:
        """Name in the domain."""
        return "action_deliver_bill"

    def serve(self, turn: CustomerTurn) -> Events:
        """Deliver, or say why not and what there is instead."""
        payment_format = turn.tracker.get_slot("payment_format")
        chosen = chosen_invoices(turn.tracker)
        if chosen and payment_format == EMAIL and not turn.may_email:
            turn.dispatcher.utter_message(response="utter_email_not_offered")
            return [SlotSet("payment_format", None), self.outcome("other_format")]
        if chosen and payment_format == EMAIL:
            return [*deliver_by_email(turn, chosen), SlotSet("payment_format", None)]
        if not chosen or payment_format not in FORMATS:
            return [self.outcome(NOT_IDENTIFIED)]
        later = chosen
        prepared: Sequence[Payable | Problem] = ()
        # When all of them were paid meanwhile, those behind them are the next.
        while later and all(_is_paid(item) for item in prepared):
            now, later = later[:MOST_AT_ONCE], later[MOST_AT_ONCE:]
            title_ids = [invoice.title_id for invoice in now]
            prepared = turn.here.payables.prepare(
                turn.contract_id, title_ids, payment_format, turn.here.today(), turn.deadline
            )
        payables = [item for item in prepared if isinstance(item, Payable)]
        if not payables:
            return self._explain(
                turn.dispatcher, next(item for item in prepared if isinstance(item, Problem)), payment_format
            )
        if len(payables) > 1:
            self._send_several(turn, payables)
        elif len(prepared) > 1:
            self._send_one(turn, payables)
        else:
            self._send_one(turn, [*payables, *self._second_format(turn, payables[0])])
        if len(payables) < len(prepared):
            turn.dispatcher.utter_message(
                response="utter_delivery_incomplete",
                count=len(prepared) - len(payables),
                format=FORMAT_NAMES[payment_format],
            )
        if later:
            turn.dispatcher.utter_message(response="utter_ask_next_codes", count=len(payables))
            rest = ",".join(invoice.title_id for invoice in later)
            return [SlotSet("invoice", rest), self.outcome("more_left")]
        return [SlotSet("payment_format", None), SlotSet("offered_formats", None), self.outcome("delivered")]

    def _second_format(self, turn: CustomerTurn, first: Payable) -> tuple[Payable, ...]:
        """The same invoice once more, for who asked for two formats in one message."""
        wanted = [name for name in formats_said(turn.tracker) if name in first.others]
        if not wanted:
            return ()
        prepared = turn.here.payables.prepare(
            turn.contract_id, [first.invoice.title_id], wanted[0], turn.here.today(), turn.deadline
        )
        return tuple(item for item in prepared if isinstance(item, Payable))

    def _send_one(self, turn: CustomerTurn, payables: list[Payable]) -> None:
        only = payables[0]
        for item in payables:
            turn.account_for("delivery", [item.invoice], item.format)
        turn.dispatcher.utter_message(
            response="utter_delivery_intro",
            month=month(only.invoice.due_date) + turn.whose,
            amount=money(only.invoice.amount),
            due=due_words(only.invoice),
            what=" ".join(WHAT_FOLLOWS[item.format] for item in payables),
        )
        turn.dispatcher.utter_message(response="utter_posting_is_automatic")
        if not format_was_said(turn.tracker, only.format) and only.others:
            others = ", ".join(FORMAT_NAMES[name] for name in only.others)
            turn.dispatcher.utter_message(response="utter_other_formats", formats=others)
        self._send_contents(turn, payables)

    def _send_several(self, turn: CustomerTurn, payables: list[Payable]) -> None:
        invoices = tuple(item.invoice for item in payables)
        turn.account_for("delivery", invoices, payables[0].format)
        turn.dispatcher.utter_message(
            response="utter_delivery_list", invoices=invoice_lines(invoices), total=total(invoices)
        )
        self._send_contents(turn, payables)

    def _send_contents(self, turn: CustomerTurn, payables: list[Payable]) -> None:
        for item in payables:
            if item.code_amount is not None:
                turn.dispatcher.utter_message(
                    response="utter_code_amount_differs",
                    code_amount=money(item.code_amount),
                    amount=money(item.invoice.amount),
                )
            send_content(turn.dispatcher, item, turn.here.media)

    def _explain(self, dispatcher: CollectingDispatcher, problem: Problem, payment_format: str) -> Events:
        cleared = [SlotSet("payment_format", None)]
        if problem.reason is NotPayable.NO_LONGER_OPEN:
            return [*cleared, SlotSet("invoice", None), self.outcome("no_longer_open")]
        name = FORMAT_NAMES[payment_format]
        if problem.reason is NotPayable.CODE_BROKEN:
            dispatcher.utter_message(response="utter_code_broken", format=name)
        else:
            dispatcher.utter_message(response="utter_format_missing", format=name)
        return [*cleared, SlotSet("offered_formats", list(problem.offered)), self.outcome("other_format")]


def _is_paid(item: Payable | Problem) -> bool:
    return isinstance(item, Problem) and item.reason is NotPayable.NO_LONGER_OPEN


def send_content(dispatcher: CollectingDispatcher, payable: Payable, media: MediaStore) -> None:
    """Send the bare code, picture or document in a message of its own.

    Codes leave as plain text and nothing else, so that a long press copies them; QR codes and slips
    leave as data that each channel shows in its own way. The conversation keeps a slip's id and not its
    link, which would open for whoever reads it.
    """
    if payable.format == "qr_code":
        dispatcher.utter_message(json_message={"type": "pix_qr_code", "code": payable.content})
    elif payable.slip is not None:
        # Twilio advises names of at most 20 characters.
        filename = f"boleto-{payable.invoice.due_date:%Y%m%d}.pdf"
        media_id = media.put(payable.slip, "application/pdf", filename)
        dispatcher.utter_message(
            json_message={
                "type": "slip_pdf",
                "media_id": media_id,
                "filename": filename,
                "instead": payable.instead,
            }
        )
    else:
        dispatcher.utter_message(text=payable.content)
