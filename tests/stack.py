"""The whole bot as processes on free ports: sandbox SGP, action server, Rasa server."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import sys
import uuid
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from billing.contacts import ContactBook, Proof
from billing.database import open_database
from billing.media import MediaStore
from billing.settings import PROJECT_ROOT
from billing.tables import events, place
from billing.vault import Vault
from deploy.model import train_if_needed
from deploy.processes import QUIET_RASA, Service, running
from sandbox.sgp.server import APP, TOKEN
from tests.desk_receiver import running_desk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.desk_receiver import DeskReceiver

KEYS = {
    "PII_ENCRYPTION_KEYS": "dGVzdC1lbmNyeXB0aW9uLWtleS0zMi1ieXRlcy1sbyE=",
    "PII_INDEX_KEY": "dGVzdC1pbmRleC1rZXktMzItYnl0ZXMtbG9uZy0uLi4=",
    "MEDIA_SIGNING_KEY": "dGVzdC1zaWduaW5nLWtleS0zMi1ieXRlcy1sb25nLi4=",
    "ACTIONS_TOKEN": "dGVzdC1hY3Rpb25zLXRva2VuLTMyLWJ5dGVzLWxvbmc=",
}
VAULT = Vault(KEYS["PII_ENCRYPTION_KEYS"].split(","), KEYS["PII_INDEX_KEY"])


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on now; all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


@dataclass
class Sandbox:
    """The sandbox SGP's control routes."""

    url: str

    def customers(self) -> dict[str, dict[str, Any]]:
        """Demo customers by key."""
        return {item["key"]: item for item in self._call("GET", "customers")}

    def reset(self) -> None:
        """Everything as at start; no faults."""
        self._call("POST", "reset")
        self._call("DELETE", "faults")

    def fault(self, endpoint: str, kind: str, **more: Any) -> None:
        """Switch a fault on."""
        self._call("POST", "faults", {"endpoint": endpoint, "kind": kind, **more})

    def heal(self) -> None:
        """Switch all faults off."""
        self._call("DELETE", "faults")

    def pay(self, title_id: int) -> None:
        """Pay a title, as if at the bank."""
        self._call("POST", "pay", {"title_id": title_id})

    def titles(self, contract_id: int) -> list[dict[str, Any]]:
        """Rows of a contract's open titles, as the ERP gives them; oldest first. Shows in the log."""
        rows: list[dict[str, Any]] = self._ura("titulos", contrato=contract_id, status="abertos")["titulos"]
        return sorted(rows, key=lambda row: str(row["dataVencimento"]))

    def second_copies(self, contract_id: int) -> dict[str, dict[str, Any]]:
        """Today's issue of a contract's open titles, by title id. Shows in the log of calls."""
        answer = self._ura("fatura2via", contrato=contract_id, faturas_abertas_todas=1, nao_gerar_os=1)
        return {str(item["id"]): item for item in answer["links"]}

    def truth(self) -> list[dict[str, Any]]:
        """Everybody's titles with their codes, whatever faults are on. Shows in no log."""
        rows: list[dict[str, Any]] = self._call("GET", "titles")
        return rows

    def control(self, name: str, body: dict[str, Any]) -> Any:
        """Any other control route."""
        return self._call("POST", name, body)

    def log(self) -> dict[str, Any]:
        """The calls so far."""
        answer: dict[str, Any] = self._call("GET", "log")
        return answer

    def calls(self, endpoint: str | None = None) -> list[dict[str, Any]]:
        """Calls so far, of one endpoint or all."""
        return [call for call in self.log()["calls"] if endpoint in {None, call["endpoint"]}]

    def _ura(self, endpoint: str, **params: Any) -> Any:
        form = {"token": TOKEN, "app": APP, **params}
        answer = requests.post(f"{self.url}/api/ura/{endpoint}/", data=form, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def _call(self, method: str, name: str, body: dict[str, Any] | None = None) -> Any:
        answer = requests.request(method, f"{self.url}/_sandbox/{name}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json() if answer.content else None


@dataclass
class Stack:
    """A running bot."""

    environment: dict[str, str]
    sandbox: Sandbox
    desk: DeskReceiver
    bot_url: str
    contacts: ContactBook
    media: MediaStore
    services: ExitStack = field(repr=False)
    actions: ExitStack = field(repr=False)
    changed: dict[str, str] = field(default_factory=dict)

    def sender(self, key: str, address: str | None = None) -> Conversation:
        """A new conversation from a demo customer's WhatsApp.

        Args:
            key: The customer.
            address: What the channel gives instead of the customer's own number.
        """
        customer = self.sandbox.customers()[key]
        sender_id = self.contacts.remember(address or f"whatsapp:{customer['phone']}", Proof.DEMO)
        self.forget(sender_id)
        return Conversation(self, sender_id, customer)

    def forget(self, sender_id: str) -> None:
        """Remove what earlier conversations of this sender left."""
        with self.database() as database:
            for table in ("events", "identities", "verifications", "identification_failures", "holds"):
                database.execute(f"DELETE FROM {table} WHERE sender_id = ?", (sender_id,))  # noqa: S608 - fixed names
            database.execute("DELETE FROM identification_failures")

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """The bot's database."""
        path = self.environment["DATABASE_URL"].removeprefix("sqlite:///")
        connection = sqlite3.connect(path, timeout=10)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def start_actions(self) -> None:
        """Start the action server."""
        port = int(self.environment["ACTIONS_PORT"])
        service = Service("ações", [sys.executable, "-m", "actions"], port, "ACTIONS_PORT", "/health")
        self.actions.enter_context(running(service, {**self.environment, **self.changed}))

    def configure(self, changed: Mapping[str, str]) -> None:
        """Have the action server run with these settings, and its usual ones otherwise.

        Args:
            changed: Variables that differ; empty for none.
        """
        if self.changed != dict(changed):
            self.kill_actions()
            self.changed = dict(changed)
            self.start_actions()

    def kill_actions(self) -> None:
        """Stop the action server."""
        self.actions.close()


@dataclass
class Conversation:
    """One customer writing to the bot; keeps what was said for the message of a failing test."""

    stack: Stack
    sender_id: str
    customer: dict[str, Any]
    transcript: list[str] = field(default_factory=list)

    def say(self, text: str) -> list[dict[str, Any]]:
        """Send a text and return the bot's messages."""
        return self.send("text", text)

    def send(self, kind: str, text: str = "") -> list[dict[str, Any]]:
        """Send a message of any kind and return the bot's messages.

        Args:
            kind: As the channels name it: "image", "audio", "sticker", …
            text: What was typed, or the caption.
        """
        answer = requests.post(
            f"{self.stack.bot_url}/webhooks/json/webhook",
            json={"sender": self.sender_id, "message": text, "message_id": uuid.uuid4().hex, "kind": kind},
            timeout=60,
        )
        answer.raise_for_status()
        messages: list[dict[str, Any]] = answer.json()
        self.transcript.append(f"cliente: {text}" if kind == "text" else f"cliente: ({kind}) {text}")
        self.transcript += [f"robô: {_spoken(message)}" for message in messages]
        return messages

    def hear(self, text: str) -> str:
        """Send a message and return the bot's texts, one a line."""
        return "\n".join(_spoken(message) for message in self.say(text))

    def identified(self) -> bool:
        """Whether the bot keeps an identity of this sender."""
        with self.stack.database() as database:
            kept = database.execute("SELECT 1 FROM identities WHERE sender_id = ?", (self.sender_id,))
            return kept.fetchone() is not None

    def identify(self) -> str:
        """Send the customer's own document."""
        return self.hear(self.customer["document"])

    def story(self) -> str:
        """What was said so far."""
        return "\n".join(self.transcript)

    def age(self, seconds: float) -> None:
        """Make everything said and known so far older."""
        with self.stack.database() as database:
            rows = database.execute(
                "SELECT id, data FROM events WHERE sender_id = ?", (self.sender_id,)
            ).fetchall()
            for row_id, data in rows:
                event = json.loads(VAULT.open(data, place(events.c.data, self.sender_id)))
                event["timestamp"] -= seconds
                sealed = VAULT.seal(json.dumps(event), place(events.c.data, self.sender_id))
                database.execute(
                    "UPDATE events SET timestamp = ?, data = ? WHERE id = ?",
                    (event["timestamp"], sealed, row_id),
                )
            database.execute(
                "UPDATE identities SET used_at = used_at - ?, verified_at = verified_at - ?"
                " WHERE sender_id = ?",
                (seconds, seconds, self.sender_id),
            )
            database.execute(
                "UPDATE holds SET held_at = held_at - ?, until = until - ? WHERE sender_id = ?",
                (seconds, seconds, self.sender_id),
            )
            database.execute("UPDATE identification_failures SET failed_at = failed_at - ?", (seconds,))


def _spoken(message: dict[str, Any]) -> str:
    spoken = message.get("text") or json.dumps(message.get("custom") or message)
    buttons = "".join(f" [{button['title']}]" for button in message.get("buttons", []))
    return f"{spoken}{buttons}"


@contextmanager
def running_stack(folder: Path) -> Iterator[Stack]:
    """Start everything, and stop it at the end.

    Args:
        folder: For the database.
    """
    model = train_if_needed()
    sandbox_port, actions_port, bot_port = free_ports(3)
    environment = {
        **os.environ,
        **QUIET_RASA,
        **KEYS,
        "SANDBOX_PORT": str(sandbox_port),
        "ACTIONS_PORT": str(actions_port),
        "BOT_PORT": str(bot_port),
        "DATABASE_URL": f"sqlite:///{folder / 'bot.db'}",
        "BUSINESS_HOURS": "",
    }
    credentials = folder / "credentials.yml"
    credentials.write_text("tests.channel.JsonChannel:\n", encoding="utf-8")
    rasa = [sys.executable, "-m", "rasa", "run", "--model", str(model), "--credentials", str(credentials)]
    rasa += ["--interface", "127.0.0.1", "--port", str(bot_port)]
    sgp = [sys.executable, "-m", "sandbox", "--port", str(sandbox_port)]
    with running_desk() as desk, ExitStack() as services, ExitStack() as actions:
        environment |= desk.environment
        services.enter_context(
            running(Service("SGP", sgp, sandbox_port, "SANDBOX_PORT", "/_sandbox/customers"), environment)
        )
        engine = open_database(environment["DATABASE_URL"])
        contacts, media = ContactBook(engine, VAULT, demo_allowed=True), MediaStore(engine, VAULT)
        sandbox = Sandbox(f"http://127.0.0.1:{sandbox_port}")
        bot_url = f"http://127.0.0.1:{bot_port}"
        stack = Stack(environment, sandbox, desk, bot_url, contacts, media, services, actions)
        stack.start_actions()
        services.enter_context(
            running(Service("Rasa", rasa, bot_port, "BOT_PORT", "/"), environment, patience=120)
        )
        yield stack


__all__ = ["KEYS", "PROJECT_ROOT", "VAULT", "Conversation", "Sandbox", "Stack", "free_ports", "running_stack"]
