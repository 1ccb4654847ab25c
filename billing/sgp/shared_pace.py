"""The pace of a whole deployment, kept in Redis; a Redis that fails costs politeness, never an answer."""

from __future__ import annotations

import json
import logging
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import redis
from redis.exceptions import RedisError

from billing.sgp.limiter import LocalPace

if TYPE_CHECKING:
    from collections.abc import Callable

    from billing.sgp.pace import Pace

logger = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE = 0.25
"""Seconds that a customer's turn waits for Redis."""

QUEUE_PATIENCE = 1.0
"""Seconds that a thread waits for those of its process that are before it."""

PAUSE = 5.0
"""Seconds without Redis after it failed, so that not every call pays for it."""

TRIES = 20
"""Other processes that may be quicker before Redis counts as too busy."""

FORGOTTEN_AFTER = 3600
"""Seconds without a call after which the pace starts afresh; a slowed limit has recovered by then."""

MAX_CLOCK_STEP = 1.0

_REPLACE = """
if (redis.call("GET", KEYS[1]) or "") ~= ARGV[1] then return 0 end
redis.call("SET", KEYS[1], ARGV[2], "EX", ARGV[3])
return 1
"""


class SharedPace:
    """The pace that all processes with the same Redis and the same name share.

    Time is Redis's own, the only clock that the processes of several machines have in common; nothing but
    distances between calls hangs on it.

    Args:
        client: Redis, with short time-outs.
        name: Of what is called, as in "provedor.sgp.net.br".
        fresh: The pace when Redis holds none, and of this process alone while Redis fails.
        clock: Monotonic clock in seconds.
    """

    def __init__(
        self,
        client: redis.Redis,
        name: str,
        fresh: Pace,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = client
        self._key = f"sgp:pace:{name}"
        self._fresh = fresh
        self._clock = clock
        self._alone = LocalPace(fresh, clock)
        self._away_until = float("-inf")
        self._failing = False
        # Threads of one process queue here: in Redis they would only make each other start again.
        self._turn = threading.Lock()

    def update(self, change: Callable[[Pace, float], tuple[Pace, T]]) -> T:
        """See `PaceKeeper`."""
        if self._turn.acquire(timeout=QUEUE_PATIENCE):
            try:
                if self._clock() >= self._away_until:
                    result = self._in_redis(change)
                    self._recovered()
                    return result
            except RedisError as error:
                self._failed(error)
            finally:
                self._turn.release()
        return self._alone.update(change)

    def _in_redis(self, change: Callable[[Pace, float], tuple[Pace, T]]) -> T:
        for _ in range(TRIES):
            (seconds, microseconds), kept = (
                self._redis.pipeline(transaction=False).time().get(self._key).execute()
            )
            now = seconds + microseconds / 1_000_000
            pace, result = change(self._decode(kept, now), now)
            if self._redis.eval(_REPLACE, 1, self._key, kept or b"", _encode(pace, now), FORGOTTEN_AFTER):
                return result
        raise RedisError("the pace changes too fast")

    def _decode(self, kept: bytes | None, now: float) -> Pace:
        if kept is None:
            return self._fresh
        try:
            state = json.loads(kept)
            # A clock that was set back would make everybody wait for slots of a future that is far again.
            if state.pop("at") > now + MAX_CLOCK_STEP:
                return self._fresh
            return replace(self._fresh, **state)
        except (ValueError, TypeError, KeyError):
            # Another version of this program wrote it.
            return self._fresh

    def _failed(self, error: RedisError) -> None:
        self._away_until = self._clock() + PAUSE
        if not self._failing:
            self._failing = True
            # Calls of an earlier failure may have ended in Redis; here they would seem to run for ever.
            self._alone = LocalPace(self._fresh, self._clock)
            logger.warning(
                "Redis fails (%s): each process limits its own calls to SGP meanwhile", type(error).__name__
            )

    def _recovered(self) -> None:
        if self._failing:
            self._failing = False
            logger.info("Redis is back: calls to SGP are limited together again")


def connect(url: str) -> redis.Redis:
    """A client that gives up quickly; connects at the first use.

    Args:
        url: `redis://…` or `rediss://…`, maybe with a password.
    """
    return redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)


def _encode(pace: Pace, now: float) -> str:
    state = {**vars(pace), "at": now}
    # A setting of each process, not state.
    del state["max_rate"]
    return json.dumps(state)
