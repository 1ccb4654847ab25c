"""Whose a message is, and what it is when it is no text."""

from __future__ import annotations

import asyncio
import threading

import pytest
import yaml
from rasa.core.channels.channel import UserMessage

from addons.reception import INTENTS, Reception, desk_of
from billing.settings import PROJECT_ROOT, load_settings
from tests.addons.desk import FakeDesk
from tests.stack import KEYS

HOLDER, OTHER = "joana", "maria"
"""Joana's conversation is the desk's, Maria's is not."""


@pytest.fixture
def desk():
    return FakeDesk(holds={HOLDER})


@pytest.fixture
def receive(desk):
    """Take a message in; the message and what is to be done with it."""
    reception = Reception(lambda: desk)

    async def take(text="", kind=None, sender_id=OTHER, **more):
        metadata = None if kind is None else {"kind": kind}
        message = UserMessage(text, sender_id=sender_id, metadata=metadata, **more)
        return message, await reception.receive(message)

    return take


@pytest.mark.parametrize("kind", [None, "text", "edited", "image"])
async def test_a_text_is_for_rasa_to_understand(receive, kind):
    message, received = await receive("segue a conta", kind)

    assert received.for_bot
    assert message.parse_data is None


@pytest.mark.parametrize(
    ("kind", "intent"),
    [
        ("image", "payment_receipt"),
        ("document", "payment_receipt"),
        ("audio", "voice_message"),
        ("video", "unsupported_message"),
        ("location", "unsupported_message"),
        ("contact", "unsupported_message"),
        ("unsupported", "unsupported_message"),
        ("hologram", "unsupported_message"),
    ],
)
@pytest.mark.parametrize("text", ["", None, "  "])
async def test_what_is_no_text_has_its_intent(receive, kind, intent, text):
    message, received = await receive(text, kind)

    assert received.for_bot
    assert message.text == ""
    assert message.parse_data["intent"] == {"name": intent, "confidence": 1.0}
    assert message.parse_data["entities"] == []


async def test_words_beside_a_document_choose_no_intent(receive):
    message, _ = await receive("/restart", "document")
    assert message.parse_data["intent"]["name"] == "payment_receipt"


@pytest.mark.parametrize("kind", ["sticker", "reaction"])
async def test_stickers_and_reactions_are_not_answered(receive, kind):
    _, received = await receive("", kind)
    assert (received.for_bot, received.response) == (False, None)


async def test_a_trusted_button_stays_what_it_is(receive):
    pressed = {"text": "Já paguei", "intent": {"name": "already_paid"}, "entities": []}
    message, received = await receive("Já paguei", "text", parse_data=pressed)

    assert received.for_bot
    assert message.parse_data == pressed


def test_the_domain_knows_every_intent_that_is_given():
    domain = yaml.safe_load((PROJECT_ROOT / "domain.yml").read_text("utf-8"))
    assert set(INTENTS.values()) <= set(domain["intents"])


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("não é isso", "text", "não é isso"),
        ("não é isso", "edited", "não é isso"),
        ("segue", "image", "(imagem) segue"),
        ("", "audio", "(áudio)"),
        ("", "sticker", "(figurinha)"),
        ("👍", "reaction", "(reação) 👍"),
        ("", "hologram", "(mensagem de outro tipo)"),
    ],
)
async def test_everything_of_a_held_sender_goes_to_the_desk(receive, desk, text, kind, shown):
    _, received = await receive(text, kind, HOLDER)

    assert desk.forwarded == [shown]
    assert (received.for_bot, received.response) == (False, None)


async def test_a_held_sender_is_told_when_the_desk_takes_nothing(receive, desk):
    desk.takes = False
    _, received = await receive("oi", "text", HOLDER)

    assert (received.for_bot, received.response) == (False, "utter_desk_unreachable")


@pytest.mark.parametrize(
    "text",
    [
        "menu",
        "Menu",
        "MENU!",
        "*menu*",
        '"menu".',
        "menú",
        "mande menu",
        "voltar ao menu",
        "Volta pro menu",
        " _menu_ ",
    ],
)
async def test_the_word_that_the_customer_was_told_releases(receive, desk, text):
    _, received = await receive(text, "text", HOLDER)

    assert (received.for_bot, received.response) == (False, "utter_desk_released")
    assert desk.holds == set()
    assert desk.forwarded == []


@pytest.mark.parametrize("text", ["o menu da tv sumiu", "menu?? qual menu", "cardápio", "submenu", "menus"])
async def test_a_sentence_with_the_word_is_for_the_desk(receive, desk, text):
    _, received = await receive(text, "text", HOLDER)

    assert desk.forwarded == [text]
    assert received.response is None


async def test_menu_of_who_is_not_held_is_for_rasa(receive):
    _, received = await receive("menu")
    assert received.for_bot


async def test_a_desk_that_hangs_holds_up_nobody_else(receive, desk):
    desk.hangs = threading.Event()
    waiting = [asyncio.ensure_future(receive(str(number), "text", HOLDER)) for number in range(40)]
    try:
        _, received = await receive("oi")
        assert received.for_bot
        assert not any(each.done() for each in waiting)
    finally:
        desk.hangs.set()
        await asyncio.gather(*waiting)
    assert len(desk.forwarded) == 40


def test_a_process_has_one_desk(tmp_path):
    keys = {name.lower(): value for name, value in KEYS.items()}
    settings = load_settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 'bot.db'}", **keys)

    assert desk_of(settings) is desk_of(settings)
    assert not desk_of(settings).held(OTHER)
