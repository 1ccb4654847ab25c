"""The politeness limit: every call waits for its slot, at most until its turn's time is over.

`pyrate-limiter` and `limits` count calls against a fixed rate; neither learns from refusals nor limits calls
at once, and of `limits` only a release of 2022 goes with the `packaging` that Rasa pins.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

from billing.sgp.errors import SgpBudgetUsedUp, SgpCredentialOrThrottle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from billing.deadline import Deadline
    from billing.sgp.pace import Pace

logger = logging.getLogger(__name__)

T = TypeVar("T")


class PaceKeeper(Protocol):
    """Keeps the pace of all calls that share a limit."""

    def update(self, change: Callable[[Pace, float], tuple[Pace, T]]) -> T:
        """Change the pace, one caller at a time.

        Args:
            change: Gives the new pace and a result from the pace and the keeper's time in seconds. May be
                called several times.

        Returns:
            The result.
        """


class LocalPace:
    """The pace of one process.

    Args:
        pace: As it is at first.
        clock: Monotonic clock in seconds.
    """

    def __init__(self, pace: Pace, clock: Callable[[], float] = time.monotonic) -> None:
        self._pace = pace
        self._clock = clock
        self._lock = threading.Lock()

    def update(self, change: Callable[[Pace, float], tuple[Pace, T]]) -> T:
        """See `PaceKeeper`."""
        with self._lock:
            self._pace, result = change(self._pace, self._clock())
        return result


class RateLimiter:
    """Makes callers wait for their slots.

    Args:
        keeper: Of this process, or of the whole deployment.
        sleep: Waits for some seconds.
    """

    def __init__(self, keeper: PaceKeeper, sleep: Callable[[float], None] = time.sleep) -> None:
        self._keeper = keeper
        self._sleep = sleep

    @contextmanager
    def slot(self, endpoint: str, deadline: Deadline) -> Iterator[None]:
        """Wait for a slot and hold it while the block runs; a refusal that smells of haste slows all down.

        Args:
            endpoint: Path of the route, for errors.
            deadline: End of the turn's time.

        Raises:
            SgpBudgetUsedUp: No slot before the deadline; told at once when that is certain.
        """
        token = secrets.token_hex(4)
        self._wait(token, endpoint, deadline)
        try:
            yield
        except SgpCredentialOrThrottle as refusal:
            if refusal.throttle_likely:
                logger.warning("%s: refused as too fast, slowing down", endpoint)
                self._keeper.update(lambda pace, now: (pace.slow_down(now), None))
            raise
        finally:
            self._keeper.update(lambda pace, _now: (pace.release(token), None))

    def _wait(self, token: str, endpoint: str, deadline: Deadline) -> None:
        while True:
            patience = deadline.remaining()
            admission = self._keeper.update(lambda pace, now: pace.admit(token, now, patience))  # noqa: B023 - called before the next round
            if not admission.granted and admission.wait >= patience:
                raise SgpBudgetUsedUp(endpoint, "no slot before the end of this turn, not called")
            if admission.wait:
                self._sleep(admission.wait)
            if admission.granted:
                return
