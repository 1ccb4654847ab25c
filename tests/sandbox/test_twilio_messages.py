"""Sending messages: who may, what is refused, what is found again."""

from __future__ import annotations

import re

import pytest

from sandbox.twilio.account import (
    ACCOUNT_SID,
    API_KEY_SECRET,
    API_KEY_SID,
    AUTH_TOKEN,
    MESSAGING_SERVICE_SID,
    WHATSAPP_NUMBER,
)
from tests.sandbox.twilio_bench import MARIA, MESSAGES, PUBLIC

JOAO = "whatsapp:+5511988880002"
HIDDEN = "whatsapp:BR.1502576394655843"


async def test_an_accepted_message_is_201_queued_and_on_the_phone(twilio):
    await twilio.open_window()
    status, message = await twilio.create(Body="Olá! 👍", ValidityPeriod="600")
    assert (status, message["status"], message["direction"]) == (201, "queued", "outbound-api")
    assert re.fullmatch("SM[0-9a-f]{32}", message["sid"])
    assert (message["to"], message["from"], message["date_sent"]) == (MARIA, WHATSAPP_NUMBER, None)
    (shown,) = await twilio.phone()
    assert (shown["sid"], shown["to"], shown["body"], shown["media"]) == (
        message["sid"],
        MARIA,
        "Olá! 👍",
        None,
    )


async def test_the_phone_keeps_the_order_of_acceptance(twilio):
    await twilio.open_window()
    for text in "abc":
        await twilio.create(Body=text)
    await twilio.settle()
    shown = await twilio.phone()
    assert [message["body"] for message in shown] == ["a", "b", "c"]
    assert [message["status"] for message in shown] == ["read"] * 3
    places = [message["accepted_at"] for message in shown]
    assert places == sorted(set(places))


@pytest.mark.parametrize("login", [(ACCOUNT_SID, AUTH_TOKEN), (API_KEY_SID, API_KEY_SECRET)])
async def test_both_logins_may_send(twilio, login):
    assert (await twilio.create(login=login))[0] == 201


@pytest.mark.parametrize(
    "login", [(ACCOUNT_SID, API_KEY_SECRET), (API_KEY_SID, AUTH_TOKEN), ("", ""), (ACCOUNT_SID, "é")]
)
async def test_any_other_login_is_refused(twilio, login):
    status, body = await twilio.create(login=login)
    assert (status, body["code"], body["message"]) == (401, 20003, "Authenticate")
    assert body["more_info"] == "https://www.twilio.com/docs/errors/20003"


@pytest.mark.parametrize("header", [None, "Bearer x", "Basic ???", "Basic"])
async def test_a_request_without_login_is_refused(twilio, header):
    headers = {} if header is None else {"Authorization": header}
    async with twilio.session.get(f"{twilio.base}{MESSAGES}.json", headers=headers) as answer:
        assert answer.status == 401


async def test_another_account_and_another_path_are_not_found(twilio):
    for path in (MESSAGES.replace("5a", "5b") + ".json", "/2010-04-01/Nothing.json"):
        status, body = await twilio.answer("GET", path)
        assert (status, body["code"]) == (404, 20404)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Bdy": "x"}, 20001),
        ({"To": None}, 21604),
        ({"To": "+5511988880001"}, 21211),
        ({"To": "whatsapp:5511988880001"}, 21211),
        ({"To": "whatsapp:+0511988880001"}, 21211),
        ({"To": "whatsapp:+55 11 98888-0001"}, 21211),
        ({"To": "whatsapp:br.123"}, 21211),
        ({"From": None}, 21603),
        ({"From": "+551140000000"}, 21910),
        ({"From": "whatsapp:+551140000001"}, 63007),
        ({"Body": None}, 21619),
        ({"Body": ""}, 21619),
        ({"Body": " \n"}, 21619),
        ({"Body": "x" * 1601}, 21617),
        ({"Body": "👍" * 801}, 21617),
        ({"MediaUrl": ["https://bot.example/a.pdf", "https://bot.example/b.pdf"]}, 21623),
        ({"MediaUrl": "boleto.pdf"}, 21620),
        ({"StatusCallback": "bot.example/status"}, 21609),
        ({"StatusCallback": f"{PUBLIC}/{'x' * 4000}"}, 21609),
        ({"ValidityPeriod": "0"}, 20422),
        ({"ValidityPeriod": "36001"}, 20422),
        ({"ContentSid": "HX"}, 21655),
    ],
)
async def test_a_bad_message_is_refused_with_its_code_and_never_shown(twilio, change, code):
    await twilio.open_window()
    status, body = await twilio.create(**change)
    assert (status, body["status"], body["code"]) == (400, 400, code)
    assert set(body) == {"code", "message", "more_info", "status"}
    assert await twilio.control("GET", "messages") == []


