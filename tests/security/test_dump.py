"""Conversations of all kinds leave nothing personal in the clear, in no table and in no log at DEBUG.

With encryption and redaction switched off conversations leave everything, and the same search finds it.
"""

from __future__ import annotations

import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from billing.correlation import turn_id_of
from billing.database import open_database
from billing.settings import PROJECT_ROOT
from sandbox.sgp.customers import CUSTOMERS
from tests.security.leaks import (
    KINDS,
    Known,
    database_dump,
    files_of,
    found_in,
    known_of_customers,
    known_of_titles,
    payment_codes,
)
from tests.whatsapp.installation import Installation, installation

pytestmark = pytest.mark.xdist_group("whatsapp")

UNSAFE = Path(__file__).parent / "unsafe"
PATIENCE = 60.0
SCRIPTS = (
    ("quero meu boleto", "{document}", "pix", "linha digitável", "pdf", "obrigada"),
    ("sou {name}, cpf {document}, meu telefone é {phone}. quero a linha digitável",),
    ("minha internet foi cortada", "{document}", "1", "pix", "sim"),
    ("já paguei", "{document}", "quero falar com um atendente", "meu nome é {name}", "menu"),
    ("segunda via", "{document}", "1", "qr code"),
    ("quero as faturas", "{document}", "todas", "pix"),
    ("oi", "boleto por e-mail", "{document}", "qual é meu protocolo?"),
)
STRANGER = ("quero meu boleto", "{document}", "{document}", "sou {name}", "{document}", "atendente")
CODE = re.compile(r"000201[^\n]*6304[0-9A-F]{4}|\d[\d. ]{45,58}\d")


