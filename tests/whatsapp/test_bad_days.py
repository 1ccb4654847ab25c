"""Crowds, a slow ERP, and a Twilio that throttles, breaks, drags, or answers nothing: nobody is forgotten."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.whatsapp.installation import installation

pytestmark = pytest.mark.xdist_group("whatsapp")

CROWD = 200
WISH = "quero o pix, meu cpf é 111.444.777-35"
PATIENCE = 60


@pytest.fixture(scope="module")
def bot(tmp_path_factory, shared_postgres):
    with installation(tmp_path_factory.mktemp("installation"), shared_postgres) as made:
        yield made


@pytest.fixture(autouse=True)
def _fresh(bot):
    bot.forget()


def crowd(count):
    return [f"whatsapp:+55119{number:08}" for number in range(count)]


def all_hear(bot, people, seconds=PATIENCE):
    """What each person got, once everybody got something."""
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        phones = bot.twilio.phones()
        if all(phones.get(person) for person in people):
            break
        time.sleep(0.2)
    bot.twilio.settle()
    return {
        person: [message["body"] for message in messages] for person, messages in bot.twilio.phones().items()
    }


def test_two_hundred_customers_at_once_with_a_slow_erp(bot):
    bot.sandbox.fault("*", "latency", seconds=0.3)
    people = crowd(CROWD)

    with ThreadPoolExecutor(32) as threads:
        notes = list(threads.map(lambda person: bot.twilio.write_as(person, WISH), people))
    heard = all_hear(bot, people)

    assert all(note["acknowledged"] for note in notes)
    assert set(heard) == set(people)
    # Strangers to the ERP, who all hear the same; who waited long heard that it takes a moment before.
    answers = {texts[-1] for texts in heard.values()}
    assert len(answers) == 1, answers
    assert max(len(texts) for texts in heard.values()) <= 2


def test_a_message_twenty_times_at_once_and_again_after_the_answer(bot):
    person = bot.address_of("maria")
    sid = "SM" + "ab" * 16

    bot.twilio.write_as(person, "quero meu boleto", sid=sid, copies=20)
    all_hear(bot, [person])
    bot.twilio.write_as(person, "quero meu boleto", sid=sid)
    bot.say(person, "obrigada")
    bot.twilio.phone(person, count=2, seconds=PATIENCE)
    bot.twilio.settle()

    assert len(bot.twilio.phone(person)) == 2


def test_several_messages_at_once_are_answered_in_order(bot):
    person = bot.address_of("maria")

    bot.twilio.write_many(person, {"text": "quero o pix"}, {"text": "111.444.777-35"})

    bot.twilio.phone(person, count=2, seconds=PATIENCE)
    time.sleep(1)
    texts = [message["body"] for message in bot.twilio.phone(person)]
    assert texts[-1].startswith("000201"), texts


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("429", {"seconds": 1, "times": 10}),
        ("500", {"times": 10}),
        ("slow", {"seconds": 2}),
        ("dropped", {"times": 5}),
        ("dropped_after", {"times": 5}),
        ("silent", {}),
    ],
)
def test_a_bad_day_of_twilio_loses_and_doubles_nothing(bot, kind, more):
    people = crowd(8)
    bot.twilio.fault(kind, **more)

    for person in people:
        bot.say(person, "oi")
    heard = all_hear(bot, people)
    time.sleep(1)

    assert {person: len(texts) for person, texts in heard.items()} == dict.fromkeys(people, 1)


def test_an_answer_that_takes_longer_than_we_wait_is_settled_without_a_second_message(bot):
    person = crowd(1)[0]
    bot.twilio.fault("slow_after", seconds=12, times=1)

    bot.say(person, "oi")
    bot.say(person, "quero meu boleto")
    bot.twilio.phone(person, count=2, seconds=PATIENCE)
    bot.twilio.settle()

    assert len(bot.twilio.phone(person)) == 2


def test_a_slip_that_whatsapp_cannot_deliver_comes_as_something_else_or_not_at_all(bot):
    person = bot.address_of("joao")
    document = bot.sandbox.customers()["joao"]["document"]
    for text, count in (("segunda via", 1), (document, 2), ("1", 3)):
        bot.say(person, text)
        bot.twilio.phone(person, count=count, seconds=PATIENCE)
    bot.twilio.fault("undelivered", code=63019, times=2)

    bot.say(person, "qr code")

    give_up_at = time.monotonic() + PATIENCE
    while time.monotonic() < give_up_at:
        texts = [message["body"] for message in bot.twilio.phone(person)]
        if any(text.startswith("000201") for text in texts):
            break
        time.sleep(0.2)
    assert any(text.startswith("000201") for text in texts), texts


def test_a_database_that_drops_all_connections_for_a_while_is_not_noticed(bot):
    people = crowd(40)
    server = sa.create_engine(bot.environment["DATABASE_URL"], poolclass=NullPool, future=True)

    def drop():
        with server.connect() as connection:
            connection.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )

    with ThreadPoolExecutor(8) as threads:
        writing = [threads.submit(bot.say, person, WISH) for person in people]
        for _ in range(10):
            drop()
            time.sleep(0.2)
        for each in writing:
            each.result()
    heard = all_hear(bot, people)

    assert set(heard) == set(people)
    assert len({texts[-1] for texts in heard.values()}) == 1, heard
    server.dispose()