@pytest.mark.parametrize(
    "change",
    [
        {"Body": "x" * 1600},
        {"Body": "👍" * 800},
        {"To": HIDDEN},
        {"From": None, "MessagingServiceSid": MESSAGING_SERVICE_SID},
        {"ValidityPeriod": "36000"},
        {"StatusCallback": None},
    ],
)
async def test_what_is_just_allowed_passes(twilio, change):
    assert (await twilio.create(**change))[0] == 201


async def test_an_unknown_service_is_not_found(twilio):
    status, body = await twilio.create(From=None, MessagingServiceSid="MG" + "0" * 32)
    assert (status, body["code"]) == (404, 21701)


@pytest.mark.parametrize(("age", "code"), [(0, None), (86_399, None), (86_400, 63016)])
async def test_the_window_closes_a_day_after_the_persons_last_message(twilio, age, code):
    await twilio.open_window(age=age)
    status, message = await twilio.create()
    assert (status, message["error_code"]) == (201, None)
    message = await twilio.message(message["sid"])
    assert message["error_code"] == code
    assert message["status"] == ("read" if code is None else "failed")
    assert len(await twilio.phone()) == (code is None)


async def test_a_person_who_never_wrote_gets_nothing(twilio):
    await twilio.open_window(JOAO)
    _, message = await twilio.create()
    assert (await twilio.message(message["sid"]))["error_code"] == 63016
    assert twilio.bot.statuses_of(message["sid"]) == ["queued", "failed"]
    assert twilio.bot.posts[-1].form["ErrorCode"] == "63016"


async def test_writing_opens_the_window_again_and_time_closes_it(twilio):
    await twilio.open_window(age=90_000)
    await twilio.write({"text": "oi"})
    await twilio.create(Body="dentro")
    twilio.clock.now += 86_400
    await twilio.create(Body="fora")
    assert [message["body"] for message in await twilio.phone()] == ["dentro"]


async def test_the_list_filters_by_person_and_day_newest_first(twilio):
    for address in (MARIA, JOAO):
        await twilio.open_window(address)
    await twilio.create(Body="antes")
    await twilio.settle()
    twilio.clock.now += 3 * 86_400
    for address in (MARIA, JOAO):
        await twilio.open_window(address)
    _, late = await twilio.create(Body="depois")
    await twilio.create(To=JOAO, Body="outro")
    sent = await twilio.message(late["sid"])
    day = "2026-11-21"
    assert "21 Nov 2026" in sent["date_sent"]

    async def bodies(**query):
        status, body = await twilio.answer("GET", f"{MESSAGES}.json", params=query)
        assert status == 200
        return [message["body"] for message in body["messages"]]

    assert await bodies() == ["outro", "depois", "antes"]
    assert await bodies(To=MARIA) == ["depois", "antes"]
    assert await bodies(To=MARIA, **{"DateSent>": day}) == ["depois"]
    assert await bodies(To=MARIA, DateSent=day) == ["depois"]
    assert await bodies(**{"DateSent<": "2026-11-20"}) == ["antes"]
    assert await bodies(**{"DateSent>": f"{day}T23:59:59Z"}) == []
    assert await bodies(From=JOAO) == []


