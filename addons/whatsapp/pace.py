"""Many turns at once leave room for what must be quick: one step of one turn in each round of the event loop.

A turn computes between its waits: it parses, predicts, reads and writes JSON, some milliseconds each time.
When a crowd writes at once, dozens of turns are ready in the same round, and a webhook, which needs several
rounds, would wait for all of them in each. Here it waits for one, and while it is being kept for none.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator, Iterator

T = TypeVar("T")

MOST_HELD_SECONDS = 0.2
"""A turn's step is taken after this long, however many webhooks come: a stream of them stops nobody."""


class Pace:
    """Lets coroutines take their steps one after the other."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._stepping = False
        self._holds = 0
        self._stepped_at = 0.0
        self._alarm: asyncio.TimerHandle | None = None

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Take no steps meanwhile: somebody outside waits for an answer that is quick without them."""
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1
            self._next()

    async def keep(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine at this pace, and return its result.

        Args:
            coroutine: What it starts as tasks of its own is not slowed.
        """
        result: T = await _Paced(coroutine, self)
        return result

    def turn(self) -> asyncio.Future[None]:
        """A future that is done when the next step may be taken; `taken` must follow it."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._next()
        return future

    def taken(self) -> None:
        """A step was taken, or given up; the next one belongs to the next round of the loop."""
        asyncio.get_running_loop().call_soon(self._begin_round)

    def _begin_round(self) -> None:
        self._stepping = False
        self._next()

    def _next(self) -> None:
        if not self._waiting or self._stepping:
            return
        loop = asyncio.get_running_loop()
        due_at = self._stepped_at + MOST_HELD_SECONDS
        if self._holds and loop.time() < due_at:
            if self._alarm is None:
                self._alarm = loop.call_at(due_at, self._ring)
            return
        while self._waiting and not self._stepping:
            future = self._waiting.popleft()
            if not future.done():
                self._stepping = True
                self._stepped_at = loop.time()
                future.set_result(None)

    def _ring(self) -> None:
        self._alarm = None
        self._next()


class _Paced:
    """Stands between a coroutine and the task that runs it."""

    def __init__(self, coroutine: Coroutine[Any, Any, T], pace: Pace) -> None:
        self._coroutine = coroutine
        self._pace = pace

    def __await__(self) -> Generator[Any, Any, Any]:
        send, value = self._coroutine.send, None
        failure: BaseException | None = None
        while True:
            mine = self._pace.turn()
            try:
                yield from mine
            except BaseException as error:  # noqa: BLE001 - handed on to the coroutine, as its own task would
                failure = error
            try:
                waits_for = send(value) if failure is None else self._coroutine.throw(failure)
            except StopIteration as end:
                return end.value
            finally:
                if mine.done() and not mine.cancelled():
                    self._pace.taken()
            value, failure = None, None
            try:
                value = yield waits_for
            except BaseException as error:  # noqa: BLE001 - as above
                failure = error
