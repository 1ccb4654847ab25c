"""Time for many threads that passes only when all of them sleep."""

from __future__ import annotations

import heapq
import threading
from concurrent.futures import ThreadPoolExecutor


class VirtualTime:
    """A clock, and a sleep that costs no time; wakes one thread after the other, in the order of time."""

    def __init__(self):
        self.now = 0.0
        self._lock = threading.Lock()
        self._awake = 0
        self._asleep = []
        self._count = 0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        woken = threading.Event()
        with self._lock:
            self._count += 1
            heapq.heappush(self._asleep, (self.now + seconds, self._count, woken))
            self._rest()
        woken.wait()

    def run(self, task, count):
        """The results of `task(number)`, each in a thread of its own, all begun at the same moment."""
        self._awake = count
        begun = threading.Barrier(count)

        def thread(number):
            begun.wait()
            try:
                return task(number)
            finally:
                with self._lock:
                    self._rest()

        with ThreadPoolExecutor(count) as threads:
            return list(threads.map(thread, range(count)))

    def _rest(self):
        self._awake -= 1
        if not self._awake and self._asleep:
            self._awake = 1
            self.now, _, woken = heapq.heappop(self._asleep)
            woken.set()
