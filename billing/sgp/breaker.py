"""A circuit breaker: while SGP is away, customers hear so at once instead of after the turn's whole time.

`pybreaker` holds its lock while the protected call runs, so that threads would call SGP one after the
other, and `circuitbreaker` has no lock at all.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING

from billing.sgp.errors import SgpCircuitOpen, SgpError, SgpNotCalled, SgpOutage, SgpTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

logger = logging.getLogger(__name__)

OUTAGES = 10
"""Consecutive ones that open the circuit: more than the nine tries of one turn's three reads."""

WINDOW = 60.0
"""Seconds within which they must fall."""

OPEN_SECONDS = 3.0
"""How long no call is made; then a single one tries whether SGP is back."""

FAIR_SECONDS = 2.0
"""A call that the turn's end gave less time than this tells nothing about SGP when it times out."""


class _Verdict(Enum):
    """What a call tells about SGP."""

    ANSWERED = "answered"
    OUTAGE = "outage"
    NOTHING = "nothing"


class CircuitBreaker:
    """Watches the calls of one process.

    Args:
        clock: Monotonic clock in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._outages: deque[float] = deque(maxlen=OUTAGES)
        self._opened_at: float | None = None
        self._probing = False

    @contextmanager
    def watch(self, endpoint: str) -> Iterator[None]:
        """Let the block call SGP, or not even begin it.

        Args:
            endpoint: Path of the route, for errors.

        Raises:
            SgpCircuitOpen: SGP has been away and is not asked now.
        """
        probe = self._enter(endpoint)
        verdict = _Verdict.NOTHING
        try:
            yield
            verdict = _Verdict.ANSWERED
        except SgpError as error:
            verdict = _verdict(error)
            raise
        finally:
            self._leave(verdict, probe=probe)

    def _enter(self, endpoint: str) -> bool:
        with self._lock:
            if self._opened_at is None:
                return False
            if self._probing or self._clock() - self._opened_at < OPEN_SECONDS:
                raise SgpCircuitOpen(endpoint, "SGP has been away, not called")
            self._probing = True
            return True

    def _leave(self, verdict: _Verdict, *, probe: bool) -> None:
        with self._lock:
            if probe:
                self._probing = False
            if verdict is _Verdict.ANSWERED:
                self._outages.clear()
                if self._opened_at is not None:
                    self._opened_at = None
                    logger.info("SGP answers again")
            elif verdict is _Verdict.OUTAGE:
                self._note_outage(probe=probe)

    def _note_outage(self, *, probe: bool) -> None:
        now = self._clock()
        if self._opened_at is not None:
            # Of a call that began before, only the probe's failure says that SGP is still away.
            if probe:
                self._opened_at = now
            return
        self._outages.append(now)
        if len(self._outages) == OUTAGES and now - self._outages[0] <= WINDOW:
            self._opened_at = now
            logger.warning("SGP is away: calls fail at once, one at a time tries whether it is back")


def _verdict(error: SgpError) -> _Verdict:
    if isinstance(error, SgpNotCalled) or (isinstance(error, SgpTimeout) and error.allowed < FAIR_SECONDS):
        return _Verdict.NOTHING
    return _Verdict.OUTAGE if isinstance(error, SgpOutage) else _Verdict.ANSWERED
