"""How many messages a customer writes until the bill is there, over all conversations that count them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

PROPERTY = "messages_to_delivery"


def table(counted: Counter[tuple[int, int]]) -> list[str]:
    """Lines of the printed table.

    Args:
        counted: Requests, by the most messages allowed and those it took.
    """
    lines = ["at most  messages  requests"]
    lines += [f"{limit:7}  {count:8}  {times:8}" for (limit, count), times in sorted(counted.items())]
    return lines


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table at the end of a run in which anything was counted."""
    counted = Counter(
        tuple(map(int, value.split()))
        for report in terminalreporter.stats.get("passed", [])
        for name, value in getattr(report, "user_properties", ())
        if name == PROPERTY and report.when == "call"
    )
    if counted:
        terminalreporter.section("customer's messages from the request to the bill")
        for line in table(counted):
            terminalreporter.write_line(line)