async def test_the_list_comes_in_pages(twilio):
    for text in "abc":
        await twilio.create(Body=text)
    _, first = await twilio.answer("GET", f"{MESSAGES}.json", params={"PageSize": "2"})
    assert [message["body"] for message in first["messages"]] == ["c", "b"]
    _, second = await twilio.answer("GET", first["next_page_uri"])
    assert [message["body"] for message in second["messages"]] == ["a"]
    assert second["next_page_uri"] is None
    assert second["previous_page_uri"] == first["uri"]


async def test_an_unknown_message_is_not_found(twilio):
    status, body = await twilio.answer("GET", f"{MESSAGES}/SM{'0' * 32}.json")
    assert (status, body["code"]) == (404, 20404)


CONTENT = {
    "friendly_name": "formas",
    "language": "pt_BR",
    "variables": {"2": "PIX"},
    "types": {
        "twilio/text": {"body": "{{1}}"},
        "twilio/quick-reply": {"body": "{{1}}", "actions": [{"title": "{{2}}", "id": "{{ 2 }}-id"}]},
    },
}


async def content(twilio, description):
    status, body = await twilio.answer("POST", "/v1/Content", json=description)
    assert status == 201, body
    return body["sid"]


async def test_a_content_shows_its_text_and_buttons_with_the_variables(twilio):
    await twilio.open_window()
    sid = await content(twilio, CONTENT)
    status, message = await twilio.create(Body=None, ContentSid=sid, ContentVariables='{"1": "Como paga?"}')
    assert (status, message["body"]) == (201, "Como paga?")
    (shown,) = await twilio.phone()
    assert shown["buttons"] == [{"title": "PIX", "id": "PIX-id"}]


async def test_a_list_picker_shows_its_items(twilio):
    await twilio.open_window()
    picker = {"body": "Qual?", "button": "Ver", "items": [{"item": "Agosto", "id": "1"}]}
    sid = await content(twilio, {"language": "pt_BR", "types": {"twilio/list-picker": picker}})
    await twilio.create(Body=None, ContentSid=sid)
    (shown,) = await twilio.phone()
    assert (shown["body"], shown["buttons"]) == ("Qual?", [{"title": "Agosto", "id": "1"}])


async def test_a_title_that_variables_make_too_long_fails_on_the_way(twilio):
    await twilio.open_window()
    sid = await content(twilio, CONTENT)
    variables = f'{{"1": "Como paga?", "2": "{"x" * 21}"}}'
    _, message = await twilio.create(Body=None, ContentSid=sid, ContentVariables=variables)
    assert (await twilio.message(message["sid"]))["error_code"] == 63021
    assert await twilio.phone() == []


@pytest.mark.parametrize("variables", ["{", "[]", '{"1": 2}', "{}"])
async def test_bad_variables_are_refused(twilio, variables):
    sid = await content(twilio, CONTENT)
    status, body = await twilio.create(Body=None, ContentSid=sid, ContentVariables=variables)
    assert (status, body["code"]) == (400, 21656)


async def test_an_unknown_content_is_refused(twilio):
    status, body = await twilio.create(Body=None, ContentSid="HX" + "0" * 32)
    assert (status, body["code"]) == (404, 21655)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"language": "pt_BR"}'])
async def test_a_bad_content_is_refused(twilio, body):
    status, answer = await twilio.answer("POST", "/v1/Content", data=body)
    assert (status, answer["code"]) == (400, 20422)


TYPING = "/v2/Indicators/Typing.json"


async def test_typing_is_shown_for_a_message_that_came(twilio):
    (written,) = await twilio.write({"text": "oi"})
    form = {"channel": "whatsapp", "messageId": written["sid"]}
    assert await twilio.answer("POST", TYPING, data=form) == (200, {"success": True})
    assert (await twilio.control("GET", "stats"))["typing"] == [written["sid"]]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"channel": "whatsapp", "messageId": "SM" + "0" * 32}, 404),
        ({"channel": "sms", "messageId": "SM" + "0" * 32}, 400),
        ({"channel": "whatsapp", "messageId": "1"}, 400),
        ({"channel": "whatsapp"}, 400),
    ],
)
async def test_typing_for_anything_else_is_refused(twilio, form, status):
    assert (await twilio.answer("POST", TYPING, data=form))[0] == status
