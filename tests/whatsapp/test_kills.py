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

from addons.whatsapp.privacy_notice import WITHOUT_LINK
from billing.database import open_database
from tests.whatsapp.installation import NOTICES, installation

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
                self.bot.quiet()
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

    def resent(self):
        """How many messages were handed to Twilio again, after a crash or a failure."""
        engine = open_database(self.bot.environment["DATABASE_URL"])
        with engine.connect() as connection:
            count = connection.execute(sa.text("SELECT count(*) FROM outbox WHERE attempts > 1")).scalar()
        engine.dispose()
        return count

    def check(self):
        """Every phone shows what it showed undisturbed, and the ERP was asked for no more unblocks.

        A message twice would be seen, also one whose crash fell between Twilio's acceptance and our knowing.
        """
        self.bot.quiet()
        for key in SCRIPTS:
            assert self.shown(key) == self.expected[key][-1], key
        assert len(self.bot.sandbox.calls("liberacaopromessa")) == self.unblocks


def _without_numbers_of_the_day(text):
    # Whichever message is the first one carries it.
    text = text.removesuffix(f"\n\n{WITHOUT_LINK}")
    head, protocol, tail = text.partition("Protocolo: ")
    return head + protocol + tail.lstrip("0123456789")


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installation")
    with installation(folder, f"sqlite:///{folder / 'bot.db'}") as bot:
        yield rehearsed(bot)


@pytest.fixture(scope="module")
def on_postgres(served_on_postgres):
    return rehearsed(served_on_postgres)


def rehearsed(bot):
    made = Play(bot)
    made.rehearse()
    return made


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
    unsure = play.bot.log("rasa").count("sent again without knowing")
    print(f"{name} killed at {moment:.2f} s: {play.resent()} sent again, {unsure} of them unsure so far")  # noqa: T201 - shown by -rP


KILLS = [("on_sqlite", 0), ("on_sqlite", 1), ("on_postgres", 2)]
MORE = [(("on_sqlite", "on_postgres")[seed % 2], seed) for seed in range(3, 30)]


@pytest.mark.parametrize(
    ("where", "seed"), [*KILLS, *(pytest.param(*each, marks=pytest.mark.soak) for each in MORE)]
)
def test_a_kill_of_the_rasa_server_is_not_noticed(request, where, seed):
    moment = random.Random(seed).uniform(0.1, SECONDS_OF_LOAD)  # noqa: S311 - a test's chance

    disturb(request.getfixturevalue(where), "rasa", moment)


@pytest.mark.parametrize("where", ["on_sqlite", pytest.param("on_postgres", marks=pytest.mark.soak)])
def test_a_restart_of_the_action_server_is_not_noticed(request, where):
    disturb(request.getfixturevalue(where), "actions", 1.0)