@dataclass
class Talks:
    """People who write to an installation."""

    bot: Installation
    known: set[Known] = field(default_factory=known_of_customers)

    def hold(self, count: int) -> None:
        """Hold conversations, of several people at once but one after the other of each."""
        people = {customer.key: [] for customer in CUSTOMERS}
        for number in range(count):
            customer = CUSTOMERS[number % len(CUSTOMERS)]
            people[customer.key].append(SCRIPTS[(number + number // len(CUSTOMERS)) % len(SCRIPTS)])
        with ThreadPoolExecutor(4) as pool:
            talks = [pool.submit(self._person, key, scripts) for key, scripts in people.items()]
            talks += [pool.submit(self._stranger, number) for number in range(max(2, count // 10))]
            for talk in talks:
                talk.result()
        self._fail()
        for messages in self.bot.twilio.phones().values():
            codes = [code for message in messages for code in CODE.findall(message["body"] or "")]
            self.known |= {found for code in codes for found in payment_codes(code)}
        self.known |= known_of_titles(self.bot.sandbox.truth())

    def leaks_in_database(self) -> dict[str, list[Known]]:
        """What stands in which table or file."""
        url = self.bot.environment["DATABASE_URL"]
        engine = open_database(url)
        dump = database_dump(engine)
        engine.dispose()
        return _leaks(dump | files_of(Path(url.removeprefix("sqlite:///"))), self.known)

    def leaks_in_logs(self) -> dict[str, list[Known]]:
        """What stands in the log of which process."""
        return _leaks({name: self.bot.log(name).encode() for name in self.bot.processes}, self.known)

    def say(self, address: str, text: str) -> str:
        """Write and wait for the answer, or its beginning; gives the message's id."""
        before = len(self.bot.twilio.phone(address))
        sid = self.bot.say(address, text)["sid"]
        self.bot.twilio.phone(address, count=before + 1, seconds=PATIENCE)
        return str(sid)

    def _person(self, key: str, scripts: list[tuple[str, ...]]) -> None:
        customer = next(each for each in CUSTOMERS if each.key == key)
        for script in scripts:
            for text in script:
                self.say(f"whatsapp:{customer.whatsapp}", _filled(text, customer))

    def _stranger(self, number: int) -> None:
        for text in STRANGER:
            self.say(f"whatsapp:+55219777700{number:02}", _filled(text, CUSTOMERS[number % len(CUSTOMERS)]))

    def _fail(self) -> None:
        """Errors are logged as well: of the ERP, and of an action server that is gone."""
        maria = CUSTOMERS[0]
        address = f"whatsapp:{maria.whatsapp}"
        for kind in ("500", "html"):
            self.bot.sandbox.fault("titulos", kind)
            self.say(address, "quero meu boleto")
            self.say(address, f"cpf {maria.document}")
            self.bot.sandbox.heal()
        self.bot.kill("actions")
        self.say(address, f"quero o pix, cpf {maria.document}, sou {maria.name}")
        self.bot.start("actions")
        self.bot.wait_until_ready()


def _filled(text, customer):
    return text.format(document=customer.document, name=customer.name, phone=customer.whatsapp)


def _leaks(contents, known):
    found = {place: found_in(content, known) for place, content in contents.items()}
    return {place: sorted(each, key=repr) for place, each in found.items() if each}


@pytest.fixture(scope="module")
def safe(request, tmp_path_factory):
    """The conversations on an installation as it is served, but at DEBUG."""
    folder = tmp_path_factory.mktemp("safe")
    settings = {"LOG_LEVEL": "DEBUG", "LOG_LEVEL_LIBRARIES": "DEBUG", "LOG_FORMAT": "json"}
    with installation(
        folder, f"sqlite:///{folder / 'bot.db'}", MESSAGES_PER_MINUTE="1000", **settings
    ) as bot:
        talks = Talks(bot)
        talks.hold(request.param)
        yield talks


COUNTS = pytest.mark.parametrize(
    "safe", [20, pytest.param(200, marks=pytest.mark.soak)], indirect=True, scope="module"
)


@COUNTS
def test_no_table_holds_anything_personal_in_the_clear(safe):
    assert safe.leaks_in_database() == {}


@COUNTS
def test_no_log_holds_anything_personal_in_the_clear(safe):
    assert all(safe.bot.log(name).count("DEBUG") > 100 for name in safe.bot.processes)

    assert safe.leaks_in_logs() == {}


@COUNTS
def test_no_answer_is_in_the_logs(safe):
    logs = "".join(safe.bot.log(name) for name in safe.bot.processes).lower()
    said = {message["body"] or "" for messages in safe.bot.twilio.phones().values() for message in messages}
    personal = [text for text in said if "R$" in text]

    assert personal
    assert [text for text in personal if text.lower()[:40] in logs] == []


@COUNTS
def test_the_metrics_have_no_labels_about_people(safe):
    page = safe.bot.metrics()

    assert "whatsapp_failed_identifications" in page
    assert found_in(page.encode(), safe.known) == set()


@COUNTS
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/conversations/x/tracker"),
        ("POST", "/conversations/x/tracker/events"),
        ("POST", "/conversations/x/trigger_intent"),
        ("GET", "/status"),
        ("GET", "/version"),
        ("GET", "/domain"),
        ("POST", "/model/train"),
        ("POST", "/model/parse"),
        ("PUT", "/model"),
        ("DELETE", "/model"),
        ("POST", "/webhooks/rest/webhook"),
        ("POST", "/webhooks/twilio/webhook"),
        ("POST", "/webhooks/callback/webhook"),
    ],
)
def test_no_door_of_rasas_is_open(safe, method, path):
    server = safe.bot.bot_url.partition("/webhooks")[0]

    answer = requests.request(
        method, f"{server}{path}", json={}, headers={"Origin": "https://x.example"}, timeout=10
    )

    assert answer.status_code == 404
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@COUNTS
def test_a_turn_has_one_name_in_the_channel_the_dialogue_the_actions_and_the_calls(safe):
    maria = CUSTOMERS[0]
    sid = safe.say(f"whatsapp:{maria.whatsapp}", f"quero o pix, meu cpf é {maria.document}")
    turn = turn_id_of(sid)

    def lines(name, message):
        return [
            line
            for line in safe.bot.log(name).splitlines()
            if f'"turn": "{turn}"' in line and f'"message": "{message}"' in line
        ]

    deadline = time.monotonic() + 10
    while not lines("rasa", "turn ended") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(lines("rasa", "message kept")) == 1
    assert '"outcome": "answered"' in lines("rasa", "turn ended")[0]
    assert lines("rasa", "action called")
    calls = lines("actions", "SGP called")
    assert calls
    assert '"endpoint": "/api/ura/' in calls[0]
    assert '"outcome": 200' in calls[0]


def test_with_encryption_and_redaction_switched_off_the_same_search_finds_everything(tmp_path):
    path = os.pathsep.join([str(UNSAFE), str(PROJECT_ROOT)])
    settings = {"LOG_LEVEL": "DEBUG", "LOG_LEVEL_LIBRARIES": "DEBUG", "PYTHONPATH": path}
    with installation(tmp_path, f"sqlite:///{tmp_path / 'bot.db'}", **settings) as bot:
        talks = Talks(bot)
        talks.hold(6)
        database, logs = talks.leaks_in_database(), talks.leaks_in_logs()

    for found, places in (
        (database, {"contacts", "outbox", "events", "bot.db"}),
        (logs, {"rasa", "actions"}),
    ):
        assert places <= set(found)
        assert set(KINDS) - {"email"} <= {known.kind for each in found.values() for known in each}
