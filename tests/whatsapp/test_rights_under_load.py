"""Keys change, people get their data and go, old conversations end, while a crowd talks and notices nothing.

Everything is real: the processes, PostgreSQL, and the commands in the order that `docs/privacidade.md` gives.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count
from threading import Event

import pytest
import sqlalchemy as sa

from billing import tables
from billing.database import open_database
from billing.privacy.inventory import BY_KEY, BY_SENDER, SEALED
from billing.privacy.senders import SEEN, media_of
from billing.settings import PROJECT_ROOT
from billing.vault import Unreadable, Vault
from deploy.processes import answers, stop
from tests.databases import postgres_database
from tests.whatsapp.installation import PRIVACY, installation

pytestmark = pytest.mark.xdist_group("whatsapp")

CUSTOMERS = ("maria", "carlos", "tiago", "lucia", "otavio", "padaria")
"""Each with one bill that can be paid by PIX."""
STRANGERS_AT_ONCE = 2
WISH = "quero o pix"
PAUSE = 1.5
"""Seconds between a person's answer and their next message."""
PATIENCE = 120
FILE = ""
"""What is read of a message that is a file."""
DAY = 24 * 3600
RETENTION = 90 * DAY
KEYS, INDEX_KEY, PREVIOUS = "PII_ENCRYPTION_KEYS", "PII_INDEX_KEY", "PII_INDEX_KEY_PREVIOUS"


def until(condition, what):
    give_up_at = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < give_up_at, what
        time.sleep(0.2)


class Crowd:
    """People who write, wait for the whole answer, look whether it is theirs, and write again."""

    def __init__(self, bot):
        bot.forget()
        self.bot = bot
        self.people = bot.sandbox.customers()
        self.codes = {key: set() for key in self.people}
        for title in bot.sandbox.truth():
            if title["open"]:
                self.codes[title["customer"]] |= {code for code in title["pix"] if code}
        self.numbers = count()
        self.strangers = [self.new_stranger()]
        self.shown = Counter()
        self.identified = Counter()
        self.exchanges = Counter()
        self.begun = {}
        self.going = {}
        self.left = set()
        self.end = Event()
        (self.question,) = self.ask(self.strangers[0], WISH)

    @contextmanager
    def talking(self):
        """All of them, as long as this lasts; then every phone must show what was checked, and no more."""
        self.end.clear()
        talkers = {key: partial(self.customer, key) for key in CUSTOMERS}
        talkers |= dict.fromkeys(range(STRANGERS_AT_ONCE), self.stranger)
        with ThreadPoolExecutor(len(talkers)) as threads:
            self.going = {name: threads.submit(self.go_on, name, each) for name, each in talkers.items()}
            try:
                yield
            finally:
                self.end.set()
        for each in self.going.values():
            each.result()
        self.bot.quiet()
        assert {address: len(self.bot.heard(address)) for address in self.shown} == self.shown

    def go_on(self, name, exchange):
        while not self.end.is_set() and name not in self.left:
            begun = time.monotonic()
            exchange()
            self.begun[name] = begun
            self.exchanges[name] += 1
            self.end.wait(PAUSE)

    def everybody_talks(self):
        """Wait until each has had an answer to something that was written from now on."""
        now = time.monotonic()

        def answered():
            for each in self.going.values():
                if each.done():
                    each.result()
            return all(self.begun.get(name, 0) > now for name in self.going if name not in self.left)

        until(answered, self.exchanges)

    def leaves(self, name):
        """Somebody writes no more."""
        self.left.add(name)
        self.going[name].result()

    def customer(self, key):
        address = self.bot.address_of(key)
        answer = self.ask(address, WISH)
        if self.asks_document(answer):
            self.identified[key] += 1
            answer = self.ask(address, self.people[key]["document"])
        _, code = answer
        assert code in self.codes[key], key

    def stranger(self):
        address = self.new_stranger()
        assert self.ask(address, WISH) == [self.question]
        self.strangers.append(address)

    def with_document(self, key, text):
        return f"{text}, meu cpf é {self.people[key]['document']}"

    def new_stranger(self):
        return f"whatsapp:+55119{next(self.numbers):08}"

    def ask(self, address, text):
        """What somebody hears: the question for the document, or whatever ends with a code."""
        heard = self.say(address, text, lambda heard: self.asks_document(heard) or self.has_code(heard))
        assert len(heard) == (1 if self.asks_document(heard) else 2), heard
        return heard

    def say(self, address, text, enough=bool):
        """What somebody hears, once it is enough."""
        self.bot.say(address, text)
        heard = []

        def answered():
            heard[:] = self.bot.heard(address)[self.shown[address] :]
            return enough(heard)

        until(answered, (address, text, heard))
        self.shown[address] += len(heard)
        return heard

    @staticmethod
    def asks_document(heard):
        return any("CPF ou CNPJ" in text for text in heard)

    @staticmethod
    def has_code(heard):
        return any(text.startswith("000201") for text in heard)


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    """An installation apart, since its keys change."""
    folder = tmp_path_factory.mktemp("installation")
    with postgres_database() as url, installation(folder, url) as made:
        yield made


