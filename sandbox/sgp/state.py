"""What one running sandbox SGP holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.faults import FaultPlan
from sandbox.sgp.calls import CallLog
from sandbox.sgp.public import PAGES
from sandbox.sgp.ura import POST_ENDPOINTS

if TYPE_CHECKING:
    from sandbox.sgp.faults import Fault
    from sandbox.sgp.ledger import Ledger

ENDPOINTS = frozenset({*POST_ENDPOINTS, "pagamento/pix", "manutencao/list", *PAGES})
"""Names by which faults and the call log know the endpoints."""


@dataclass(frozen=True)
class Sgp:
    """Ledger, faults and call log, which a reset renews together."""

    ledger: Ledger
    faults: FaultPlan[Fault] = field(default_factory=FaultPlan)
    calls: CallLog = field(default_factory=CallLog)

    def reset(self) -> None:
        """Puts all back to the beginning."""
        self.ledger.reset()
        self.faults.clear()
        self.calls.clear()


SGP = web.AppKey("sgp", Sgp)
