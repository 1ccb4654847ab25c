"""For all tests."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from billing.logs import RedactingFilter
from tests.conversation.deliveries import pytest_terminal_summary  # noqa: F401 - pytest finds the hook here
from tests.databases import postgres, shared_postgres, sqlite, url  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from collections.abc import Callable


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Python's own loop for every test: the first Sanic of a process sets uvloop for all that come after.

    A uvloop with an open connection never closes, so that a test that failed would hold up all others.
    """
    return {"asyncio": asyncio.SelectorEventLoop}


@pytest.fixture(autouse=True)
def _no_redaction_left_over() -> None:
    """Serving code masks whatever handlers stand on the root logger, and pytest's own live as long as it."""
    for handler in logging.getLogger().handlers:
        for each in [item for item in handler.filters if isinstance(item, RedactingFilter)]:
            handler.removeFilter(each)
