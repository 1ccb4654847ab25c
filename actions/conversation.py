"""Not understanding, and starting over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rasa_sdk import Action
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

if TYPE_CHECKING:
    from rasa_sdk import Tracker
    from rasa_sdk.executor import CollectingDispatcher

    from actions.base import Events

REQUEST_SLOTS = (
    "topic",
    "cpf",
    "cpf_problem",
    "birth_date",
    "contract",
    "open_invoices",
    "invoice",
    "payment_format",
    "offered_formats",
    "unblock_consent",
    "block_outcome",
    "block_kind",
    "handoff_reason",
    "requested_slot",
)


class ActionNotUnderstood(Action):
    """Asks to rephrase; when that did not help, offers what the bot can do, and then a person."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_not_understood"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        """Count how often in a row; see rasa-sdk."""
        before = _times_in_a_row(tracker, self.name())
        form = tracker.active_loop_name
        # As the policy's fallback it stands in no rule, so nothing else would end the turn: a form asks
        # its question again.
        go_on = [FollowupAction(form or "action_listen")]
        if before == 0:
            dispatcher.utter_message(response="utter_not_understood")
            return go_on
        if before == 1:
            dispatcher.utter_message(
                response="utter_not_understood_in_form" if form else "utter_not_understood_menu"
            )
            return go_on
        # A form would ask for ever; a yes to this question must mean the person.
        return [
            ActiveLoop(None),
            SlotSet("requested_slot", None),
            SlotSet("handoff_reason", "not_understood"),
            FollowupAction("utter_offer_human"),
        ]


def _times_in_a_row(tracker: Tracker, action: str) -> int:
    """Turns before this one, back to back, that ended in `action`."""
    times = 0
    turn_had_it = False
    turns = 0
    for event in reversed(tracker.events):
        if event.get("event") == "action" and event.get("name") == action:
            turn_had_it = True
        elif event.get("event") == "user":
            turns += 1
            if turns > 1:
                if not turn_had_it:
                    break
                times += 1
            turn_had_it = False
    return times


class ActionStartOver(Action):
    """Leaves any form and forgets the request; the identity stays valid on the server."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_start_over"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        """Clear the dialogue; see rasa-sdk."""
        return [ActiveLoop(None), *(SlotSet(name, None) for name in REQUEST_SLOTS)]
