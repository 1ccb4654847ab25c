"""A stand-in for the desk that answers from memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Event


@dataclass
class FakeDesk:
    """Holds whom it is told to; `hangs` keeps `forward` waiting until it is set."""

    holds: set[str] = field(default_factory=set)
    takes: bool = True
    hangs: Event | None = None
    forwarded: list[str] = field(default_factory=list)

    def held(self, sender_id):
        return sender_id in self.holds

    def forward(self, _sender_id, _message_id, text):
        if self.hangs is not None:
            self.hangs.wait()
        self.forwarded.append(text)
        return self.takes

    def release(self, sender_id):
        was_held = sender_id in self.holds
        self.holds.discard(sender_id)
        return was_held
