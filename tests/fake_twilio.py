"""The sandbox Twilio as a process: write as a person, look at a phone, set faults."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from billing.settings import PROJECT_ROOT
from sandbox.twilio.account import (
    ACCOUNT_SID,
    API_KEY_SECRET,
    API_KEY_SID,
    AUTH_TOKEN,
    WHATSAPP_NUMBER,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = Any


@dataclass(frozen=True)
class FakeTwilio:
    """A running sandbox Twilio; its control routes are described in `sandbox/twilio/control.py`."""

    url: str

    def environment(self) -> dict[str, str]:
        """The variables by which a bot uses it; PUBLIC_BASE_URL is the caller's."""
        return {
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "TWILIO_API_KEY_SID": API_KEY_SID,
            "TWILIO_API_KEY_SECRET": API_KEY_SECRET,
            "TWILIO_WHATSAPP_NUMBER": WHATSAPP_NUMBER,
            "TWILIO_API_BASE_URL": self.url,
        }

    def write_as(self, address: str, text: str = "", *, copies: int = 1, **more: Any) -> Json:
        """One message from a person; `acknowledged` tells whether the bot took it.

        Args:
            address: "whatsapp:+55…", or "whatsapp:BR.…" of a hidden number.
            text: What it says.
            copies: How often it is posted, all at once, with the same sid.
            more: `kind`, `id`, `reply_to`, `sid`, `fields` …
        """
        return self.write_many(address, {"text": text, **more}, copies=copies)[0]

    def write_many(self, address: str, *messages: dict[str, Any], copies: int = 1) -> list[Json]:
        """Several messages of one person, all posted at once."""
        return self._post("write", {"from": address, "messages": messages, "copies": copies}, patience=120)

    def phone(self, address: str, *, count: int = 0, seconds: float = 10) -> list[Json]:
        """What the person got, in order of acceptance; waits for `count` messages at most `seconds`."""
        return self._get("phone", address=address, count=count, seconds=seconds)

    def phones(self) -> dict[str, list[Json]]:
        """What everybody got, by address."""
        return self._get("phone")

    def media(self, sid: str) -> bytes:
        """The file in a message that a person got."""
        answer = requests.get(f"{self.url}/_sandbox/media/{sid}", timeout=10)
        answer.raise_for_status()
        return answer.content

    def messages(self) -> list[Json]:
        """All messages that were accepted, failed ones too."""
        return self._get("messages")

    def written(self) -> list[Json]:
        """All messages that people wrote, and how the bot took them."""
        return self._get("written")

    def open_window(self, address: str, age: float = 0) -> None:
        """Let it be so that the person wrote `age` seconds ago, without posting anything."""
        self._post("window", {"address": address, "age": age})

    def fault(self, kind: str, **more: Any) -> None:
        """Switch a fault on; see `sandbox/twilio/faults.py`."""
        self._post("faults", {"kind": kind, **more})

    def heal(self) -> None:
        """Switch all faults off."""
        requests.delete(f"{self.url}/_sandbox/faults", timeout=10).raise_for_status()

    def callbacks(self, **plan: Any) -> None:
        """Change how status callbacks come: `shuffled`, `copies`, `delay`, `last`."""
        self._post("callbacks", plan)

    def settle(self, seconds: float = 30) -> bool:
        """Wait until all media is fetched and every callback is posted; whether that is so."""
        settled: bool = self._get("settled", seconds=seconds)["settled"]
        return settled

    def stats(self) -> Json:
        """Counts of requests, messages and callbacks."""
        return self._get("stats")

    def reset(self) -> None:
        """Everything as at start."""
        self._post("reset", {})

    def _get(self, name: str, **query: Any) -> Any:
        answer = requests.get(f"{self.url}/_sandbox/{name}", params=query, timeout=90)
        return _body(answer)

    def _post(self, name: str, body: Json, *, patience: float = 10) -> Any:
        answer = requests.post(f"{self.url}/_sandbox/{name}", json=body, timeout=patience)
        return _body(answer)


def _body(answer: requests.Response) -> Any:
    assert answer.ok, answer.text
    return answer.json()


@contextmanager
def running_twilio(bot_url: str, public_base_url: str | None = None) -> Iterator[FakeTwilio]:
    """Start one on a free port, and stop it at the end.

    Args:
        bot_url: Where the bot listens or will listen.
        public_base_url: The bot's PUBLIC_BASE_URL, when it is another one.
    """
    command = [sys.executable, "-m", "sandbox.twilio", "--port", "0", "--bot-url", bot_url]
    if public_base_url is not None:
        command += ["--public-base-url", public_base_url]
    with subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield FakeTwilio(process.stdout.readline().split()[-1])
        finally:
            process.terminate()


__all__ = ["FakeTwilio", "running_twilio"]
