"""How fast WhatsApp takes messages: from one number in all, and to one person."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PAIR_BURST = 45
PAIR_SECONDS = 6.0
"""Meta's pair rate (error 131056): one message in six seconds to the same person, 45 of them in advance."""
KEPT_PAIRS = 10_000


class TokenBucket:
    """A rate with room for a burst.

    Args:
        rate: Tokens a second.
        burst: Tokens at the beginning, and at most.
        clock: Monotonic clock in seconds.
    """

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._tokens = burst
        self._at = clock()

    def take(self) -> float:
        """Take one token, on credit if there is none.

        Returns:
            Seconds to wait before using it.
        """
        self._refill()
        self._tokens -= 1
        return max(0.0, -self._tokens / self._rate)

    def put_back(self) -> None:
        """Give back a token that was not used."""
        self._tokens += 1

    def delay(self) -> float:
        """Seconds until a token could be taken without waiting."""
        self._refill()
        return max(0.0, (1 - self._tokens) / self._rate)

    def pause(self, seconds: float) -> None:
        """Give no token before `seconds` have passed."""
        self._refill()
        self._tokens = min(self._tokens, -seconds * self._rate)

    @property
    def full(self) -> bool:
        """Whether nobody would notice if this bucket were made anew."""
        self._refill()
        return self._tokens >= self._burst

    def _refill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now


class PairLimits:
    """A bucket for each recipient.

    Args:
        burst: Messages that one person may get at once.
        seconds: Time for each further one.
        clock: Monotonic clock in seconds.
    """

    def __init__(
        self,
        burst: float = PAIR_BURST,
        seconds: float = PAIR_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst = burst
        self._seconds = seconds
        self._clock = clock
        self._buckets: dict[str, TokenBucket] = {}

    def of(self, sender_id: str) -> TokenBucket:
        """The recipient's bucket."""
        if len(self._buckets) >= KEPT_PAIRS:
            self._buckets = {name: each for name, each in self._buckets.items() if not each.full}
        return self._buckets.setdefault(sender_id, TokenBucket(1 / self._seconds, self._burst, self._clock))
