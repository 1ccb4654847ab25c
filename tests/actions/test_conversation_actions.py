"""Not understanding, starting over, and that no action goes untested."""

from __future__ import annotations

from pathlib import Path

import pytest

import actions
from actions import ActionNotUnderstood, ActionStartOver
from actions.conversation import REQUEST_SLOTS
from tests.actions.conftest import acted, said, slot, user

EARLIER = user({"text": "xyz", "intent": {"name": "nlu_fallback"}, "entities": []})
FAILED = acted("action_not_understood")


def followed_by(name):
    return {"event": "followup", "timestamp": None, "name": name}


@pytest.mark.parametrize(
    ("before", "response"),
    [
        ([], "utter_not_understood"),
        ([EARLIER, FAILED], "utter_not_understood_menu"),
        ([EARLIER, FAILED, EARLIER], "utter_not_understood"),
        ([EARLIER, FAILED, EARLIER, FAILED], "utter_not_understood_menu"),
    ],
)
async def test_the_second_misunderstanding_in_a_row_offers_the_menu(bench, before, response):
    result = await bench.run(ActionNotUnderstood(), bench.tracker(before=before))

    assert result == ([followed_by("action_listen")], [said(response)])


async def test_a_form_asks_its_question_again(bench):
    tracker = bench.tracker()
    tracker.active_loop = {"name": "bill_form"}

    events, _ = await bench.run(ActionNotUnderstood(), tracker)

    assert events == [followed_by("bill_form")]


async def test_start_over(bench):
    events, messages = await bench.run(ActionStartOver(), bench.tracker(topic="bill", contract="101"))

    left_form = {"event": "active_loop", "timestamp": None, "name": None}
    assert events == [left_form, *(slot(name, None) for name in REQUEST_SLOTS)]
    assert messages == []


def test_start_over_forgets_slots_that_exist(bench):
    assert set(REQUEST_SLOTS) - {"requested_slot"} <= set(bench.domain["slots"])


def untested(names, sources):
    """Actions that no test module makes or hands on."""
    return [name for name in names if not any(f"{name}()" in text or f"({name}," in text for text in sources)]


def test_every_action_has_a_test():
    sources = [path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py")]

    assert untested(actions.__all__, sources) == []


def test_the_search_finds_an_untested_action():
    assert untested(["ActionA", "ActionB"], ["await bench.run(ActionA(), tracker)"]) == ["ActionB"]
