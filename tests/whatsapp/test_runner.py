"""Every message gets one answer: in time, after a failure, after a crash, or a word that there is none."""

from __future__ import annotations

import asyncio
import json

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from addons.sql_threads import SqlThreads
from addons.whatsapp.buttons import ButtonOffers
from addons.whatsapp.metrics import Metrics
from addons.whatsapp.outbox import Later
from addons.whatsapp.output import current_turn
from addons.whatsapp.pace import Pace
from addons.whatsapp.render import Renderer
from addons.whatsapp.runner import ATTEMPTS, LAST_BACKOFF, TurnRunner
from billing.media import MediaStore
from billing.tables import outbox, place, write_claims
from tests.whatsapp.conftest import LEASE

DEADLINE = 25.0
SORRY, STILL, MOMENT = "utter_unavailable", "utter_still_working", "utter_one_moment"


class Rasa:
    """Answers with the text in capitals, saving a tracker row, unless a test says otherwise."""

    def __init__(self, clock):
        self.clock = clock
        self.asked = []
        self.failures = []
        self.before_answer = None
        self.is_ready = True

    async def answer(self, message):
        self.asked.append(message)
        output = message.output_channel
        if self.before_answer:
            await self.before_answer(message)
        try:
            if self.failures:
                raise self.failures.pop(0)  # noqa: TRY301 - where Rasa's own would
            await output.send_response(message.sender_id, {"text": message.text.upper()})
            assert current_turn.get() is output
            await output.commit(tracker_row(message.message_id))
        except Exception:
            # As BillingProcessor does.
            if output.tries_again:
                raise
            output.messages.clear()
            await output.send_response(message.sender_id, {"text": SORRY})

    async def respond(self, name):
        return {"text": name}


def tracker_row(claim):
    def write(connection):
        connection.execute(sa.insert(write_claims).values(claim=claim, operation="events", claimed_at=1))

    return write


@pytest.fixture
def rasa(clock):
    return Rasa(clock)


@pytest.fixture
def make(replicas, rasa, clock, vault):
    pools = []

    def make(number=0, **more):
        replica = replicas[number]
        pools.append(SqlThreads(replica.engine))
        parts = {
            "turns": replica.turns,
            "inbox": replica.inbox,
            "offers": ButtonOffers(replica.engine, vault, clock=clock),
            "renderer": Renderer(MediaStore(replica.engine, vault, clock=clock)),
            "threads": pools[-1],
            "metrics": Metrics(),
            "answer": rasa.answer,
            "respond": rasa.respond,
            "ready": lambda: rasa.is_ready,
            "show_typing": lambda _turn: None,
            "deliver": lambda _sender_id: None,
            "deadline": DEADLINE,
            "pace": Pace(),
            "clock": clock,
            "keep_seconds": 0.01,
        }
        return TurnRunner(**{**parts, **more})

    yield make
    for pool in pools:
        pool.close()


@pytest.fixture
def runner(make):
    return make()


@pytest.fixture
def said(replica):
    """What the outbox holds, in order."""

    def read():
        rows = replica.rows("outbox")
        return [
            json.loads(replica.vault.open(row.content, place(outbox.c.content, row.sender_id)))["body"]
            for row in rows
        ]

    return read


async def test_a_message_is_answered_with_its_tracker(runner, replica, rasa, said):
    sender_id = replica.write("oi", sid="SM1")

    assert await runner.handle(sender_id) is None

    assert said() == ["OI"]
    assert [row.claim for row in replica.rows("write_claims")] == ["SM1"]
    (message,) = rasa.asked
    assert (message.message_id, message.sender_id, message.input_channel) == ("SM1", sender_id, "whatsapp")
    assert message.metadata == {"kind": "text"}


async def test_who_writes_too_much_hears_it_once_and_is_answered_later(runner, replica, rasa, said, clock):
    for number in range(45):
        sender_id = replica.write(str(number))

    later = await runner.handle(sender_id)
    again = await runner.handle(sender_id)

    assert isinstance(later, Later)
    assert isinstance(again, Later)
    assert said().count("utter_too_many_messages") == 1
    assert said()[-1] == "utter_too_many_messages"
    clock.now += later.seconds + 0.01
    assert await runner.handle(sender_id) is None
    heard = "\n".join(message.text for message in rasa.asked).split("\n")
    assert heard == [str(number) for number in range(45)]


