"""A message processor whose turns end honestly: answered and kept, or apologised for and undone."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from rasa.core.actions.action import Action, ActionExecutionRejection
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from addons.choices import chosen_text
from addons.notice import notice_when_slow
from addons.other_requests import words_on_other_requests
from addons.reception import Reception, desk_of
from addons.whatsapp.output import TurnOutput
from billing.correlation import TURN_HEADER, current_turn_id, turn, turn_id_of
from billing.settings import settings

if TYPE_CHECKING:
    from rasa.core.channels.channel import OutputChannel
    from rasa.core.nlg import NaturalLanguageGenerator
    from rasa.core.policies.policy import PolicyPrediction
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.events import Event

logger = logging.getLogger(__name__)

ACTIONS_TOKEN_HEADER = "X-Actions-Token"  # noqa: S105 - the header's name, not the secret


class TurnFailed(Exception):
    """A turn that cannot be finished; nothing of it was saved."""


def _stop_turn(*_: object) -> NoReturn:
    # Rasa stops predicting after ten actions and says nothing, and the next turn is stuck as well.
    raise TurnFailed("too many actions in one turn")


class ActionEndpoint(EndpointConfig):
    """The action server that the settings name, told for which turn it works."""

    def __init__(self) -> None:
        super().__init__(
            url=settings().actions_webhook,
            headers={ACTIONS_TOKEN_HEADER: settings().actions_token.get_secret_value()},
            enable_selective_domain=True,
        )

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """See Rasa; logs which action was called and how long it took."""
        begun, outcome = time.monotonic(), "failed"
        try:
            answer = await super().request(*args, headers={TURN_HEADER: current_turn_id()}, **kwargs)
            outcome = "done"
        finally:
            action = (kwargs.get("json") or {}).get("next_action")
            spent = round(1000 * (time.monotonic() - begun))
            logger.info("action called", extra={"action": action, "outcome": outcome, "ms": spent})
        return answer


class BillingProcessor(MessageProcessor):
    """Undoes a turn when an action fails, and calls the action server that the settings name.

    Rasa would log the exception, drop the action's events and go on with the story. Here the tracker
    is not saved, so the next message finds the conversation as it was before this one.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.action_endpoint = ActionEndpoint()
        self.on_circuit_break = _stop_turn
        self._reception = Reception(partial(desk_of, settings()))
        # The first parse loads the sentence encoder; for that second nobody else would be served.
        self._parse_message_with_graph(UserMessage("oi"), DialogueStateTracker.from_events("warm-up", []))

    async def handle_message(self, message: UserMessage) -> list[dict[str, Any]] | None:
        """Answer one message, or say that it could not be answered now; held senders are the desk's.

        Raises:
            TurnFailed: When the channel keeps the message and has it computed once more.
        """
        with turn(turn_id_of(message.message_id)):
            return await self._answer(message)

    async def _answer(self, message: UserMessage) -> list[dict[str, Any]] | None:
        try:
            received = await self._reception.receive(message)
            if received.for_bot:
                async with notice_when_slow(lambda: self._say_one_moment(message)):
                    await super().handle_message(message)
            elif received.response:
                await self._say(received.response, message)
        except Exception as error:
            # Not the exception itself: it may quote the customer or the whole tracker.
            logger.error("turn failed: %s", type(error.__cause__ or error).__name__)  # noqa: TRY400 - as said above
            if isinstance(message.output_channel, TurnOutput) and message.output_channel.tries_again:
                raise TurnFailed from error
            if isinstance(message.output_channel, CollectingOutputChannel):
                # Half an answer of a turn that the conversation will not remember.
                message.output_channel.messages.clear()
            await self._say("utter_unavailable", message)
        if isinstance(message.output_channel, CollectingOutputChannel):
            messages: list[dict[str, Any]] = message.output_channel.messages
            return messages
        return None

    async def _handle_message_with_tracker(self, message: UserMessage, tracker: DialogueStateTracker) -> None:
        if message.parse_data is None:
            message.text = chosen_text(tracker, message.text)
        await super()._handle_message_with_tracker(message, tracker)

    async def _say(self, response: str, message: UserMessage) -> None:
        """Answer outside of the conversation: nothing of it is kept."""
        await message.output_channel.send_response(message.sender_id, await self._filled(response, message))

    async def _say_one_moment(self, message: UserMessage) -> None:
        response = await self._filled("utter_one_moment", message)
        # A channel that collects the turn's answer has another way for what must not wait for it.
        send = getattr(message.output_channel, "send_at_once", message.output_channel.send_text_message)
        await send(message.sender_id, response["text"])

    async def _filled(self, response: str, message: UserMessage) -> dict[str, Any]:
        blank = DialogueStateTracker.from_events(message.sender_id, [], self.domain.slots)
        filled: dict[str, Any] = await self.nlg.generate(response, blank, message.output_channel.name())
        return filled

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        watched = _WatchedAction(action, await words_on_other_requests(tracker, nlg, output_channel.name()))
        go_on: bool = await super()._run_action(watched, tracker, output_channel, nlg, prediction)
        if watched.failure is not None:
            raise TurnFailed from watched.failure
        return go_on


class _WatchedAction(Action):
    """Keeps an action's exception, which Rasa would swallow, and has Rasa drop the action.

    Args:
        action: What is run.
        beginning: Said before the action's first text, in the same message.
    """

    def __init__(self, action: Action, beginning: str) -> None:
        self._action = action
        self._beginning = beginning
        self.failure: Exception | None = None

    def name(self) -> str:
        name: str = self._action.name()
        return name

    def event_for_successful_execution(self, prediction: PolicyPrediction) -> Event:
        return self._action.event_for_successful_execution(prediction)

    async def run(
        self,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        tracker: DialogueStateTracker,
        domain: Domain,
    ) -> list[Event]:
        try:
            events: list[Event] = await self._action.run(output_channel, nlg, tracker, domain)
        except ActionExecutionRejection:
            raise
        except Exception as error:
            self.failure = error
            raise ActionExecutionRejection(self.name()) from error
        first = next((event for event in events if isinstance(event, BotUttered) and event.text), None)
        if self._beginning and first is not None:
            first.text = f"{self._beginning}\n\n{first.text}"
        return events
