"""People who write: every kind of message as a webhook, retried, repeated, several at once."""

from __future__ import annotations

import asyncio
import base64
import re

import pytest
from aiohttp import BasicAuth, ClientSession
from twilio.request_validator import RequestValidator

from sandbox.twilio.account import ACCOUNT_SID, API_KEY_SECRET, API_KEY_SID, AUTH_TOKEN, WHATSAPP_NUMBER
from sandbox.twilio.server import create_app
from sandbox.twilio.webhooks import Tunnel
from tests.sandbox.conftest import served
from tests.sandbox.twilio_bench import MARIA, PUBLIC

HIDDEN = "whatsapp:BR.1502576394655843"
PATH = "/webhooks/whatsapp/webhook"
NOBODY = "http://127.0.0.1:9"


async def written(twilio, **message):
    (note,) = await twilio.write(message)
    assert note["acknowledged"]
    (post,) = twilio.bot.posts
    assert (post.path, post.host, post.signed) == (PATH, "bot.example", True)
    assert post.form == note["form"]
    return post.form


async def test_a_text_has_the_fields_of_every_message(twilio):
    form = await written(twilio, text="quero meu boleto")
    assert re.fullmatch("SM[0-9a-f]{32}", form["MessageSid"])
    assert form["MessageSid"] == form["SmsMessageSid"] == form["SmsSid"]
    expected = {
        "AccountSid": ACCOUNT_SID,
        "From": MARIA,
        "To": WHATSAPP_NUMBER,
        "WaId": "5511988880001",
        "Body": "quero meu boleto",
        "MessageType": "text",
        "NumMedia": "0",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
    }
    assert form | expected == form


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [
        ("image", "image/png"),
        ("document", "application/pdf"),
        ("audio", "audio/ogg"),
        ("video", "video/mp4"),
        ("sticker", "image/webp"),
        ("contact", "text/vcard"),
    ],
)
async def test_media_comes_with_a_blank_body_and_is_fetched_with_a_login(twilio, kind, content_type):
    form = await written(twilio, kind=kind)
    assert (form["Body"], form["NumMedia"], form["MediaContentType0"]) == ("", "1", content_type)
    assert form["MediaUrl0"].startswith(f"{twilio.base}/2010-04-01/Accounts/")
    async with twilio.session.get(form["MediaUrl0"]) as answer:
        assert answer.status == 401
    async with twilio.session.get(form["MediaUrl0"], auth=BasicAuth(API_KEY_SID, API_KEY_SECRET)) as answer:
        assert (answer.status, answer.content_type) == (200, content_type)
    async with twilio.session.get(
        form["MediaUrl0"][:-1] + "!", auth=BasicAuth(API_KEY_SID, API_KEY_SECRET)
    ) as answer:
        assert answer.status == 404


async def test_a_person_may_bring_media_of_her_own(twilio):
    content = {"content": base64.b64encode(b"%PDF-1.7").decode(), "content_type": "application/pdf"}
    form = await written(twilio, kind="document", content=content, text="comprovante")
    async with twilio.session.get(form["MediaUrl0"], auth=BasicAuth(ACCOUNT_SID, AUTH_TOKEN)) as answer:
        assert await answer.read() == b"%PDF-1.7"
    assert form["Body"] == "comprovante"


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        (
            {"kind": "location", "place": ["-23.5", "-46.6", "", "Casa"]},
            {"Latitude": "-23.5", "Longitude": "-46.6", "Address": "", "Label": "Casa", "Body": ""},
        ),
        (
            {"kind": "button", "text": "PIX", "id": "o1"},
            {"Body": "PIX", "ButtonText": "PIX", "ButtonPayload": "o1", "MessageType": "button"},
        ),
        (
            {"kind": "list", "text": "Agosto", "id": "o2", "description": "R$ 99,90"},
            {"Body": "Agosto", "ListId": "o2", "ListTitle": "Agosto", "ListDescription": "R$ 99,90"},
        ),
        (
            {"text": "essa", "reply_to": "SM" + "1" * 32},
            {
                "OriginalRepliedMessageSid": "SM" + "1" * 32,
                "OriginalRepliedMessageSender": WHATSAPP_NUMBER,
                "MessageType": "text",
            },
        ),
        ({"kind": "reaction", "text": "👍"}, {"Body": "👍", "MessageType": "reaction"}),
        ({"kind": "edited", "text": "oi"}, {"Body": "oi", "MessageType": "edit"}),
        ({"kind": "unsupported"}, {"Body": "", "MessageType": "unsupported"}),
        ({"fields": {"Novidade": "", "ProfileName": "Zé"}}, {"Novidade": "", "ProfileName": "Zé"}),
    ],
    ids=lambda value: value.get("kind", "") if isinstance(value, dict) else "",
)
async def test_every_kind_has_its_fields(twilio, message, fields):
    form = await written(twilio, **message)
    assert form | fields == form