async def test_a_turn_without_an_answer_and_without_a_tracker_is_done_too(runner, replica, said):
    async def silence(_message):
        return None

    runner._answer = silence
    sender_id = replica.write("", kind="sticker")

    assert await runner.handle(sender_id) is None

    assert said() == []
    assert [row.state for row in replica.rows("inbox")] == ["done"]


async def test_what_was_written_meanwhile_is_answered_next(runner, replica, rasa, said):
    async def interrupt(_message):
        rasa.before_answer = None
        replica.write("dois")
        replica.write("três")

    rasa.before_answer = interrupt

    await runner.handle(replica.write("um"))

    assert said() == ["UM", "DOIS\nTRÊS"]


async def test_a_failed_attempt_leaves_nothing_and_is_made_again(runner, replica, rasa, said, clock):
    rasa.failures = [OSError()]
    sender_id = replica.write("oi")

    assert await runner.handle(sender_id) == Later(pytest.approx(0.5))
    assert said() == []

    clock.now += 0.5
    assert await runner.handle(sender_id) is None
    assert said() == ["OI"]
    assert len(replica.rows("write_claims")) == 1


async def test_after_some_time_the_customer_hears_that_it_did_not_work_once(
    runner, replica, rasa, said, clock
):
    rasa.failures = [OSError()] * 100
    sender_id = replica.write("oi")
    began = clock.now
    while later := await runner.handle(sender_id):
        clock.now += later.seconds

    assert clock.now - began == pytest.approx(DEADLINE, abs=LAST_BACKOFF)
    assert len(rasa.asked) < 10
    assert said() == [MOMENT, SORRY]
    assert replica.rows("write_claims") == []
    assert await runner.handle(sender_id) is None


async def test_an_action_server_that_starts_anew_costs_some_seconds_and_no_answer(
    runner, replica, rasa, said, clock
):
    rasa.failures = [OSError()]
    sender_id = replica.write("oi")
    back_at = clock.now + 8
    while later := await runner.handle(sender_id):
        clock.now += later.seconds
        rasa.failures = [OSError()] if clock.now < back_at else []

    assert said() == [MOMENT, "OI"]


async def test_a_turn_that_waited_for_a_restart_is_tried_as_long_as_any(make, replicas, rasa, said, clock):
    sender_id = replicas[0].write("oi")
    replicas[1].turns.take(sender_id)
    clock.now += 2 * DEADLINE
    rasa.failures = [OSError()]
    runner = make()

    while later := await runner.handle(sender_id):
        clock.now += later.seconds

    assert said() == [MOMENT, "OI"]


async def test_attempts_end_with_the_deadline(runner, replica, said, clock):
    async def hang_and_fail(_message):
        clock.now += DEADLINE
        raise OSError

    async def fail_slowly(message):
        try:
            await hang_and_fail(message)
        except OSError:
            if message.output_channel.tries_again:
                raise
            await message.output_channel.send_response("", {"text": SORRY})

    runner._answer = fail_slowly

    assert await runner.handle(replica.write("oi")) is None

    assert said()[-1] == SORRY


async def test_a_message_that_kills_its_process_is_given_up(make, replicas, rasa, said, clock):
    sender_id = replicas[0].write("oi")
    for _ in range(ATTEMPTS):
        replicas[1].turns.take(sender_id)
        clock.now += LEASE

    assert await make().handle(sender_id) is None

    assert rasa.asked == []
    assert said() == [SORRY]


async def test_a_turn_that_another_replica_has_begun_anew_is_dropped(make, replicas, rasa, said, clock):
    sender_id = replicas[0].write("oi", sid="SM1")

    async def freeze(_message):
        rasa.before_answer = None
        clock.now += LEASE
        assert await make(1, keep_seconds=3600).handle(sender_id) is None

    rasa.before_answer = freeze

    await make(0, keep_seconds=3600).handle(sender_id)

    assert said() == ["OI"]
    assert len(rasa.asked) == 2
    assert len(replicas[0].rows("write_claims")) == 1


