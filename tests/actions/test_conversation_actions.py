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
LEFT_FORM = {"event": "active_loop", "timestamp": None, "name": None}


def followed_by(name):
    return {"event": "followup", "timestamp": None, "name": name}


@pytest.mark.parametrize(
    ("before", "response"),
    [
        ([], "utter_not_understood"),
        ([EARLIER, FAILED], "utter_not_understood_menu"),
        ([EARLIER, FAILED, EARLIER], "utter_not_understood"),
        ([EARLIER, FAILED, EARLIER, FAILED, EARLIER], "utter_not_understood"),
        ([EARLIER, FAILED, EARLIER, EARLIER, FAILED], "utter_not_understood_menu"),
    ],
)
async def test_the_second_misunderstanding_in_a_row_offers_the_menu(bench, before, response):
    result = await bench.run(ActionNotUnderstood(), bench.tracker(before=before))

    assert result == ([followed_by("action_listen")], [said(response)])


@pytest.mark.parametrize(
    ("before", "response"),
    [([], "utter_not_understood"), ([EARLIER, FAILED], "utter_not_understood_in_form")],
)
async def test_a_form_asks_its_question_again(bench, before, response):
    tracker = bench.tracker(before=before)
    tracker.active_loop = {"name": "bill_form"}

    assert await bench.run(ActionNotUnderstood(), tracker) == (
        [followed_by("bill_form")],
        [said(response)],
    )


@pytest.mark.parametrize("form", [None, "bill_form"])
@pytest.mark.parametrize("times", [2, 3])
async def test_the_third_offers_a_person_and_leaves_the_form_so_that_a_yes_means_that(bench, form, times):
    tracker = bench.tracker(before=[EARLIER, FAILED] * times, requested_slot="invoice")
    tracker.active_loop = {"name": form} if form else {}

    assert await bench.run(ActionNotUnderstood(), tracker) == (
        [
            LEFT_FORM,
            slot("requested_slot", None),
            slot("handoff_reason", "not_understood"),
            followed_by("utter_offer_human"),
        ],
        [],
    )


async def test_start_over(bench):
    events, messages = await bench.run(ActionStartOver(), bench.tracker(topic="bill", contract="101"))

    assert events == [LEFT_FORM, *(slot(name, None) for name in REQUEST_SLOTS)]
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
