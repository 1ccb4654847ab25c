"""Every message reaches Twilio once, in order; doubt is settled before anything is sent twice."""

from __future__ import annotations

import pytest

from addons.sql_threads import SqlThreads
from addons.whatsapp import delivery as delivery_module
from addons.whatsapp.api import MaybeTaken, NotTaken, Refused
from addons.whatsapp.delivery import ASK_SECONDS, Delivery
from addons.whatsapp.limiter import PairLimits, TokenBucket
from addons.whatsapp.metrics import Metrics
from addons.whatsapp.outbox import GRACE_SECONDS, Later
from addons.whatsapp.render import Button, Part
from addons.whatsapp.sender import Content
from tests.whatsapp.conftest import MARIA


class Twilio:
    """Takes messages unless a test has put a failure in its way; `took` tells whether it took that one."""

    def __init__(self):
        self.phone = []
        self.failures = []
        self.finds = []
        self.calls = []

    async def send(self, address, *, body, media_url, content, status_callback):
        body = content.variables["1"] if content else body
        self.calls.append((address, body, media_url, status_callback))
        failure, took = self.failures.pop(0) if self.failures else (None, True)
        if took:
            self.phone.append((f"MM{len(self.phone) + 1}", body or media_url))
        if failure:
            raise failure
        return self.phone[-1][0]

    async def find(self, _address, *, bodies, known, **_):
        if self.finds:
            raise self.finds.pop(0)
        return next((sid for sid, content in self.phone if content in bodies and sid not in known), None)

    @property
    def texts(self):
        return [content for _, content in self.phone]


@pytest.fixture
def twilio():
    return Twilio()


@pytest.fixture
def metrics():
    return Metrics()


@pytest.fixture
def make(replicas, twilio, metrics, clock, monkeypatch):
    monkeypatch.setattr(delivery_module.random, "uniform", lambda _low, high: high)
    pools = []

    def make(number=0, **more):
        replica = replicas[number]
        pools.append(SqlThreads(replica.engine))
        parts = {
            "outbox": replica.outbox,
            "sender": twilio,
            "contacts": replica.contacts,
            "threads": pools[-1],
            "metrics": metrics,
            "number_limit": TokenBucket(1000, 1000, clock),
            "pair_limits": PairLimits(clock=clock),
            "media_url": lambda media_id: f"https://bot.example/m/{media_id}",
            "status_url": lambda outbox_id: f"https://bot.example/s?id={outbox_id}",
            "clock": clock,
        }
        return Delivery(**{**parts, **more})

    yield make
    for pool in pools:
        pool.close()


@pytest.fixture
def delivery(make):
    return make()


@pytest.fixture
def sender_id(replica):
    return replica.write()


def counted(metrics, line):
    return next(
        float(each.split()[-1]) for each in metrics.render().decode().splitlines() if each.startswith(line)
    )


async def test_all_that_is_there_is_sent_in_order(delivery, replica, twilio, sender_id):
    replica.answer("um", "dois", "três")

    assert await delivery.handle(sender_id) is None

    assert twilio.texts == ["um", "dois", "três"]
    row = replica.rows("outbox")[0]
    assert twilio.calls[0] == (MARIA, "um", None, f"https://bot.example/s?id={row.outbox_id}")
    assert {row.state for row in replica.rows("outbox")} == {"accepted"}


async def test_a_medium_is_sent_as_a_link(delivery, replica, twilio, sender_id):
    with replica.engine.begin() as connection:
        replica.outbox.add(connection, sender_id, [Part("media", "", media_id="m1")])

    await delivery.handle(sender_id)

    assert twilio.calls[0][2] == "https://bot.example/m/m1"


async def test_backoff_doubles_and_order_stays(delivery, replica, twilio, sender_id, clock):
    replica.answer("um", "dois")
    twilio.failures = [(NotTaken("down"), False)] * 3

    for expected in (0.5, 1, 2):
        assert await delivery.handle(sender_id) == Later(pytest.approx(expected))
        clock.now += expected
    assert await delivery.handle(sender_id) is None

    assert twilio.texts == ["um", "dois"]


async def test_twilios_own_wish_to_wait_is_honoured_for_all(make, replica, twilio, sender_id, clock):
    number_limit = TokenBucket(10, 10, clock)
    delivery = make(number_limit=number_limit)
    replica.answer("um")
    twilio.failures = [(NotTaken("429", retry_after=7, throttled=True), False)]
    number_limit.take = lambda: 0

    assert await delivery.handle(sender_id) == Later(pytest.approx(7))

    assert number_limit.delay() == pytest.approx(7, abs=0.3)


async def test_what_twilio_refuses_is_not_tried_again(delivery, replica, twilio, sender_id, metrics):
    replica.answer("um", "dois")
    twilio.failures = [(Refused(400, 21617), False)]

    assert await delivery.handle(sender_id) is None

    assert twilio.texts == ["dois"]
    assert counted(metrics, 'whatsapp_failures_total{code="21617"}') == 1


async def test_a_refused_medium_is_said_in_text_before_what_follows(delivery, replica, twilio, sender_id):
    with replica.engine.begin() as connection:
        parts = [Part("media", "", media_id="m1", fallback="00190.00009"), Part("text", "Segue")]
        replica.outbox.add(connection, sender_id, parts)
    twilio.failures = [(Refused(400, 21620), False)]

    await delivery.handle(sender_id)

    assert twilio.texts == ["00190.00009", "Segue"]