async def test_a_long_turn_keeps_its_lease(make, replicas, rasa, said, clock):
    sender_id = replicas[0].write("oi")

    async def take_long(_message):
        for _ in range(4):
            clock.now += LEASE / 2
            until = clock.now + LEASE
            while replicas[0].rows("leases")[0].until < until:  # noqa: ASYNC110 - the heartbeat is another thread's
                await asyncio.sleep(0.005)
        assert isinstance(replicas[1].turns.take(sender_id), Later)

    rasa.before_answer = take_long

    await make().handle(sender_id)

    assert said() == ["OI"]


async def test_a_turn_past_its_deadline_says_so_and_its_answer_still_comes_in_order(
    runner, replica, rasa, said, clock
):
    async def take_too_long(_message):
        rasa.before_answer = None
        clock.now += DEADLINE
        while not said():  # noqa: ASYNC110 - the notice is written in another thread
            await asyncio.sleep(0.005)
        replica.write("oi?")

    rasa.before_answer = take_too_long

    await runner.handle(replica.write("quero o boleto"))

    assert said() == [STILL, "QUERO O BOLETO", "OI?"]


async def test_an_attempt_after_a_crash_does_not_begin_with_an_excuse(make, replicas, said, clock):
    sender_id = replicas[0].write("oi")
    replicas[1].turns.take(sender_id)
    clock.now += DEADLINE

    await make().handle(sender_id)

    assert said() == ["OI"]


async def test_a_turn_that_never_ends_is_stopped_and_apologised_for(runner, replica, rasa, said, clock):
    stopped = []

    async def hang(_message):
        rasa.before_answer = None
        clock.now += DEADLINE
        while not said():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.005)
        clock.now += DEADLINE
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(True)

    rasa.before_answer = hang
    sender_id = replica.write("quero o boleto", sid="SM1")

    assert await runner.handle(sender_id) is None

    assert stopped
    assert said() == [STILL, SORRY]
    assert replica.rows("write_claims") == []
    replica.write("oi?")
    await runner.handle(sender_id)
    assert said() == [STILL, SORRY, "OI?"]


async def test_a_worker_that_is_stopped_hands_the_turn_over_at_once(make, replicas, rasa, said):
    begun = asyncio.Event()

    async def hang(_message):
        rasa.before_answer = None
        begun.set()
        await asyncio.Event().wait()

    rasa.before_answer = hang
    sender_id = replicas[0].write("oi")
    task = asyncio.create_task(make(0).handle(sender_id))
    await begun.wait()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await make(1).handle(sender_id) is None
    assert said() == ["OI"]


async def test_without_a_model_messages_wait(runner, replica, rasa, said):
    rasa.is_ready = False
    sender_id = replica.write("oi")

    assert isinstance(await runner.handle(sender_id), Later)
    assert [row.attempts for row in replica.rows("inbox")] == [0]

    rasa.is_ready = True
    await runner.handle(sender_id)
    assert said() == ["OI"]


async def test_a_button_says_what_was_offered_with_it(runner, replica, said):
    sender_id = replica.write("oi")
    (button,) = runner._offers.offer(sender_id, ["quero o boleto em pdf"])
    await runner.handle(sender_id)

    replica.write("PDF", button=button)
    await runner.handle(sender_id)
    replica.write("PDF", button="made up")
    await runner.handle(sender_id)

    assert said() == ["OI", "QUERO O BOLETO EM PDF", "PDF"]


async def test_a_database_that_is_away_is_no_attempt(make, replicas, said):
    sender_id = replicas[0].write("oi")
    runner = make()
    take, runner._turns.take = runner._turns.take, broken

    with pytest.raises(OperationalError):
        await runner.handle(sender_id)

    runner._turns.take = take
    await runner.handle(sender_id)
    assert said() == ["OI"]


def broken(*_args):
    raise OperationalError("SELECT", {}, OSError())


async def test_a_commit_that_fails_is_an_attempt_that_failed(runner, replica, said, clock):
    commit = replica.turns.commit
    replica.turns.commit = broken
    sender_id = replica.write("oi")

    assert await runner.handle(sender_id) == Later(pytest.approx(0.5))
    replica.turns.commit = commit
    clock.now += 0.5
    await runner.handle(sender_id)

    assert said() == ["OI"]


async def test_whose_messages_wait_is_found(runner, replica):
    sender_id = replica.write("oi")

    assert await runner.find_ready() == [sender_id]
