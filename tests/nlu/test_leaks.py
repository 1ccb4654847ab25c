"""No message is both learnt and tested."""

from __future__ import annotations

from billing.settings import PROJECT_ROOT
from deploy.evaluation.messages import FOLDER, leaks, load, training_texts

PARTS = sorted(path.stem for path in FOLDER.glob("*.yml"))


def test_the_check_finds_equal_and_nearly_equal_messages() -> None:
    training = ["Quero a segunda via do boleto!", "minha internet caiu de novo hoje", "oi"]
    tested = [
        "quero a segunda via do boleto",
        "minha internet caiu de novo hoje cedo",
        "oi",
        "bom dia, tudo bem aí?",
    ]
    assert [pair[1] for pair in leaks(training, tested)] == tested[:2]


def test_no_tested_message_stands_in_the_training_data() -> None:
    assert PARTS
    tested = [example.text for example in load(*PARTS)]
    assert leaks(training_texts(PROJECT_ROOT / "data" / "nlu"), tested) == []


def test_no_message_stands_in_two_parts() -> None:
    for part in PARTS:
        others = [example.text for example in load(*(name for name in PARTS if name != part))]
        assert leaks(others, [example.text for example in load(part)]) == []
