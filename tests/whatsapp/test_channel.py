"""The routes: Twilio is believed when it signed, operators when they know the token, and nobody else."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

import addons.whatsapp.channel
from addons.reception import desk_of
from addons.whatsapp import retention, service
from addons.whatsapp.channel import MAX_BODY
from addons.whatsapp.privacy_notice import WITHOUT_LINK
from billing.tables import button_offers, inbox, metadata, outbox
from tests.stack import KEYS
from tests.whatsapp.conftest import MARIA
from tests.whatsapp.served import (
    ADMIN,
    BASE,
    FORM,
    OLD_TOKEN,
    PREFIX,
    actions,
    bot,
    changes,
    signature,
)

__all__ = ["actions", "bot", "changes"]


async def test_a_signed_message_is_acknowledged_and_answered(bot):
    answer = await bot.post(FORM)

    assert (answer.status, answer.text) == (204, "")
    assert await bot.heard(1) == [f"OI\n\n{WITHOUT_LINK}"]
    address, _, callback = bot.phone.got[0]
    assert address == MARIA
    assert callback.startswith(f"{BASE}{PREFIX}/status?id=")


async def test_it_is_acknowledged_before_it_is_answered(bot):
    bot.agent.gate = asyncio.Event()

    assert (await bot.post(FORM)).status == 204
    assert bot.phone.got == []

    bot.agent.gate.set()
    assert await bot.heard(1) == [f"OI\n\n{WITHOUT_LINK}"]


async def test_twenty_copies_at_once_are_one_message(bot):
    answers = await asyncio.gather(*(bot.post(FORM) for _ in range(20)))

    assert {answer.status for answer in answers} == {204}
    await bot.heard(1)
    assert len(bot.rows(inbox)) == len(bot.rows(outbox)) == 1


async def test_the_old_token_signs_too_during_a_rotation(bot):
    assert (await bot.post(FORM, token=OLD_TOKEN)).status == 204


def forged():
    yield "by nobody", lambda bot: bot.request("POST", "/webhook", data=FORM)
    yield "by a stranger", lambda bot: bot.post(FORM, token="guess")
    yield "for another host", lambda bot: bot.post(FORM, base="https://evil.example")
    yield "for another path", lambda bot: bot.post(FORM, path="/webhook?x=1", base=BASE + "/x")
    yield "and changed", changed
    yield "no form", lambda bot: bot.request("POST", "/webhook", json=FORM)
    yield "no UTF-8", lambda bot: bot.request("POST", "/webhook", data=b"Body=\xff\xfe")
    yield "a thousand fields", lambda bot: bot.post({str(number): "" for number in range(1000)})


def changed(bot):
    form = {**FORM, "From": "whatsapp:+5511900000000"}
    return bot.request("POST", "/webhook", data=form, headers={"X-Twilio-Signature": signature(FORM)})


@pytest.mark.parametrize("send", [send for _, send in forged()], ids=[name for name, _ in forged()])
async def test_what_twilio_did_not_sign_is_refused_and_leaves_nothing(bot, send):
    answer = await send(bot)

    assert (answer.status, answer.text) == (403, "")
    assert [len(bot.rows(table)) for table in metadata.tables.values()] == [0] * len(metadata.tables)


async def test_a_huge_request_is_refused_unread(bot):
    answer = await bot.request("POST", "/webhook", data=b"x" * (MAX_BODY + 1))

    assert answer.status == 413


async def test_a_request_that_says_it_is_huge_is_refused_before_it_comes(bot):
    host, port = bot.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"POST {PREFIX}/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n".encode())

    assert b" 413 " in await reader.readline()
    writer.close()


async def test_a_signed_form_that_is_no_message_is_refused(bot):
    assert (await bot.post({"AccountSid": "AC1"})).status == 400
    assert bot.rows(inbox) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/webhook"),
        ("PUT", "/webhook"),
        ("GET", "/status"),
        ("POST", "/ready"),
        ("GET", "/handoff/release"),
    ],
)
async def test_other_methods_are_refused(bot, method, path):
    assert (await bot.request(method, path)).status == 405


async def test_a_message_that_cannot_be_kept_is_not_acknowledged(bot):
    with bot.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE inbox")

    assert (await bot.post(FORM)).status == 503


async def test_a_status_moves_its_message_forward(bot):
    await bot.post(FORM)
    await bot.heard(1)
    path = bot.phone.got[0][2].removeprefix(BASE + PREFIX)

    answer = await bot.post({"MessageSid": f"MM{1:032}", "MessageStatus": "delivered"}, path)

    assert answer.status == 204
    assert [row.status for row in bot.rows(outbox)] == ["delivered"]


async def test_a_status_that_twilio_did_not_sign(bot):
    form = {"MessageSid": "MM" + "0" * 32, "MessageStatus": "delivered"}

    assert (await bot.request("POST", "/status?id=1", data=form)).status == 403
    assert (await bot.post({}, "/status?id=1")).status == 400
    assert (await bot.post(form, "/status?id=made-up")).status == 204


async def test_a_file_is_given_to_who_has_its_link(bot):
    whatsapp = SimpleNamespace()
    media_id = service.MediaStore(
        bot.engine, service.Vault([KEYS["PII_ENCRYPTION_KEYS"]], KEYS["PII_INDEX_KEY"])
    ).put(b"%PDF-1.4", "application/pdf", "boleto.pdf")
    whatsapp.url = service.MediaLinks(KEYS["MEDIA_SIGNING_KEY"], BASE).url(media_id)
    path = whatsapp.url.removeprefix(BASE + PREFIX)

    got = await bot.request("GET", path)

    assert (got.status, got.text, got.headers["Content-Type"]) == (200, "%PDF-1.4", "application/pdf")
    assert (await bot.request("HEAD", path)).status == 200
    assert (await bot.request("GET", path[:-1])).status == 404


async def test_ready_when_everything_answers(bot, actions):
    answer = await bot.request("GET", "/ready")
    assert (answer.status, answer.text) == (200, '{"ready":true,"missing":[]}')

    bot.agent.ready = False
    answer = await bot.request("GET", "/ready")
    assert (answer.status, answer.text) == (503, '{"ready":false,"missing":["model"]}')

    bot.agent.ready = True
    await actions.cleanup()
    with bot.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE outbox")
    answer = await bot.request("GET", "/ready")
    assert (answer.status, answer.text) == (503, '{"ready":false,"missing":["database","actions"]}')


BEARER = {"Authorization": f"Bearer {ADMIN}"}


async def test_metrics_are_for_the_operator(bot):
    await bot.post(FORM)
    await bot.heard(1)

    answer = await bot.request("GET", "/metrics", headers=BEARER)

    assert answer.status == 200
    assert 'whatsapp_posts_total{outcome="new"} 1.0' in answer.text
    assert 'whatsapp_outbox_open{state="waiting"}' in answer.text
    assert MARIA not in answer.text


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer guess"}, {"Authorization": ADMIN}])
@pytest.mark.parametrize(("method", "path"), [("GET", "/metrics"), ("POST", "/handoff/release")])
async def test_operators_routes_are_closed_to_others(bot, method, path, headers):
    assert (await bot.request(method, path, headers=headers)).status == 401


@pytest.mark.parametrize("changes", [{"admin_token": ""}])
@pytest.mark.parametrize(("method", "path"), [("GET", "/metrics"), ("POST", "/handoff/release")])
async def test_operators_routes_are_not_there_without_a_token(bot, method, path):
    assert (await bot.request(method, path, headers={"Authorization": "Bearer "})).status == 404


@pytest.mark.parametrize("body", ["", "no json", "[]", "{}", '{"sender": 1}', '{"sender": "+5511987654321"}'])
async def test_a_release_of_nobody_is_refused(bot, body):
    answer = await bot.request("POST", "/handoff/release", headers=BEARER, data=body)

    assert answer.status == 400


async def test_a_release_tells_whether_somebody_was_held(bot, monkeypatch):
    released = []

    class Desk:
        def release(self, sender_id):
            released.append(sender_id)
            return len(released) == 1

    monkeypatch.setattr(addons.whatsapp.channel, "desk_of", lambda _settings: Desk())

    answers = [
        await bot.request("POST", "/handoff/release", headers=BEARER, json={"sender": MARIA})
        for _ in range(2)
    ]

    assert [answer.text for answer in answers] == ['{"released":true}', '{"released":false}']
    (sender_id,) = set(released)
    assert len(sender_id) == 32


def test_the_desk_is_the_one_that_the_processor_asks():
    assert addons.whatsapp.channel.desk_of is desk_of


@pytest.fixture
def purging_at_once(monkeypatch):
    """Before the bot starts, whose first purge else comes after a minute."""
    monkeypatch.setattr(retention, "FIRST_SECONDS", 0)
    monkeypatch.setattr(retention, "EVERY_SECONDS", 0.01)


@pytest.mark.usefixtures("purging_at_once")
async def test_what_was_kept_too_long_is_removed_while_it_serves(bot):
    old = {"id": "0" * 32, "sender_id": MARIA, "payload": "", "expires_at": 1.0}
    with bot.engine.begin() as connection:
        connection.execute(sa.insert(button_offers).values(old))

    while bot.rows(button_offers):  # noqa: ASYNC110 - a test's eye on work in the background
        await asyncio.sleep(0.005)
