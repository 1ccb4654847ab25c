"""Entities of a message by code: exact, explainable, and the same on every training run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from addons.nlu.entities import amounts, dates, documents, formats, months, ordinals
from addons.nlu.entities.negation import without_rejected
from addons.nlu.stateless import StatelessComponent
from billing.folding import fold

if TYPE_CHECKING:
    from addons.nlu.entities.mention import Mention

# Between overlapping mentions the longer wins, and of equally long ones the kind that comes first here.
_BY_SPECIFICITY = ("document", "date", "amount", "month", "payment_format", "ordinal")


def extract(text: str) -> list[Mention]:
    """Find the entities of a message.

    Args:
        text: At most 1,000 characters, as :mod:`addons.nlu.hygiene` leaves them.

    Returns:
        Mentions by position, without overlaps and without values that the customer refuses.
    """
    folded = fold(text)
    candidates = [*documents.find(text)]
    for kind in (dates, amounts, months, formats, ordinals):
        candidates.extend(kind.find(folded))
    return without_rejected(folded, _without_overlaps(candidates))


def _without_overlaps(candidates: list[Mention]) -> list[Mention]:
    kept: list[Mention] = []
    for candidate in sorted(candidates, key=_rank):
        if not any(candidate.overlaps(other) for other in kept):
            kept.append(candidate)
    return sorted(kept, key=lambda mention: mention.start)


def _rank(mention: Mention) -> tuple[bool, int, int, int]:
    # A validated document outranks whatever else its digits or words may look like.
    return (
        mention.entity != "document",
        mention.start - mention.end,
        _BY_SPECIFICITY.index(mention.entity),
        mention.start,
    )


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class BillingEntityExtractor(StatelessComponent, EntityExtractorMixin):
    """Adds the entities that :func:`extract` finds. It needs no training and leaves training data alone."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Append entities to each message.

        Args:
            messages: Messages with text.

        Returns:
            The same messages; entities of other extractors stay.
        """
        for message in messages:
            found = [
                {
                    ENTITY_ATTRIBUTE_TYPE: mention.entity,
                    ENTITY_ATTRIBUTE_START: mention.start,
                    ENTITY_ATTRIBUTE_END: mention.end,
                    ENTITY_ATTRIBUTE_VALUE: mention.value,
                }
                for mention in extract(message.get(TEXT))
            ]
            message.set(
                ENTITIES, message.get(ENTITIES, []) + self.add_extractor_name(found), add_to_output=True
            )
        return messages
