"""Which variation of a response is said: each in turn, so that nobody reads the same words on and on."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.events import BotUttered

if TYPE_CHECKING:
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.trackers import DialogueStateTracker
    from rasa.utils.endpoints import EndpointConfig


class RotatingResponses(TemplatedNaturalLanguageGenerator):
    """Rasa's templates, with the variations in the order of the domain instead of by chance.

    Args:
        endpoint_config: Entry `nlg` of endpoints.yml; nothing in it is needed.
        domain: The model's domain.
    """

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:  # noqa: ARG002 - Rasa's factory
        super().__init__(domain.responses)

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> dict[str, Any] | None:
        """Fill the variation whose turn it is.

        Args:
            utter_action: Name of the response.
            tracker: Tells how often it was said in this session, and the slots for its variables.
            output_channel: Name of the channel.
            **kwargs: Further variables.

        Returns:
            The response, or None when the domain has none of that name that fits the slots.
        """
        if utter_action not in self.responses:
            return None
        slots = tracker.current_slot_values()
        fitting = ResponseVariationFilter(self.responses).responses_for_utter_action(
            utter_action, output_channel, slots
        )
        if not fitting:
            return None
        kind = str(fitting[0].get("condition", ""))
        said = sum(
            isinstance(event, BotUttered)
            and event.metadata.get("utter_action") == utter_action
            and event.metadata.get("variations_for", "") == kind
            for event in tracker.events
        )
        filled: dict[str, Any] = self._fill_response(
            copy.deepcopy(fitting[said % len(fitting)]), slots, **kwargs
        )
        # Kept with the message: the words for one problem have their own turn, whatever was asked before.
        filled["variations_for"] = kind
        return filled
