"""Drawing which of the faults on demand strikes a call, the same for every sandbox server."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_SEED = 20261123


class Drawn(Protocol):
    """What a plan must know of a fault.

    Attributes:
        probability: 0 to 1.
        times: How often it still happens; None without end.
    """

    probability: float
    times: int | None

    @property
    def latency(self) -> float | None:
        """Seconds by which it slows a call down that goes well; None of any other fault."""


F = TypeVar("F", bound=Drawn)


@dataclass
class FaultPlan(Generic[F]):
    """The faults in force, drawn from a fixed seed."""

    _faults: list[F] = field(default_factory=list)
    _random: random.Random = field(default_factory=lambda: random.Random(_SEED))

    def add(self, fault: F) -> None:
        """Puts a fault in force after those already there."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Ends all faults and starts the draw again."""
        self._faults.clear()
        self._random.seed(_SEED)

    def list(self) -> list[F]:
        """The faults in force."""
        return list(self._faults)

    def draw(self, applies: Callable[[F], bool]) -> tuple[float, F | None]:
        """Draws what happens to one call.

        Args:
            applies: Whether a fault is set on this call.

        Returns:
            Seconds of latency, all that apply added up, and the first fault of another kind, if any.
        """
        latency = 0.0
        failure = None
        for fault in list(self._faults):
            slows = fault.latency is not None
            if not applies(fault) or (failure and not slows):
                continue
            if self._random.random() >= fault.probability:
                continue
            if slows:
                latency += fault.latency or 0.0
            else:
                failure = fault
            self._count(fault)
        return latency, failure

    def _count(self, fault: F) -> None:
        if fault.times is not None:
            fault.times -= 1
            if not fault.times:
                self._faults.remove(fault)
