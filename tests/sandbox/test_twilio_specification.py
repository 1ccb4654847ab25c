"""Requests and answers against OpenAPI, with what must be found wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.twilio.specification import load_operations
from tests.sandbox.twilio_bench import MESSAGES

FOLDER = Path(__file__).parents[2] / "sandbox" / "twilio"
OPERATIONS = load_operations()
GOOD = [
    ("To", "whatsapp:+5511988880001"),
    ("Body", "Olá"),
    ("ValidityPeriod", "600"),
    ("StatusCallback", "https://bot.example/status?outbox=7"),
    ("MediaUrl", "https://bot.example/a.pdf"),
]


def test_values_are_typed_as_described():
    form, problems = OPERATIONS["CreateMessage"].read_form([*GOOD, ("SmartEncoded", "true")])
    assert problems == []
    assert (form["ValidityPeriod"], form["SmartEncoded"]) == (600, True)
    assert form["MediaUrl"] == ["https://bot.example/a.pdf"]


@pytest.mark.parametrize(
    ("pairs", "parameter", "kind"),
    [
        ([*GOOD, ("Bdy", "misspelt")], "Bdy", "additionalProperties"),
        ([*GOOD, ("to", "case counts")], "to", "additionalProperties"),
        (GOOD[1:], "To", "required"),
        ([*GOOD, ("Attempt", "two")], "Attempt", "type"),
        ([*GOOD, ("SmartEncoded", "maybe")], "SmartEncoded", "type"),
        ([*GOOD, ("MaxPrice", "cheap")], "MaxPrice", "type"),
        ([*GOOD, ("Body", "twice")], "Body", "repeated"),
        ([*GOOD, ("ContentSid", "HX12")], "ContentSid", "minLength"),
        ([*GOOD, ("RiskCheck", "perhaps")], "RiskCheck", "enum"),
        ([*GOOD, ("MediaUrl", "file:///etc/passwd")], "MediaUrl/1", "format"),
        ([*GOOD[:3], ("StatusCallback", "/status")], "StatusCallback", "format"),
        ([*GOOD[:3], ("StatusCallback", "https://my_bot.example/")], "StatusCallback", "format"),
        ([*GOOD[:3], ("StatusCallback", "http://[")], "StatusCallback", "format"),
    ],
)
def test_a_bad_form_is_found_out(pairs, parameter, kind):
    problems = OPERATIONS["CreateMessage"].read_form(pairs)[1]
    assert (parameter, kind) in {(problem.parameter, problem.kind) for problem in problems}


def test_two_missing_names_are_told_once_each():
    problems = OPERATIONS["CreateTypingIndicator"].read_form([])[1]
    assert sorted(problem.parameter for problem in problems) == ["channel", "messageId"]


@pytest.mark.parametrize(
    ("pairs", "parameter"),
    [
        ([("Status", "sent")], "Status"),
        ([("PageSize", "0")], "PageSize"),
        ([("DateSent>", "ontem")], "DateSent>"),
        ([("DateSent", "2026-11-24T10:00:00")], "DateSent"),
    ],
)
def test_a_bad_query_is_found_out(pairs, parameter):
    problems = OPERATIONS["ListMessage"].read_query(pairs)[1]
    assert [problem.parameter for problem in problems] == [parameter]


@pytest.mark.parametrize("day", ["2026-11-24", "2026-11-24T10:00:00Z", "2026-11-24T10:00:00+00:00"])
def test_days_and_moments_are_dates(day):
    assert OPERATIONS["ListMessage"].read_query([("DateSent>", day)])[1] == []


QUICK_REPLY = {"body": "Qual?", "actions": [{"title": "PIX", "id": "a"}]}


@pytest.mark.parametrize(
    "types",
    [
        {},
        {"twilio/other": {"body": "Qual?"}},
        {"twilio/quick-reply": {"actions": QUICK_REPLY["actions"]}},
        {"twilio/quick-reply": QUICK_REPLY | {"actions": QUICK_REPLY["actions"] * 4}},
        {"twilio/quick-reply": QUICK_REPLY | {"actions": [{"title": "x" * 21, "id": "a"}]}},
        {"twilio/quick-reply": QUICK_REPLY | {"body": "x" * 1025}},
        {"twilio/list-picker": {"body": "Qual?", "button": "Ver", "items": [{"item": "x" * 25, "id": "a"}]}},
        {"twilio/list-picker": {"body": "Qual?", "items": [{"item": "x", "id": "a"}]}},
    ],
)
def test_a_bad_content_is_found_out(types):
    assert OPERATIONS["CreateContent"].check_json({"language": "pt_BR", "types": types})


def test_a_good_content_passes():
    content = {"language": "pt_BR", "types": {"twilio/quick-reply": QUICK_REPLY}}
    assert OPERATIONS["CreateContent"].check_json(content) == []


async def test_answers_are_as_described(twilio):
    await twilio.open_window()
    _, message = await twilio.create()
    assert OPERATIONS["CreateMessage"].check_answer(201, message) == []
    assert OPERATIONS["FetchMessage"].check_answer(200, await twilio.message(message["sid"])) == []
    _, listed = await twilio.answer("GET", f"{MESSAGES}.json")
    assert listed["messages"]
    assert OPERATIONS["ListMessage"].check_answer(200, listed) == []


@pytest.mark.parametrize("change", [{"sid": "SM1"}, {"status": "on its way"}, {"error_code": "63016"}])
async def test_a_bad_answer_is_found_out(twilio, change):
    _, message = await twilio.create()
    assert OPERATIONS["CreateMessage"].check_answer(201, message | change)


def test_the_cut_names_its_licence_and_its_changes():
    info = json.loads((FOLDER / "openapi.json").read_text(encoding="utf-8"))["info"]
    assert info["license"]["name"] == "Apache 2.0"
    assert "Changed:" in info["description"]
