"""How fast SGP may be called: the numbers behind the politeness limit, without clocks and waiting.

At most 64 calls run at once. When SGP answers as if called too fast, the limit is halved; it recovers by a
constant amount a second (additive increase, multiplicative decrease, as in TCP). One call at once may still
be too many: below one, the limit is the number of calls that may start in a second, down to one in four
seconds, the only bearable speed that is known of an SGP that throttles.

The provider may also fix the calls a second; then they start at even distances.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_AT_ONCE = 64
LEAST_A_SECOND = 0.25

FIRST_SLOWDOWN = 8
"""A quiet bot that is throttled comes down from here and not from 64, which it was nowhere near."""

SAME_EVENT = 3.0
"""Seconds in which further refusals are of calls already under way, or the tries of the same read."""

RECOVERY = 0.05
"""What the limit regains in a second: from 8 to 64 calls at once in 19 minutes."""

LEASE = 20.0
"""Seconds after which a call that never came back (its process died) no longer counts; longer than any."""

RETRY_AFTER = 0.1
"""Seconds, at least, before a caller that found everything taken looks again."""


class Admission(NamedTuple):
    """Whether a call may be made.

    Attributes:
        granted: True when the call has its slot.
        wait: Seconds until the slot begins, or until asking again makes sense.
    """

    granted: bool
    wait: float


@dataclass(frozen=True)
class Pace:
    """The state of the limit; times are seconds on the clock of whoever keeps it.

    Attributes:
        max_rate: Calls a second that the provider allows; None for as many as the limit lets through.
        limit: Calls at once, or a second when below one, at the time of `slowed_at`.
        slowed_at: When SGP last said that it was too fast.
        next_start: No call begins before it.
        calls: Until when each running or waiting call counts, by its token.
    """

    max_rate: float | None = None
    limit: float = MOST_AT_ONCE
    slowed_at: float = float("-inf")
    next_start: float = float("-inf")
    calls: Mapping[str, float] = field(default_factory=dict)

    def admit(self, token: str, now: float, patience: float) -> tuple[Pace, Admission]:
        """Take a slot.

        Args:
            token: Names the call until `release`.
            now: The keeper's time.
            patience: Seconds that the caller can wait; a slot that begins later is left to others.
        """
        limit = self._limit_at(now)
        calls = {name: until for name, until in self.calls.items() if until > now}
        wait = max(0.0, self.next_start - now)
        if len(calls) >= max(1, int(limit)):
            return self, Admission(granted=False, wait=max(wait, RETRY_AFTER))
        if wait > patience:
            return self, Admission(granted=False, wait=wait)
        start = now + wait
        calls[token] = start + LEASE
        return replace(self, next_start=start + self._distance(limit), calls=calls), Admission(
            granted=True, wait=wait
        )

    def release(self, token: str) -> Pace:
        """The call is over."""
        return replace(self, calls={name: until for name, until in self.calls.items() if name != token})

    def slow_down(self, now: float) -> Pace:
        """SGP said that it was called too fast."""
        if now - self.slowed_at < SAME_EVENT:
            return self
        limit = max(LEAST_A_SECOND, min(self._limit_at(now), max(FIRST_SLOWDOWN, len(self.calls))) / 2)
        return replace(self, limit=limit, slowed_at=now, next_start=now + self._distance(limit))

    def _limit_at(self, now: float) -> float:
        if self.limit >= MOST_AT_ONCE:
            return self.limit
        return min(MOST_AT_ONCE, self.limit + RECOVERY * (now - self.slowed_at))

    def _distance(self, limit: float) -> float:
        """Seconds from one start to the next."""
        allowed = 1 / self.max_rate if self.max_rate else 0.0
        return max(allowed, 1 / limit) if limit < 1 else allowed
