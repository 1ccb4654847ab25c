"""One entity in one message."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, repr=False)
class Mention:
    """What was said and where; its repr keeps the value (possibly a document) out of logs.

    Attributes:
        start: Position of the first character in the text.
        end: Position after the last character.
        entity: Name of the entity in the domain.
        value: Normalised value as the dialogue compares it.
    """

    start: int
    end: int
    entity: str
    value: str

    def overlaps(self, other: Mention) -> bool:
        """Whether both cover a common character."""
        return self.start < other.end and other.start < self.end
