"""Mistyped copies: they look mistyped, come from training alone, and are the same every time."""

from __future__ import annotations

import functools
import random

from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from addons.nlu.noise import COPY_OF, TypingNoise, mistype

RNG = functools.partial(random.Random, 1)
TEXT = "preciso da segunda via do boleto desse mês, cpf 529.982.247-25"


def copies(text=TEXT, **options):
    component = TypingNoise({**TypingNoise.get_default_config(), **options})
    data = component.process_training_data(TrainingData([Message({"text": text, "intent": "bill"})]))
    return [example for example in data.training_examples if example.get(COPY_OF)]


def test_each_example_gets_one_mistyped_copy_that_knows_its_original():
    (copy,) = copies(share=1.0)
    assert copy.get("intent") == "bill"
    assert copy.get(COPY_OF) == TEXT != copy.get("text")


def test_short_words_and_numbers_stay():
    mistyped = mistype(TEXT, 1.0, RNG()).split()
    kept = [word for word in TEXT.split() if len(word) < 4 or not word.isalpha()]
    assert [word for word in kept if word in mistyped] == kept


def test_the_copies_are_the_same_every_time():
    assert copies() == copies()


def test_customers_messages_are_left_alone():
    message = Message({"text": TEXT})
    assert TypingNoise(TypingNoise.get_default_config()).process([message])[0].get("text") == TEXT


@given(st.text(max_size=80))
def test_any_text_can_be_mistyped(text):
    assert mistype(text, 1.0, RNG()).count(" ") == text.count(" ")
