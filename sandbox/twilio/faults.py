"""Faults on demand: what Twilio does on a bad day."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

EVERY = "*"


class Kind(str, Enum):
    """What goes wrong.

    The kinds after `DROPPED` accept the request first, so that its outcome is unknown to the caller or
    seems good.
    """

    SLOW = "slow"
    THROTTLED = "429"
    SERVER_ERROR = "500"
    REFUSED = "400"
    DROPPED = "dropped"
    SLOW_AFTER = "slow_after"
    DROPPED_AFTER = "dropped_after"
    SILENT = "silent"
    FAILED = "failed"
    UNDELIVERED = "undelivered"

    @property
    def of_delivery(self) -> bool:
        """Whether the answer is the usual one, and only what follows it goes wrong."""
        return self in (Kind.SILENT, Kind.FAILED, Kind.UNDELIVERED)

    @property
    def after_work(self) -> bool:
        """Whether the request is accepted."""
        return self.of_delivery or self in (Kind.SLOW_AFTER, Kind.DROPPED_AFTER)


@dataclass
class Fault:
    """A fault set on an operation.

    Attributes:
        kind: What goes wrong.
        operation: `operationId`, or "*".
        to: The recipient whose messages it strikes, or "*".
        probability: 0 to 1.
        times: How many more requests it strikes; None without end.
        seconds: Of the slow kinds the delay; of 429 its Retry-After, sent only when given.
        code: Twilio's error code, of "400", "failed" and "undelivered".
    """

    kind: Kind
    operation: str = EVERY
    to: str = EVERY
    probability: float = 1.0
    times: int | None = None
    seconds: float | None = None
    code: int | None = None

    @property
    def latency(self) -> float | None:
        """Seconds of "slow"; None of any other kind."""
        return self.seconds or 0.0 if self.kind is Kind.SLOW else None

    def strikes(self, operation: str, to: str | None) -> bool:
        """Whether it is set on this operation and recipient."""
        return self.operation in (EVERY, operation) and self.to in (EVERY, to)
