"""How SGP writes numbers: as JSON numbers, or for old records as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decimal import Decimal

Json = Any
"""A value that `json` can write."""


@dataclass(frozen=True)
class Writing:
    """The number style of one customer's record.

    Attributes:
        as_text: Write ids and money as strings.
    """

    as_text: bool

    def number(self, value: int) -> Json:
        """An id."""
        return str(value) if self.as_text else value

    def money(self, value: Decimal) -> Json:
        """An amount in reais; whole amounts become integers when they are numbers."""
        if self.as_text:
            return f"{value:.2f}"
        return int(value) if value == value.to_integral_value() else float(value)
