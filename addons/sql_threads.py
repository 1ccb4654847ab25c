"""Threads for SQL: the event loop of the Rasa server must not wait for a database."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Engine

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 12
"""Connections that one Rasa server uses at most; PostgreSQL allows a hundred to all together."""


class SqlThreads:
    """Runs blocking database work, first come first served.

    On SQLite in one thread: it has one writer at a time anyway, and its way of waiting for another
    is to sleep for up to a tenth of a second.

    Args:
        engine: The database that the work is for.
    """

    def __init__(self, engine: Engine) -> None:
        threads = 1 if engine.dialect.name == "sqlite" else THREADS
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="sql")

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a blocking function in a thread and await its result."""
        work = partial(function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Let what has begun end, and take no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
