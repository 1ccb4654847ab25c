"""The bot reads what the sandbox's people write as what they meant: neither is tested against a fiction."""

from __future__ import annotations

import pytest

from addons.whatsapp.form import IncomingMessage, StatusUpdate
from addons.whatsapp.signature import SignatureCheck
from sandbox.twilio.account import AUTH_TOKEN
from sandbox.twilio.people import Kind, Writing, form_of
from tests.sandbox.twilio_bench import MARIA

READ_AS_TEXT = {Kind.BUTTON, Kind.LIST}


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_is_read_as_itself(kind):
    text = "" if kind is Kind.UNSUPPORTED else "oi"
    message = IncomingMessage.from_form(form_of(Writing(kind, text, id="o1"), MARIA, "http://twilio"))
    assert message.kind == ("text" if kind in READ_AS_TEXT else kind.value)
    assert (message.address, message.text) == (MARIA, text)
    assert message.button == ("o1" if kind in READ_AS_TEXT else None)


def test_a_reply_names_what_it_answers():
    sid = "SM" + "1" * 32
    message = IncomingMessage.from_form(form_of(Writing(text="essa", reply_to=sid), MARIA, "http://twilio"))
    assert message.replied_to == sid


async def test_the_bots_own_check_accepts_every_post(twilio):
    check = SignatureCheck((AUTH_TOKEN,), "https://bot.example")
    await twilio.write({"kind": "image"}, {"text": "oi"})
    await twilio.create(Body="fora")
    await twilio.settle()
    assert len(twilio.bot.posts) > 2
    for post in twilio.bot.posts:
        fields = {name: [value] for name, value in post.form.items()}
        assert check.accepts(post.path, fields, post.signature)
        assert not check.accepts(post.path, fields | {"Body": ["outra"]}, post.signature)


async def test_the_bot_reads_the_status_callbacks(twilio):
    await twilio.open_window()
    _, message = await twilio.create()
    await twilio.settle()
    updates = [StatusUpdate.from_form(post.form) for post in twilio.bot.posts]
    assert {update.message_sid for update in updates} == {message["sid"]}
    assert [update.status for update in updates] == ["queued", "sent", "delivered", "read"]
