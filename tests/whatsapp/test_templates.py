"""Buttons that can be touched are made once, and numbered lines stand in for them whenever that fails."""

from __future__ import annotations

import pytest

from addons.sql_threads import SqlThreads
from addons.whatsapp.api import Account, Answer, MaybeTaken
from addons.whatsapp.buttons import ButtonOffers
from addons.whatsapp.render import Button, Part
from addons.whatsapp.templates import RETRY_SECONDS, ButtonTemplates

MARIA = "a" * 32
YES_NO = Part(
    "text", "Quer?\n1. Sim\n2. Não", buttons=(Button("Sim", "sim"), Button("Não", "não")), prompt="Quer?"
)
THREE = Part("text", "…", buttons=(*YES_NO.buttons, Button("Talvez", "talvez")), prompt="Quer?")


class Api:
    """Makes a template at each call, unless a test has put another answer in its way."""

    def __init__(self):
        self.account = Account("AC1", "SK1", "secret", "whatsapp:+551130000000")
        self.made = []
        self.answers = []

    async def call(self, method, url, *, json):
        assert (method, url) == ("POST", "https://content.twilio.com/v1/Content")
        self.made.append(json["friendly_name"])
        answer = self.answers.pop(0) if self.answers else Answer(201, None, {"sid": f"HX{len(self.made)}"})
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def api():
    return Api()


@pytest.fixture
def make(engine, vault, clock, api):
    pools = []

    def make():
        pools.append(SqlThreads(engine))
        offers = ButtonOffers(engine, vault, clock=clock)
        return ButtonTemplates(api, engine, pools[-1], offers, clock)

    yield make
    for pool in pools:
        pool.close()


async def test_a_message_fills_a_template(make, engine, vault, clock):
    content = await make().fill(MARIA, YES_NO)

    assert content.sid == "HX1"
    first, second = content.variables["3"], content.variables["5"]
    assert content.variables == {"1": "Quer?", "2": "Sim", "3": first, "4": "Não", "5": second}
    offers = ButtonOffers(engine, vault, clock=clock)
    assert [offers.text_of(MARIA, each) for each in (first, second)] == ["sim", "não"]


async def test_each_number_of_choices_is_made_once_for_all_processes(make, api):
    one, other = make(), make()

    sids = [(await each.fill(MARIA, part)).sid for part in (YES_NO, THREE) for each in (one, other, one)]

    assert sids == ["HX1"] * 3 + ["HX2"] * 3
    assert api.made == ["sgp_bot_quick_reply_2", "sgp_bot_quick_reply_3"]


async def test_of_two_made_at_once_all_use_the_first(make):
    one, other = make(), make()
    assert other._keep("AC1:quick_reply:2", "HX9") == "HX9"

    assert one._keep("AC1:quick_reply:2", "HX1") == "HX9"


@pytest.mark.parametrize(
    "failure",
    [MaybeTaken("time-out"), Answer(429, 1.0, {}), Answer(201, None, {}), Answer(403, None, {"code": 20003})],
)
async def test_without_a_template_it_goes_as_text_and_twilio_is_left_alone_for_a_while(
    make, api, clock, failure
):
    templates = make()
    api.answers = [failure]

    assert await templates.fill(MARIA, YES_NO) is None
    assert await templates.fill(MARIA, THREE) is None
    assert len(api.made) == 1

    clock.now += RETRY_SECONDS
    assert (await templates.fill(MARIA, YES_NO)).sid == "HX2"


async def test_what_no_template_can_show_is_not_asked_for(make, api):
    eleven = tuple(Button(str(number), "x") for number in range(11))

    assert await make().fill(MARIA, Part("text", "oi")) is None
    assert await make().fill(MARIA, Part("text", "…", buttons=eleven, prompt="Qual?")) is None
    assert api.made == []


async def test_a_template_that_somebody_has_deleted_is_made_anew(make, api):
    templates = make()
    content = await templates.fill(MARIA, YES_NO)

    await templates.refused(content, 21617)
    assert (await make().fill(MARIA, YES_NO)).sid == "HX1"
    await templates.refused(content, 21655)

    assert (await templates.fill(MARIA, YES_NO)).sid == "HX2"
    assert len(api.made) == 2
