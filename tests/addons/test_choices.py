"""A number typed in answer to buttons means the button."""

from __future__ import annotations

import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")

    from rasa.shared.core.events import BotUttered, UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker

    from addons.choices import chosen_text

BUTTONS = [
    {"title": "Segunda via", "payload": "quero a segunda via"},
    {"title": "Pago", "payload": "já paguei"},
]
MENU = BotUttered("O que você precisa?", {"buttons": BUTTONS})


def tracker(*events):
    return DialogueStateTracker.from_events("someone", list(events), [])


@pytest.mark.parametrize(
    ("text", "meant"),
    [("2", "já paguei"), (" 1. ", "quero a segunda via"), ("opção 2", "já paguei"), ("3", "3"), ("0", "0")],
)
def test_a_number_means_the_button(text, meant):
    assert chosen_text(tracker(MENU), text) == meant


@pytest.mark.parametrize("text", ["2 vias", "quero 1", "11144477735", ""])
def test_anything_else_is_what_it_says(text):
    assert chosen_text(tracker(MENU), text) == text


def test_only_the_last_thing_said_is_answered():
    later = tracker(MENU, UserUttered("pix"), BotUttered("Qual fatura?"))

    assert chosen_text(later, "2") == "2"
    assert chosen_text(tracker(), "2") == "2"
