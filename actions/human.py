"""A person, from anywhere in the dialogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions.base import UNAVAILABLE, ErpAction, Events
from billing.handoff import Handoff, open_ticket
from billing.sgp.errors import SgpError

if TYPE_CHECKING:
    from rasa_sdk import Tracker
    from rasa_sdk.executor import CollectingDispatcher

    from actions.context import Context


class ActionHandoff(ErpAction):
    """Opens a ticket for a known customer; tells anybody else whom to contact, in the same words."""

    outcome_slot = "handoff_outcome"

    def name(self) -> str:
        """Name in the domain."""
        return "action_handoff"

    def work(self, here: Context, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """Say how the customer reaches a person."""
        contact = f": {here.settings.support_contact}" if here.settings.support_contact else ""
        identity = here.identities.current(tracker.sender_id)
        if identity is None or not identity.contracts:
            dispatcher.utter_message(response="utter_handoff_contact", contact=contact)
            return [self.outcome("contact")]
        chosen = tracker.get_slot("contract")
        contract_id = chosen if identity.owns(chosen) else identity.contracts[0].contract_id
        try:
            opened = open_ticket(
                here.sgp,
                here.claims,
                contract_id,
                "asked",
                tracker.latest_message["message_id"],
                here.deadline(tracker),
                here.settings.timezone,
            )
        except SgpError:
            dispatcher.utter_message(response="utter_handoff_unavailable", contact=contact)
            return [self.outcome(UNAVAILABLE)]
        if opened.result is Handoff.UNKNOWN:
            dispatcher.utter_message(response="utter_handoff_unknown", contact=contact)
        elif opened.result is Handoff.ALREADY_OPEN:
            dispatcher.utter_message(response="utter_handoff_already", protocol=opened.protocol)
        else:
            dispatcher.utter_message(response="utter_handoff_ticket", protocol=opened.protocol)
        return [self.outcome(opened.result.value)]
