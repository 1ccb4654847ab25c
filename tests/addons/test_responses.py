"""Variations of a response are said in turn."""

from __future__ import annotations

import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")

    from rasa.shared.core.domain import Domain
    from rasa.shared.core.events import BotUttered, SlotSet
    from rasa.shared.core.trackers import DialogueStateTracker

    from addons.responses import RotatingResponses

DOMAIN = """
    version: "3.1"
    slots:
      problem: {type: text, mappings: [{type: custom}]}
    responses:
      utter_ask:
        - text: "Qual, {name}?"
        - text: "Qual delas?"
        - text: "Que problema?"
          condition: [{type: slot, name: problem, value: late}]
        - text: "Ainda atrasado?"
          condition: [{type: slot, name: problem, value: late}]
      utter_late:
        - text: "Tarde."
          condition: [{type: slot, name: problem, value: late}]
    """


@pytest.fixture
def say():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        domain = Domain.from_yaml(DOMAIN)
    tracker = DialogueStateTracker.from_events("someone", [], domain.slots)
    responses = RotatingResponses(None, domain)

    async def said(name, /, **variables):
        message = await responses.generate(name, tracker, "rest", **variables)
        if message is not None:
            said_as = {"utter_action": name, "variations_for": message["variations_for"]}
            tracker.update(BotUttered(message["text"], metadata=said_as))
        return message and message["text"]

    said.tracker = tracker
    return said


async def test_each_variation_in_its_turn(say):
    assert [await say("utter_ask", name="Ana") for _ in range(3)] == [
        "Qual, Ana?",
        "Qual delas?",
        "Qual, Ana?",
    ]


async def test_variations_for_a_slot_go_before_the_others(say):
    await say("utter_ask", name="Ana")
    say.tracker.update(SlotSet("problem", "late"))

    assert [await say("utter_ask") for _ in range(2)] == ["Que problema?", "Ainda atrasado?"]


async def test_what_the_domain_does_not_have_is_not_said(say):
    assert await say("utter_unknown") is None
    assert await say("utter_late") is None