@pytest.mark.parametrize("took", [True, False])
async def test_an_ambiguous_send_is_settled_by_asking(
    delivery, replica, twilio, sender_id, clock, metrics, took
):
    replica.answer("um", "dois")
    twilio.failures = [(MaybeTaken("time-out"), took)]

    assert await delivery.handle(sender_id) == Later(pytest.approx(GRACE_SECONDS), woken=True)
    clock.now += GRACE_SECONDS
    assert await delivery.handle(sender_id) is None

    assert twilio.texts == ["um", "dois"]
    assert counted(metrics, "whatsapp_sends_repeated_total") == (0 if took else 1)


async def test_an_ambiguous_send_is_settled_by_its_callback(delivery, replica, twilio, sender_id):
    replica.answer("um", "dois")
    twilio.failures = [(MaybeTaken("time-out"), True)]
    await delivery.handle(sender_id)
    outbox_id = twilio.calls[0][3].split("=")[1]

    replica.receipts.note_status(outbox_id, "MM1", "sent", None)
    twilio.find = None

    assert await delivery.handle(sender_id) is None
    assert twilio.texts == ["um", "dois"]


async def test_the_same_text_sent_before_is_not_taken_for_it(delivery, replica, twilio, sender_id, clock):
    replica.answer("Mais alguma coisa?")
    await delivery.handle(sender_id)
    replica.answer("Mais alguma coisa?")
    twilio.failures = [(MaybeTaken("time-out"), False)]
    await delivery.handle(sender_id)
    clock.now += GRACE_SECONDS

    await delivery.handle(sender_id)

    assert twilio.texts == ["Mais alguma coisa?"] * 2


async def test_a_twilio_that_cannot_be_asked_is_asked_again_and_at_last_sent_to(
    delivery, replica, twilio, sender_id, clock, metrics
):
    replica.answer("um")
    twilio.failures = [(MaybeTaken("time-out"), False)]
    twilio.finds = [NotTaken("down")] * 100
    began = clock.now
    while not twilio.texts:
        later = await delivery.handle(sender_id)
        clock.now += later.seconds if later else 0

    assert clock.now - began == pytest.approx(ASK_SECONDS, abs=5)
    assert twilio.texts == ["um"]
    assert counted(metrics, "whatsapp_sends_repeated_total") == 1


@pytest.mark.parametrize("took", [True, False])
async def test_a_crash_while_sending_is_settled_by_another_replica(
    make, replicas, twilio, sender_id, clock, took
):
    replicas[0].answer("um", "dois")
    replicas[0].outbox.next_for(sender_id)
    if took:
        twilio.phone.append(("MM9", "um"))
    clock.now += 60

    assert await make(1).handle(sender_id) is None

    assert twilio.texts == ["um", "dois"]


async def test_one_person_is_not_written_to_faster_than_meta_allows(make, replica, twilio, sender_id, clock):
    delivery = make(pair_limits=PairLimits(burst=2, seconds=6, clock=clock))
    replica.answer("um", "dois", "três")

    assert await delivery.handle(sender_id) == Later(pytest.approx(6))
    clock.now += 6
    await delivery.handle(sender_id)

    assert twilio.texts == ["um", "dois", "três"]


async def test_who_was_forgotten_is_not_written_to(delivery, replica, twilio):
    nobody = replica.answer("um", sender="whatsapp:+5511900000000")

    assert await delivery.handle(nobody) is None
    assert twilio.texts == []


async def test_what_waits_in_the_database_is_found(delivery, replica, sender_id):
    replica.answer("um")

    assert await delivery.find_ready() == [sender_id]


class Templates:
    """Has a template for whatever has buttons."""

    def __init__(self):
        self.refusals = []

    async def fill(self, _sender_id, part):
        return Content("HX1", {"1": part.prompt}) if part.buttons else None

    async def refused(self, content, code):
        self.refusals.append((content.sid, code))


@pytest.fixture
def templates():
    return Templates()


@pytest.fixture
def choice(replica, sender_id):
    """A question with buttons, and a text behind it."""
    numbered = "Quer?\n1. Sim"
    question = Part("text", numbered, buttons=(Button("Sim", "sim"),), prompt="Quer?", fallback=numbered)
    with replica.engine.begin() as connection:
        replica.outbox.add(connection, sender_id, [question, Part("text", "fim")])
    return numbered


async def test_buttons_go_as_a_template(make, templates, twilio, sender_id, choice):
    await make(templates=templates).handle(sender_id)

    assert choice
    assert twilio.texts == ["Quer?", "fim"]


async def test_a_refused_template_is_followed_by_the_numbered_text(
    make, templates, twilio, sender_id, choice
):
    twilio.failures = [(Refused(404, 21655), False)]

    await make(templates=templates).handle(sender_id)

    assert twilio.texts == [choice, "fim"]
    assert templates.refusals == [("HX1", 21655)]


@pytest.mark.parametrize("began_with_template", [True, False])
async def test_an_ambiguous_choice_is_found_in_whichever_form_it_went(
    make, templates, twilio, sender_id, choice, clock, began_with_template
):
    twilio.failures = [(MaybeTaken("time-out"), True)]
    await make(templates=templates if began_with_template else None).handle(sender_id)
    clock.now += GRACE_SECONDS

    await make(templates=templates).handle(sender_id)

    assert twilio.texts == ["Quer?" if began_with_template else choice, "fim"]
