"""A turn's sentences become few messages; codes stay alone."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")

    from addons.answer import WHATSAPP_LIMIT, ComposedOutput


async def composed(*messages):
    output = ComposedOutput()
    for message in messages:
        await output.send_response("someone", dict(message))
    return [{key: value for key, value in each.items() if key != "recipient_id"} for each in output.messages]


def spoken(text, **more):
    return {"text": text, "utter_action": "utter_something", **more}


async def test_sentences_that_follow_each_other_become_one_message():
    assert await composed(spoken("Oi."), spoken("Tudo bem?")) == [{"text": "Oi.\n\nTudo bem?"}]


async def test_a_code_is_alone_between_the_sentences():
    answer = await composed(spoken("Segue o PIX."), {"text": "000201…6304ABCD"}, spoken("Quer mais?"))

    assert [each["text"] for each in answer] == ["Segue o PIX.", "000201…6304ABCD", "Quer mais?"]


async def test_two_codes_are_two_messages():
    assert len(await composed({"text": "000201"}, {"text": "000202"})) == 2


async def test_a_code_with_a_blank_line_is_not_torn():
    assert await composed({"text": "a\n\nb"}) == [{"text": "a\n\nb"}]


async def test_a_picture_is_alone():
    picture = {"custom": {"type": "pix_qr_code", "code": "000201"}}

    assert await composed(spoken("Segue."), picture, spoken("Pronto.")) == [
        {"text": "Segue."},
        picture,
        {"text": "Pronto."},
    ]


async def test_buttons_close_the_message_they_stand_under():
    buttons = [{"title": "Sim", "payload": "sim"}]

    assert await composed(spoken("Não entendi."), spoken("O que é?", buttons=buttons), spoken("Diga.")) == [
        {"text": "Não entendi.\n\nO que é?", "buttons": buttons},
        {"text": "Diga."},
    ]


async def test_what_does_not_fit_into_one_message_becomes_two():
    assert len(await composed(spoken("a" * (WHATSAPP_LIMIT - 1)), spoken("b"))) == 2
    assert len(await composed(spoken("a" * (WHATSAPP_LIMIT - 3)), spoken("b"))) == 1


async def test_nothing_to_say_is_no_message():
    assert await composed({"text": None}, {"text": "", "custom": {}}) == []