async def test_a_hidden_number_comes_as_an_id(twilio):
    await twilio.control("POST", "write", {"from": HIDDEN, "messages": [{"text": "oi"}]})
    form = twilio.bot.posts[0].form
    assert (form["From"], form["ExternalUserIdentifier"], form["WaId"]) == (
        HIDDEN,
        "BR.1502576394655843",
        "",
    )


async def test_a_failing_bot_gets_the_same_message_again(twilio):
    twilio.bot.statuses.extend([500, 503])
    (note,) = await twilio.write({"text": "oi"})
    (delivery,) = note["deliveries"]
    assert (delivery["status"], delivery["attempts"], note["acknowledged"]) == (204, 3, True)
    assert len(twilio.bot.posts) == 3
    assert {(post.token, post.form["MessageSid"]) for post in twilio.bot.posts} == {
        (delivery["token"], note["sid"])
    }


@pytest.mark.parametrize(("status", "attempts"), [(403, 1), (500, 3)])
async def test_a_message_that_no_attempt_brought_is_not_acknowledged(twilio, status, attempts):
    twilio.bot.statuses.extend([status] * 9)
    (note,) = await twilio.write({"text": "oi"})
    assert (note["acknowledged"], note["deliveries"][0]["attempts"]) == (False, attempts)
    assert await twilio.control("GET", "written") == [note]


@pytest.mark.parametrize("answers", [True, False], ids=["too late", "nobody"])
async def test_time_outs_and_refused_connections_are_tried_again(twilio, answers):
    twilio.bot.gate = asyncio.Event()
    async with served(twilio.bot.app()) as bot_url:
        reached = str(bot_url) if answers else NOBODY
        app = await create_app(Tunnel(PUBLIC, reached), retries="#rt=100&rc=2&rp=ct,rt")
        async with served(app) as base, ClientSession() as session:
            body = {"from": MARIA, "messages": [{"text": "oi"}]}
            async with session.post(f"{base}/_sandbox/write", json=body) as answer:
                (note,) = await answer.json()
    (delivery,) = note["deliveries"]
    assert (delivery["status"], delivery["attempts"]) == (None, 3)
    assert len(twilio.bot.posts) == (3 if answers else 0)


async def test_several_messages_are_posted_at_once(twilio):
    twilio.bot.gate, twilio.bot.crowd = asyncio.Event(), 6
    notes = await twilio.write({"text": "a"}, {"text": "b"}, {"text": "c"}, copies=2)
    assert [note["form"]["Body"] for note in notes] == ["a", "b", "c"]
    assert [len(note["deliveries"]) for note in notes] == [2, 2, 2]


async def test_a_known_sid_is_posted_again_as_it_was(twilio):
    (first,) = await twilio.write({"text": "oi"})
    (again,) = await twilio.write({"text": "outro", "sid": first["sid"]})
    assert [post.form for post in twilio.bot.posts] == [first["form"]] * 2
    assert again["written_at"] == first["written_at"]
    assert len(again["deliveries"]) == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"from": MARIA},
        {"from": MARIA, "messages": []},
        {"from": "5511988880001", "messages": [{"text": "oi"}]},
        {"from": MARIA, "messages": [{"text": "oi", "kind": "dança"}]},
        {"from": MARIA, "messages": [{"txt": "oi"}]},
        {"from": MARIA, "messages": [{"sid": "SM1"}]},
        {"from": MARIA, "messages": [{"kind": "image", "content": {"content": "?", "content_type": "a/b"}}]},
    ],
)
async def test_a_control_request_that_makes_no_sense_is_told_why(twilio, body):
    answer = await twilio.control("POST", "write", body, status=400)
    assert set(answer) == {"error"}
    assert twilio.bot.posts == []


async def test_signatures_that_do_not_hold_are_found_out(twilio):
    """The check by which these tests judge signatures refuses a blank field dropped, and another address."""
    form = await written(twilio, kind="image")
    right = RequestValidator(AUTH_TOKEN).compute_signature(PUBLIC + PATH, form)
    validator = RequestValidator(AUTH_TOKEN)
    assert validator.validate(PUBLIC + PATH, form, right)
    assert not validator.validate(f"http://bot.example{PATH}", form, right)
    blank = validator.compute_signature(
        PUBLIC + PATH, {name: value for name, value in form.items() if value} | {"X": "y"}
    )
    assert not validator.validate(PUBLIC + PATH, form, blank)
