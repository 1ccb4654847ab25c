"""What every action of this bot does the same way: work off the loop, one outcome, honest failure."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rasa_sdk import Action
from rasa_sdk.events import SlotSet

from actions.context import context, off_loop
from billing.audit import AuditEvent, Step
from billing.sgp.errors import SgpError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from rasa_sdk import Tracker
    from rasa_sdk.executor import CollectingDispatcher

    from actions.context import Context
    from billing.audit import Attempt
    from billing.deadline import Deadline
    from billing.identity import Identity
    from billing.invoices import Invoice

logger = logging.getLogger(__name__)

Events = list[dict[str, Any]]

UNAVAILABLE = "unavailable"
"""Outcome when the ERP could not be asked: never "not found", never "nothing due"."""

NOT_IDENTIFIED = "not_identified"
"""Outcome when no valid identity stands behind the sender any more."""


class ErpAction(Action, ABC):
    """An action that consults the ERP and sets one categorical outcome slot.

    Subclasses name the slot and implement `work`, which runs in a thread and may block. Whatever
    `work` raises from the ERP becomes the outcome "unavailable".
    """

    outcome_slot: str

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        """Run `work` off the event loop; see rasa-sdk."""
        return await off_loop(self._guarded, dispatcher, tracker)

    @abstractmethod
    def work(self, here: Context, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Do the work.

        Args:
            here: The parts of `billing`.
            dispatcher: Collects messages for the customer.
            tracker: The conversation.

        Returns:
            Events; normally one from `self.outcome`.
        """

    def outcome(self, value: str) -> dict[str, Any]:
        """The event that tells the dialogue how it went."""
        event: dict[str, Any] = SlotSet(self.outcome_slot, value)
        return event

    def _guarded(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        try:
            return self.work(context(), dispatcher, tracker)
        except SgpError as error:
            logger.warning("%s: %s", self.name(), error)
            dispatcher.messages.clear()
            return [SlotSet("handoff_reason", "erp_down"), self.outcome(UNAVAILABLE)]


@dataclass(frozen=True)
class CustomerTurn:
    """A turn of the verified customer, about one of their contracts.

    Attributes:
        here: The parts of `billing`.
        dispatcher: Collects messages for the customer.
        tracker: The conversation.
        identity: Who the customer is.
        contract_id: A contract of theirs.
    """

    here: Context
    dispatcher: CollectingDispatcher
    tracker: Tracker
    identity: Identity
    contract_id: str

    @property
    def may_unblock(self) -> bool:
        """Whether the trust unblock is open to this customer: never by the proof of a birth date."""
        return self.here.settings.trust_unblock_enabled and not self.identity.weak

    @property
    def may_email(self) -> bool:
        """Whether SGP may be asked to e-mail the bill: never by the proof of a birth date."""
        return self.here.settings.email_bill_enabled and not self.identity.weak

    @property
    def deadline(self) -> Deadline:
        """End of the turn's ERP budget."""
        return self.here.deadline(self.tracker)

    @property
    def whose(self) -> str:
        """The contract's plan and street in brackets, to follow the month; empty where there is only one.

        Without it who has two addresses could pay for the wrong house.
        """
        if len(self.identity.contracts) == 1:
            return ""
        labels = {each.contract_id: each.label for each in self.identity.contracts}
        return f" ({labels[self.contract_id]})"

    def account_for(self, action: str, invoices: Iterable[Invoice] = (), outcome: str = "") -> None:
        """Write to the audit what the customer is about to see; without the row nothing may leave.

        Args:
            action: As in `AuditEvent`.
            invoices: Those shown.
            outcome: A word on how, like the payment format.
        """
        self.here.audit.record(replace(self._event(action, invoices), outcome=outcome))

    def attempt(self, action: str, invoices: Iterable[Invoice] = ()) -> AbstractContextManager[Attempt]:
        """Write to the audit that a write to the ERP is asked. Arguments as in `account_for`."""
        return self.here.audit.attempt(self._event(action, invoices))

    def _event(self, action: str, invoices: Iterable[Invoice]) -> AuditEvent:
        return AuditEvent(
            action,
            self.tracker.sender_id,
            self.identity.document_index,
            contract_id=self.contract_id,
            title_ids=tuple(invoice.title_id for invoice in invoices),
        )


class CustomerAction(ErpAction):
    """An ERP action about one contract of the verified customer; re-checks both every time."""

    def work(self, here: Context, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Refuse without an identity, else go on in `serve`."""
        identity = here.identities.current(tracker.sender_id)
        contract_id = tracker.get_slot("contract")
        if identity is None or not identity.owns(contract_id):
            here.audit.record(
                AuditEvent("without_identity", tracker.sender_id, step=Step.DENIED, outcome=self.name())
            )
            return [self.outcome(NOT_IDENTIFIED)]
        return self.serve(CustomerTurn(here, dispatcher, tracker, identity, contract_id))

    @abstractmethod
    def serve(self, turn: CustomerTurn) -> Events:
        """Do the work for a contract that is the customer's own."""


def entity_values(tracker: Tracker, name: str) -> list[str]:
    """Values of one entity in the customer's last message, in order."""
    return [str(value) for value in tracker.get_latest_entity_values(name)]


def ran_this_turn(tracker: Tracker, action: str) -> bool:
    """Whether an action has answered this message already, so that a form comes back in the same turn."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "action" and event.get("name") == action:
            return True
    return False


def last_intent(tracker: Tracker) -> str | None:
    """Intent of the customer's last message."""
    intent: str | None = (tracker.latest_message.get("intent") or {}).get("name")
    return intent
