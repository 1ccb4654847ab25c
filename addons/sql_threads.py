"""Threads for SQL: the event loop of the Rasa server must not wait for a database."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

P = ParamSpec("P")
T = TypeVar("T")

_Work = tuple[Future[Any], Callable[[], Any]]

THREADS = 12
"""Connections that one Rasa server uses at most; PostgreSQL allows a hundred to all together."""


class SqlThreads:
    """Runs blocking database work, first come first served but for what must be quick.

    On SQLite in one thread: it has one writer at a time anyway, and its way of waiting for another
    is to sleep for up to a tenth of a second.

    Args:
        engine: The database that the work is for.
    """

    def __init__(self, engine: Engine) -> None:
        threads = 1 if engine.dialect.name == "sqlite" else THREADS
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="sql")
        self._first: deque[_Work] = deque()
        self._others: deque[_Work] = deque()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a blocking function in a thread and await its result."""
        return await self._queue(self._others, partial(function, *args, **kwargs))

    async def run_first(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same, ahead of all that waits: for what somebody outside waits for."""
        return await self._queue(self._first, partial(function, *args, **kwargs))

    def close(self) -> None:
        """Let what has begun end, and take no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for future, _ in (*self._first, *self._others):
            future.cancel()

    async def _queue(self, queue: deque[_Work], work: Callable[[], T]) -> T:
        future: Future[T] = Future()
        queue.append((future, work))
        # As many calls as pieces of work: each takes what is most urgent by then.
        self._threads.submit(self._do_next)
        return await asyncio.wrap_future(future)

    def _do_next(self) -> None:
        try:
            future, work = self._first.popleft()
        except IndexError:
            future, work = self._others.popleft()
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is the caller's
            future.set_exception(error)
