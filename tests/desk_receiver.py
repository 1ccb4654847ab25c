"""The other end of the handoff webhook: a desk that records what it is told, and fails when it shall."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "segredo-da-central-de-teste"
NOT_CONNECTED = 503
PATIENCE = 30
"""Seconds; longer than anything a test waits for."""


class DeskReceiver:
    """What the desk knows; `running_desk` makes one that listens."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.senders: list[str] = []
        """Of each signed post, answered or not."""
        self._status = NOT_CONNECTED
        self._taken: list[dict[str, Any]] = []
        self._news = threading.Condition()
        self._may_answer = threading.Event()
        self._may_answer.set()

    @property
    def environment(self) -> dict[str, str]:
        """The settings that lead here."""
        return {"HANDOFF_WEBHOOK_URL": self.url, "HANDOFF_WEBHOOK_SECRET": SECRET}

    @property
    def asked(self) -> int:
        """Signed posts so far."""
        return len(self.senders)

    def reset(self) -> None:
        """Not connected, and knowing nothing."""
        self.answer(NOT_CONNECTED)
        with self._news:
            self._taken.clear()
            self.senders.clear()

    def answer(self, status: int) -> None:
        """Answer with this status from now on, also what was kept waiting."""
        self._status = status
        self._may_answer.set()

    def hang(self) -> None:
        """Answer nothing until `answer`."""
        self._may_answer.clear()

    def taken(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Messages that were answered with 2xx, of one type or all, in order."""
        with self._news:
            return [message for message in self._taken if kind in {None, message["type"]}]

    def wait_for(self, kind: str) -> dict[str, Any]:
        """The newest message of a type, which the bot may be sending just now."""
        with self._news:
            arrived = self._news.wait_for(lambda: self.taken(kind), PATIENCE)
        assert arrived, f"the desk was told no {kind}"
        return arrived[-1]

    def wait_until_asked(self, times: int = 1) -> None:
        """Wait until so many posts have come, answered or not."""
        with self._news:
            assert self._news.wait_for(lambda: self.asked >= times, PATIENCE), "the desk was not asked"

    def receive(self, body: bytes, signature: str) -> int:
        """Take one post.

        Returns:
            The status to answer with: 401 when it is not signed as the bot must.
        """
        expected = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, signature):
            return 401
        with self._news:
            self.senders.append(json.loads(body).get("sender", ""))
            self._news.notify_all()
        self._may_answer.wait(PATIENCE)
        with self._news:
            if self._status < 300:
                self._taken.append(json.loads(body))
                self._news.notify_all()
            return self._status


@contextmanager
def running_desk() -> Iterator[DeskReceiver]:
    """A desk that listens on a free port, not connected at first."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(desk.receive(body, self.headers.get("X-Signature", "")))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    desk = DeskReceiver(f"http://127.0.0.1:{server.server_port}/handoff")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield desk
    finally:
        desk.reset()
        server.shutdown()
        thread.join()
        server.server_close()
