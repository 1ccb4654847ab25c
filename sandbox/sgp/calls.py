"""The log of calls, for tests that ask what the bot did to the ERP."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sandbox.sgp.params import Params
    from sandbox.sgp.writing import Json

_KEPT = 10_000
_LOGGED_PARAMS = (
    "contrato",
    "status",
    "titulo_id",
    "number",
    "numero_documento",
    "faturas_abertas_todas",
    "nao_gerar_os",
    "ocorrenciatipo",
    "offset",
    "limit",
)


@dataclass
class Call:
    """One call.

    Attributes:
        endpoint: Name under which faults and counts know it.
        params: Harmless parameters; the document only as its last two characters.
        at: Provider's local time of arrival, ISO 8601.
        outcome: "unanswered" (yet), "answered", "client_left", or the kind of the fault that struck.
        status: HTTP status; None when nothing was answered.
        seconds: Duration.
    """

    endpoint: str
    params: dict[str, str]
    at: str
    outcome: str = "unanswered"
    status: int | None = None
    seconds: float = 0.0


@dataclass
class CallLog:
    """The latest calls, with totals and the peak of concurrency since the last clear."""

    _calls: deque[Call] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _totals: Counter[str] = field(default_factory=Counter)
    _running: Counter[str] = field(default_factory=Counter)
    _peaks: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def record(self, endpoint: str, params: Params, now: datetime) -> Iterator[Call]:
        """Logs a call around its work; the caller sets `outcome` and `status` on what this yields."""
        shown = {name: params.text(name) for name in _LOGGED_PARAMS if params.text(name)}
        if document := params.document():
            shown["cpfcnpj"] = "*" * (len(document) - 2) + document[-2:]
        call = Call(endpoint, shown, now.isoformat())
        self._calls.append(call)
        self._totals[endpoint] += 1
        self._running[endpoint] += 1
        self._peaks[endpoint] = max(self._peaks.get(endpoint, 0), self._running[endpoint])
        began = time.monotonic()
        try:
            yield call
        except asyncio.CancelledError:
            if call.outcome == "unanswered":
                call.outcome = "client_left"
            raise
        finally:
            self._running[endpoint] -= 1
            call.seconds = round(time.monotonic() - began, 4)

    def clear(self) -> None:
        """Forgets all but the calls still running, which count towards the next peak."""
        self._calls.clear()
        self._totals.clear()
        self._peaks.clear()

    def report(self) -> Json:
        """The calls, oldest first, and per endpoint their total and peak concurrency."""
        return {
            "calls": [asdict(call) for call in self._calls],
            "totals": dict(self._totals),
            "peak_concurrency": dict(self._peaks),
        }
