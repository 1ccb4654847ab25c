"""Conversations are read as they are meant, and mistakes in them are named."""

from __future__ import annotations

import pytest

from tests.conversation.player import Request
from tests.conversation.script import RESPONSES, ScriptError, Setting, read_scripts
from tests.conversation.spoken import Responses
from tests.conversation.test_checks import LATER, OWN, turn

GOOD = """
- name: a bill in one turn
  customer: ana
  turns:
    - {says: "pix de $month1, $document", hears: utter_delivery_intro, delivers: {format: pix}, writes: {}}
"""


def read(tmp_path, text):
    path = tmp_path / "bill.yml"
    path.write_text(text, "utf-8")
    return list(read_scripts(path))


def test_a_good_conversation_is_read(tmp_path):
    (script,) = read(tmp_path, GOOD)
    assert (script.name, script.customer) == ("a bill in one turn", "ana")
    assert script.turns[0].hears == (("utter_delivery_intro", {}),)
    assert script.turns[0].asks is None


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("customer: ana", "customer: nobody", "no demo customer"),
        ("customer: ana", "customer: ana\n  mood: bad", "mood: extra fields not permitted"),
        ("writes: {}", "wants: {}", "turns.0.wants: extra fields not permitted"),
        ("writes: {}", "writes: {poem: 1}", "unknown: poem"),
        ("writes: {}", "erp: {title: 1}", "unknown: title"),
        ("writes: {}", "fault: {endpoint: title, kind: html}", "unknown endpoint"),
        ("writes: {}", "fault: {endpoint: titulos, kind: rain}", "fault.0.kind"),
        ("writes: {}", "contract: happy", "no status"),
        ("writes: {}", "desk: asleep", "turns.0.desk"),
        ("writes: {}", "desk_told: poem", "turns.0.desk_told.0"),
        ("customer: ana", "customer: ana\n  settings: {BUSINESS_HOUR: x}", "no setting: BUSINESS_HOUR"),
        ("writes: {}", "asks: money", "asks.0"),
        ("utter_delivery_intro", "utter_delivery", "utter_delivery is not in domain.yml"),
        ("writes: {}", "never: utter_delivery", "utter_delivery is not in domain.yml"),
        ("format: pix", "format: cash", "delivers.0.format"),
        ('says: "pix de $month1, $document", ', "", "says or sends is missing"),
        ('says: "pix de $month1, $document"', "says: 11144477735", "str type expected"),
    ],
)
def test_mistakes_are_named_with_file_and_conversation(tmp_path, old, new, complaint):
    with pytest.raises(ScriptError, match=f"bill.yml, a bill in one turn: .*{complaint}"):
        read(tmp_path, GOOD.replace(old, new))


@pytest.mark.parametrize("text", ["name: x", "- [", "- name: x"])
def test_a_file_that_is_no_list_of_conversations_is_named(tmp_path, text):
    with pytest.raises(ScriptError, match=r"bill\.yml"):
        read(tmp_path, text)


def test_a_name_stands_once(tmp_path):
    with pytest.raises(ScriptError, match="stands twice"):
        read(tmp_path, GOOD + GOOD)


SETTING = Setting({"ana": "123.456.789-09", "maria": "111.444.777-35"}, "ana", 7010, (OWN, LATER))


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("cpf $document", "cpf 123.456.789-09"),
        ("$digits, não $document_maria", "12345678909, não 111.444.777-35"),
        ("a de $month2", "a de dezembro"),
        ("a de $other_month", "a de janeiro"),
        ("vence dia $day2, em $date2", "vence dia 11, em 11/12/2026"),
        ("nasci em $born, ela em $born_maria", "nasci em 25/01/1990, ela em 12/04/1985"),
        ("a de R$ $amount1", "a de R$ 103,93"),
        ("R$ 5 ou R$5", "R$ 5 ou R$5"),
    ],
)
def test_words_of_a_script_are_filled_in(text, filled):
    assert SETTING.fill(text) == filled


@pytest.mark.parametrize("text", ["$month3", "$month0", "$weather", "$document_nobody", "$born_alfa"])
def test_words_that_stand_for_nothing_are_refused(text):
    with pytest.raises(ScriptError):
        SETTING.fill(text)


def test_a_late_code_is_noticed():
    silent, code = turn("Olá! O que você precisa?"), turn(OWN.pix[0])
    assert Request(3, 2).complaints(silent) == []
    assert Request(3, 3).complaints(code) == []
    assert Request(3, 3).complaints(silent) == ["bill_within 3 messages: no code after 3"]


def test_responses_are_recognised_by_their_own_words():
    responses = Responses.of(
        {
            "utter_all": [{"text": "{text}"}],
            "utter_a": [{"text": "São {count}:\n{list}"}, {"text": "Só uma."}],
        }
    )
    assert responses.recognise("São 2:\nx\ny").values == {
        "text": "São 2:\nx\ny",
        "count": "2",
        "list": "x\ny",
    }
    assert responses.recognise("Só uma.").name == "utter_a"
    assert responses.recognise("O que for").name == "utter_all"


def test_two_responses_that_cannot_be_told_apart_are_noticed():
    alike = Responses.of({"utter_a": [{"text": "Oi."}], "utter_b": [{"text": "Oi."}]})
    assert list(alike.alike()) == [("utter_b", "utter_a")]


def test_no_two_responses_of_the_domain_are_alike():
    assert list(RESPONSES.alike()) == []
