"""When a read is worth another try, and after how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from billing.sgp.errors import SgpCredentialOrThrottle, SgpError, SgpNotCalled, SgpOutage, SgpTimeout

if TYPE_CHECKING:
    from collections.abc import Callable

    from billing.deadline import Deadline

MAX_RETRIES = 2
MIN_DELAY = 0.25
MAX_DELAY = 2.0
"""Seconds; an outage's longest wait doubles from twice MIN_DELAY, a throttle may take all of it at once."""

MIN_TIME_AFTER_TIMEOUT = 2.0
"""Seconds; an SGP that was just too slow won't answer faster than this."""

T = TypeVar("T")


class Retries:
    """Repeats reads, spreading the waits of many threads over time.

    Args:
        sleep: Waits for some seconds.
        rand: Uniform number in [0, 1).
    """

    def __init__(self, sleep: Callable[[float], None], rand: Callable[[], float]) -> None:
        self._sleep = sleep
        self._rand = rand

    def run(self, read: Callable[[], T], deadline: Deadline) -> T:
        """The result of `read`, tried up to three times.

        Args:
            read: Something that changes nothing in SGP.
            deadline: No wait goes beyond it.

        Raises:
            SgpError: That of the last try.
        """
        for retry in range(MAX_RETRIES):
            try:
                return read()
            except (SgpOutage, SgpCredentialOrThrottle) as error:
                delay = self._delay(error, retry)
                if not _is_worthwhile(error, deadline.remaining() - delay):
                    raise
            self._sleep(delay)
        return read()

    def _delay(self, error: SgpError, retry: int) -> float:
        longest = MAX_DELAY if isinstance(error, SgpCredentialOrThrottle) else MIN_DELAY * 2 ** (retry + 1)
        return MIN_DELAY + self._rand() * (longest - MIN_DELAY)


def _is_worthwhile(error: SgpError, time_left: float) -> bool:
    if isinstance(error, SgpNotCalled):
        return False
    return time_left > (MIN_TIME_AFTER_TIMEOUT if isinstance(error, SgpTimeout) else 0.0)
