"""The bot behind its WhatsApp channel as processes that a test can kill: SGP, Twilio, actions, Rasa."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests
import sqlalchemy as sa

from addons.whatsapp.privacy_notice import WITHOUT_LINK
from billing.database import open_database
from billing.settings import PROJECT_ROOT
from deploy.model import train_if_needed
from deploy.processes import QUIET_RASA, Service, answers, running, stop
from deploy.serve import CHANNEL
from tests.fake_twilio import FakeTwilio, running_twilio
from tests.stack import KEYS, Sandbox, free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADMIN = "segredo de quem opera"
START_SECONDS = 240
PRIVACY = f"\n\n{WITHOUT_LINK}"
NOTICES = ("Só um instante", "O sistema está mais lento que o normal")
LEFT = sa.text(
    "SELECT (SELECT count(*) FROM inbox WHERE state = 'waiting')"
    " + (SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending', 'unknown'))"
)
"""How many messages are not answered or not delivered yet."""


@dataclass
class Installation:
    """Everything that runs."""

    environment: dict[str, str]
    sandbox: Sandbox
    twilio: FakeTwilio
    model: Path
    logs: Path
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)

    @property
    def bot_url(self) -> str:
        return f"http://127.0.0.1:{self.environment['BOT_PORT']}/webhooks/whatsapp"

    def address_of(self, key: str) -> str:
        """A demo customer's WhatsApp."""
        return f"whatsapp:{self.sandbox.customers()[key]['phone']}"

    @property
    def replica_url(self) -> str:
        """The second Rasa server, which a test starts as "replica"."""
        return f"http://127.0.0.1:{self.environment['REPLICA_PORT']}"

    def start(self, name: str) -> None:
        """Start "actions", "rasa" or "replica", not waiting for it."""
        module = {
            "actions": ["actions"],
            "rasa": self._rasa("BOT_PORT", PROJECT_ROOT / "credentials.yml"),
            "replica": self._rasa("REPLICA_PORT", self.logs / "replica.yml"),
        }[name]
        with (self.logs / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *module],
                cwd=PROJECT_ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def kill(self, name: str) -> None:
        """End a process as a power cut would."""
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait()

    @contextlib.contextmanager
    def replica(self) -> Iterator[str]:
        """A second Rasa server on the same database; it also opens the channel that `rasa shell` posts to.

        Yields:
            Its address.
        """
        channels = (CHANNEL, "rest")
        (self.logs / "replica.yml").write_text("".join(f"{name}:\n" for name in channels), encoding="utf-8")
        self.start("replica")
        try:
            self.wait_until_ready(f"{self.replica_url}/webhooks/whatsapp")
            yield self.replica_url
        finally:
            stop(self.processes.pop("replica"))

    def heard(self, address: str) -> list[str]:
        """What stands on a person's phone, without what is no answer.

        That is the sentence on privacy, and word of how slow it was: that depends on the machine.
        """
        texts = [message["body"].removesuffix(PRIVACY) for message in self.twilio.phone(address)]
        return [text for text in texts if not text.startswith(NOTICES)]

    def quiet(self, seconds: float = 60) -> None:
        """Wait until everything that was said is answered and delivered."""
        engine = open_database(self.environment["DATABASE_URL"])
        give_up_at = time.monotonic() + seconds
        while True:
            with engine.connect() as connection:
                if connection.execute(LEFT).scalar() == 0:
                    break
            assert time.monotonic() < give_up_at, "messages are left unanswered or undelivered"
            time.sleep(0.1)
        engine.dispose()
        assert self.twilio.settle()

    def wait_until_ready(self, url: str | None = None) -> None:
        """Wait until a message sent now would be answered."""
        give_up_at = time.monotonic() + START_SECONDS
        while not answers(f"{url or self.bot_url}/ready"):
            assert time.monotonic() < give_up_at, (self.logs / "rasa.log").read_text()[-3000:]
            time.sleep(0.1)

    def metrics(self) -> str:
        """The bot's metrics."""
        headers = {"Authorization": f"Bearer {ADMIN}"}
        return requests.get(f"{self.bot_url}/metrics", headers=headers, timeout=10).text

    def metric(self, line: str) -> float:
        """A value of the bot's metrics."""
        return next(float(each.split()[-1]) for each in self.metrics().splitlines() if each.startswith(line))

    def forget(self) -> None:
        """Make all people strangers again, on their phones and in the ERP too."""
        engine = open_database(self.environment["DATABASE_URL"])
        with engine.begin() as connection:
            for table in sa.inspect(engine).get_table_names():
                # The audit trail stays: a process that finds its chain cut off refuses to go on.
                if not table.startswith(("sqlite_", "audit_")):
                    connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 - fixed names
        engine.dispose()
        self.twilio.reset()
        self.sandbox.reset()

    def say(self, address: str, text: str, *, sid: str | None = None) -> dict[str, Any]:
        """Write as a person until the bot has acknowledged it, as Twilio's retries and fallback would."""
        note = None
        give_up_at = time.monotonic() + START_SECONDS
        while note is None or not note["acknowledged"]:
            assert time.monotonic() < give_up_at, "never acknowledged"
            if note is not None:
                time.sleep(0.2)
            note = self.twilio.write_as(address, text, sid=note["sid"] if note else sid)
        return note

    def _rasa(self, port: str, credentials: Path) -> list[str]:
        command = ["rasa", "run", "--model", str(self.model), "--credentials", str(credentials)]
        return [*command, "--interface", "127.0.0.1", "--port", self.environment[port]]

    def log(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text(encoding="utf-8")


@contextlib.contextmanager
def installation(folder: Path, database_url: str, **settings: str) -> Iterator[Installation]:
    """Start everything, wait until it is ready, and stop it at the end.

    Args:
        folder: For logs.
        database_url: An empty database.
        settings: Further variables.
    """
    sandbox_port, actions_port, bot_port, replica_port = free_ports(4)
    bot_url = f"http://127.0.0.1:{bot_port}"
    with running_twilio(bot_url) as twilio:
        environment = {
            **os.environ,
            **QUIET_RASA,
            **KEYS,
            **twilio.environment(),
            "PUBLIC_BASE_URL": bot_url,
            "ADMIN_TOKEN": ADMIN,
            "SANDBOX_PORT": str(sandbox_port),
            "ACTIONS_PORT": str(actions_port),
            "BOT_PORT": str(bot_port),
            "REPLICA_PORT": str(replica_port),
            "DATABASE_URL": database_url,
            "BUSINESS_HOURS": "",
            # Crowds of strangers come on purpose; the flood limit has tests of its own.
            "IDENTIFICATION_FAILURES_PER_MINUTE": "100000",
            **settings,
        }
        sgp = [sys.executable, "-m", "sandbox", "--port", str(sandbox_port)]
        service = Service("SGP", sgp, sandbox_port, "SANDBOX_PORT", "/_sandbox/customers")
        with running(service, environment):
            made = Installation(
                environment, Sandbox(f"http://127.0.0.1:{sandbox_port}"), twilio, train_if_needed(), folder
            )
            try:
                made.start("actions")
                made.start("rasa")
                made.wait_until_ready()
                yield made
            finally:
                for process in made.processes.values():
                    stop(process)
