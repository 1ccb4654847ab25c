"""Whatever is killed and whenever: each acknowledged message is answered once, in order.

A script is played once undisturbed. Then it is played again by all customers at once while processes are
killed, and what stands on every phone must be what stood there before.
"""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from billing.storage import open_database
from tests.whatsapp.installation import installation

pytestmark = pytest.mark.xdist_group("whatsapp")

SCRIPTS = {
    "maria": ("quero meu boleto", "{document}", "pix", "prefiro o qr code", "obrigada"),
    "ana": ("minha internet foi cortada", "{document}", "a mais antiga", "pix", "sim"),
    "carlos": ("quero o desbloqueio em confiança", "{document}", "sim"),
    "joao": ("segunda via", "{document}", "1", "linha digitável"),
    "rita": ("me manda o pix", "{document}", "pdf"),
    "lucia": ("quero o pix, meu cpf é {document}",),
    "empresa": ("quero as faturas", "{document}", "todas", "pix"),
    "paula": ("já paguei", "{document}"),
    "tiago": ("libera minha internet", "{document}", "sim"),
}
PATIENCE = 60.0
SECONDS_OF_LOAD = 4.0


class Play:
    """The scripts on one installation."""

    def __init__(self, bot):
        self.bot = bot
        self.documents = {key: each["document"] for key, each in bot.sandbox.customers().items()}
        self.addresses = {key: bot.address_of(key) for key in SCRIPTS}
        self.expected = {}
        self.unblocks = 0

    def rehearse(self):
        """Play undisturbed, remembering what each message brings."""
        self.bot.forget()
        for key, script in SCRIPTS.items():
            self.expected[key] = []
            for text in script:
                self.say(key, text)
                self.quiet()
                self.expected[key].append(self.shown(key))
        assert all(all(step) for step in self.expected.values())
        self.unblocks = len(self.bot.sandbox.calls("liberacaopromessa"))
        assert self.unblocks

    def perform(self):
        """Play all scripts at once; each customer waits for an answer before writing again."""
        with ThreadPoolExecutor(len(SCRIPTS)) as people:
            for future in [people.submit(self.play, key) for key in SCRIPTS]:
                future.result()

    def play(self, key):
        for text, shown in zip(SCRIPTS[key], self.expected[key], strict=True):
            self.say(key, text)
            give_up_at = time.monotonic() + PATIENCE
            while len(self.shown(key)) < len(shown):
                assert time.monotonic() < give_up_at, (key, text, self.shown(key))
                time.sleep(0.2)

    def say(self, key, text):
        self.bot.say(self.addresses[key], text.format(document=self.documents[key]))

    def shown(self, key):
        """What stands on the phone, without what changes each time: protocols and pictures' names."""
        got = self.bot.twilio.phone(self.addresses[key])
        return [
            (message["media"] or {}).get("content_type") or _without_numbers_of_the_day(message["body"])
            for message in got
            if not message["body"].startswith(NOTICES)
        ]

    def quiet(self):
        """Wait until everything that was said is delivered."""
        engine = open_database(self.bot.environment["DATABASE_URL"])
        give_up_at = time.monotonic() + PATIENCE
        busy = sa.text(
            "SELECT (SELECT count(*) FROM inbox WHERE state = 'waiting')"
            " + (SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending', 'unknown'))"
        )
        while time.monotonic() < give_up_at:
            with engine.connect() as connection:
                if connection.execute(busy).scalar() == 0:
                    break
            time.sleep(0.05)
        else:
            pytest.fail("messages are left unanswered or undelivered")
        engine.dispose()
        assert self.bot.twilio.settle()

    def check(self):
        """Every phone shows what it showed undisturbed, and the ERP was asked for no more unblocks."""
        self.quiet()
        for key in SCRIPTS:
            assert self.shown(key) == self.expected[key][-1], key
        assert len(self.bot.sandbox.calls("liberacaopromessa")) == self.unblocks


NOTICES = ("Só um instante", "O sistema está mais lento que o normal")
"""How slow it was is not what is compared."""


def _without_numbers_of_the_day(text):
    head, protocol, tail = text.partition("Protocolo: ")
    return head + protocol + tail.lstrip("0123456789")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def play(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("installation")
    url = f"sqlite:///{folder / 'bot.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("shared_postgres")
    with installation(folder, url) as bot:
        made = Play(bot)
        made.rehearse()
        yield made


def disturb(play, name, moment):
    """Play while `name` is killed at `moment`, in seconds from the beginning, and started again."""
    play.bot.forget()
    with ThreadPoolExecutor(1) as audience:
        playing = audience.submit(play.perform)
        time.sleep(moment)
        play.bot.kill(name)
        play.bot.start(name)
        play.bot.wait_until_ready()
        playing.result()
    play.check()


@pytest.mark.parametrize("seed", range(3))
def test_a_kill_of_the_rasa_server_is_not_noticed(play, seed):
    moment = random.Random(seed).uniform(0.1, SECONDS_OF_LOAD)  # noqa: S311 - a test's chance

    disturb(play, "rasa", moment)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3, 30))
def test_many_kills_of_the_rasa_server_are_not_noticed(play, seed):
    moment = random.Random(seed).uniform(0.1, SECONDS_OF_LOAD)  # noqa: S311 - as above

    disturb(play, "rasa", moment)


def test_a_restart_of_the_action_server_is_not_noticed(play):
    disturb(play, "actions", 1.0)