@pytest.fixture
def crowd(bot):
    return Crowd(bot)


def command(bot, name, *arguments, status=0, module="privacy", **changes):
    """What an operator's command prints."""
    done = subprocess.run(
        [sys.executable, "-m", f"deploy.{module}", name, *arguments],
        cwd=PROJECT_ROOT,
        env={**bot.environment, **changes},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def start(bot, name):
    """Start a process and wait until it does its work."""
    bot.start(name)
    health = f"http://127.0.0.1:{bot.environment['ACTIONS_PORT']}/health"
    until(lambda: answers(health), "the action server did not start")
    if name == "rasa":
        bot.wait_until_ready()


def restart(bot, **changes):
    """Give the processes other settings, one after the other."""
    bot.environment.update(changes)
    for name in ("actions", "rasa"):
        stop(bot.processes[name])
        start(bot, name)


def new_key():
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def vault_of(bot):
    previous = bot.environment.get(PREVIOUS, "").split(",")
    return Vault(
        bot.environment[KEYS].split(","), bot.environment[INDEX_KEY], [key for key in previous if key]
    )


@contextmanager
def connected(bot):
    engine = open_database(bot.environment["DATABASE_URL"])
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def rows(bot):
    """Every row of the database: its table, and all that it says with what the keys open."""
    vault = vault_of(bot)
    with connected(bot) as connection:
        for table in tables.metadata.sorted_tables:
            owners = {"sender_id", *(column.name for column in table.primary_key)} & set(table.columns.keys())
            for row in connection.execute(sa.select(table)).mappings():
                said = [value for value in row.values() if value is not None]
                for column in table.columns:
                    said += opened(vault, column, row[column.name], [str(row[name]) for name in owners])
                texts = (each.decode("latin-1") if isinstance(each, bytes) else str(each) for each in said)
                yield table.name, "\n".join(texts)


def opened(vault, column, content, owners):
    for owner in owners:
        with suppress(Unreadable):
            if isinstance(content, str):
                yield vault.open(content, tables.place(column, owner))
            elif isinstance(content, bytes):
                yield vault.open_bytes(content, tables.place(column, owner))


def tables_with(bot, needles):
    """Where something of these stands."""
    return {table for table, text in rows(bot) if any(needle in text for needle in needles)}


def known_by(crowd, key):
    """What tells of a customer: number, document and name as they are written, codes, and their hashes."""
    customer, vault = crowd.people[key], vault_of(crowd.bot)
    number, document = re.sub(r"\D", "", customer["phone"]), re.sub(r"\D", "", customer["document"])
    needles = {number, number.removeprefix("55"), customer["document"], document, *crowd.codes[key]}
    return needles | {*names(crowd.bot, crowd.bot.address_of(key)), *vault.indexes("document", document)}


def names(bot, address):
    """A person's name in every table, and the ones that older index keys made."""
    return vault_of(bot).indexes("address", address)


@pytest.mark.soak
def test_the_encryption_key_changes_while_everybody_talks(bot, crowd):
    joao, old, new = bot.address_of("joao"), bot.environment[KEYS], new_key()
    crowd.say(joao, crowd.with_document("joao", WISH))
    crowd.say(bot.address_of("ana"), crowd.with_document("ana", "libera minha internet"))
    crowd.say(bot.address_of("ana"), "sim")
    qr_code = crowd.with_document("bruno", "quero o qr code")
    crowd.say(bot.address_of("bruno"), qr_code, lambda heard: FILE in heard)
    mark = Vault([old], bot.environment[INDEX_KEY]).newest_mark
    marks = {mark, bytes.fromhex(mark.rstrip(":")).decode("latin-1")}

    with crowd.talking():
        crowd.everybody_talks()
        sealed = {each.column.table.name for each in SEALED}
        # No buttons are shown here, and what was written is kept only until it is answered.
        assert tables_with(bot, marks) >= sealed - {"button_offers", "inbox"}
        # Two rounds: the first process to have the new key must not write what the others cannot open.
        for keys in (f"{old},{new}", f"{new},{old}"):
            restart(bot, **{KEYS: keys})
            crowd.everybody_talks()
        report = command(bot, "rotate")
        assert not tables_with(bot, marks)
        restart(bot, **{KEYS: new})
        crowd.everybody_talks()

    show(crowd, report)
    assert "podem sair" in report
    assert not tables_with(bot, marks)
    # Nobody had to say their document again, and a question that was asked before is still open.
    assert crowd.identified == dict.fromkeys(CUSTOMERS, 1)
    assert crowd.say(joao, "1", crowd.has_code)[-1] in crowd.codes["joao"]


@pytest.mark.soak
def test_the_index_key_changes_in_a_short_stop_that_loses_nobody(bot, crowd):
    old, phone = bot.environment[INDEX_KEY], crowd.people["maria"]["phone"]
    previous = ",".join(key for key in (old, bot.environment.get(PREVIOUS)) if key)
    keys = {INDEX_KEY: new_key(), PREVIOUS: previous}
    old_names = {names(bot, bot.address_of(key))[0] for key in CUSTOMERS}

    with crowd.talking():
        crowd.everybody_talks()
        refusal = command(bot, "rotate-index", status=2, **keys)
        before = conversation(bot, phone)
        crowd.everybody_talks()
    assert "Nada foi mudado" in refusal
    assert tables_with(bot, old_names) >= {"contacts", "events", "identities", "inbox", "outbox"}
    for name in ("rasa", "actions"):
        stop(bot.processes[name])

    # Who writes now finds nobody there; like Twilio's retries they try until the bot is back.
    with crowd.talking():
        report = command(bot, "rotate-index", **keys)
        assert not tables_with(bot, old_names)
        bot.environment.update(keys)
        for name in ("actions", "rasa"):
            start(bot, name)
        crowd.everybody_talks()

    show(crowd, report)
    # The hash of a document cannot be made anew: everybody says it once more, in the same conversation.
    assert crowd.identified == dict.fromkeys(CUSTOMERS, 2)
    assert before
    assert conversation(bot, phone)[: len(before)] == before
    assert "A trilha está íntegra." in command(bot, "verify", module="audit")


def test_an_export_is_of_one_person_alone(bot, crowd, tmp_path):
    path, maria = tmp_path / "maria.json", crowd.people["maria"]

    with crowd.talking():
        crowd.everybody_talks()
        command(bot, "export", "--document", maria["document"], "--output", str(path))
        by_phone = command(bot, "export", "--phone", maria["phone"])
        crowd.everybody_talks()

    show(crowd, f"{path.stat().st_size} bytes")
    assert crowd.identified == dict.fromkeys(CUSTOMERS, 1)
    others = {*crowd.strangers}.union(*(known_by(crowd, key) for key in crowd.people if key != "maria"))
    for text in (path.read_text(encoding="utf-8"), by_phone):
        said = json.dumps(json.loads(text), ensure_ascii=False)
        assert WISH in said
        assert bot.address_of("maria") in said
        assert any(code in said for code in crowd.codes["maria"])
        assert not [needle for needle in others if needle in said]


def test_who_is_erased_is_a_stranger_and_nobody_else_notices(bot, crowd):
    address, carlos = bot.address_of("carlos"), crowd.people["carlos"]
    whom = ("--document", carlos["document"], "--phone", carlos["phone"])

    with crowd.talking():
        crowd.everybody_talks()
        crowd.leaves("carlos")
        crowd.say(address, "quero o desbloqueio em confiança")
        (unblocked,) = crowd.say(address, "sim")
        for text in ("prefiro o qr code", "pdf"):
            crowd.say(address, text, lambda heard: FILE in heard)
        needles = known_by(crowd, "carlos") | {re.search(r"Protocolo: (\d+)", unblocked)[1]}
        with connected(bot) as connection:
            needles |= {*media_of(connection, vault_of(bot), names(bot, address)[0])}
        before = tables_with(bot, needles)
        report = command(bot, "erase", *whom)
        assert tables_with(bot, needles) == set()
        crowd.everybody_talks()
        assert crowd.say(address, WISH) == [crowd.question]
        crowd.everybody_talks()
        assert "A trilha está íntegra." in command(bot, "verify", module="audit")

    show(crowd, report)
    # The trail is under pseudonyms, and nobody wrote to the wrong number or was taken over by a person.
    rest = {"identification_failures", "button_offers", "holds"}
    assert before == {table.name for table in (*BY_SENDER, *BY_KEY)} - rest
    assert "linhas da trilha de auditoria, sem nada que diga de quem são" in report
    assert "Nenhuma linha" in command(bot, "show", *whom, module="audit")
    assert bot.twilio.phone(address)[-1]["body"].endswith(PRIVACY)
    assert crowd.identified == dict.fromkeys(CUSTOMERS, 1)


def test_a_purge_ends_old_conversations_and_no_running_one(bot, crowd):
    joao = bot.address_of("joao")
    crowd.say(joao, crowd.with_document("joao", WISH))

    with crowd.talking():
        crowd.everybody_talks()
        crowd.leaves("carlos")
        gone = [bot.address_of("carlos"), *crowd.strangers]
        running = [bot.address_of(key) for key in CUSTOMERS if key != "carlos"]
        make_old(bot, silent=[*gone, joao], others=running)
        crowd.everybody_talks()
        # An answer to a question of long ago, in a session that goes on.
        assert crowd.say(joao, "1", crowd.has_code)[-1] in crowd.codes["joao"]
        gone_names = {name for address in gone for name in names(bot, address)}
        before = tables_with(bot, gone_names)
        report = command(bot, "purge")
        assert tables_with(bot, gone_names) == set()
        crowd.everybody_talks()
        assert crowd.ask(joao, WISH)

    show(crowd, report)
    assert before >= {"contacts", "events", "inbox", "outbox", "identities", "verifications"}
    assert crowd.identified == dict.fromkeys(CUSTOMERS, 1)
    # Whoever was being answered was left for the next time.
    command(bot, "purge")
    running += [joao, *(address for address in crowd.strangers if address not in gone)]
    running_names = {names(bot, address)[0] for address in running}
    with connected(bot) as connection:
        kept = set(connection.execute(sa.select(tables.contacts.c.sender_id)).scalars())
    assert kept == running_names
    # Nothing of a session is cut off while it goes on, however long ago it began.
    old = old_rows(bot)
    assert old.keys() == {"events"}
    assert {names(bot, joao)[0]} <= old["events"] <= running_names


def make_old(bot, silent, others):
    """Let all of some people have happened long ago, but for what is being answered or sent.

    Args:
        bot: The installation.
        silent: Addresses of people who write nothing now.
        others: Addresses of further people.
    """
    busy = sa.union(
        sa.select(tables.inbox.c.sender_id).where(tables.inbox.c.state != "done"),
        sa.select(tables.outbox.c.sender_id).where(tables.outbox.c.state != "accepted"),
    )
    silent, others = ({names(bot, address)[0] for address in each} for each in (silent, others))

    def settled():
        with connected(bot) as connection:
            return silent.isdisjoint(connection.execute(busy).scalars())

    until(settled, "not everything is delivered")
    for table, moment in SEEN:
        with connected(bot) as connection:
            theirs = table.c.sender_id.in_(silent | others) & table.c.sender_id.not_in(busy)
            connection.execute(sa.update(table).where(theirs).values({moment: moment - RETENTION - DAY}))


def old_rows(bot):
    """Whose rows from before the retention time are there, by table."""
    found = {}
    with connected(bot) as connection:
        for table, moment in SEEN:
            query = sa.select(table.c.sender_id).where(moment < time.time() - RETENTION)
            if those := set(connection.execute(query).scalars()):
                found[table.name] = those
    return found


def conversation(bot, phone):
    """What an export tells of a phone's conversation."""
    kept = json.loads(command(bot, "export", "--phone", phone))
    return [row for sender in kept["por telefone"] for row in sender.get("conversa", ())]


def show(crowd, report):
    print(f"{sum(crowd.exchanges.values())} exchanges\n{report}")  # noqa: T201 - shown by -rP
