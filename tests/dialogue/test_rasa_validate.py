"""Rasa's own validation of domain, rules and examples, which knows nothing of what the actions say."""

from __future__ import annotations

import shutil

import pytest

from billing.settings import PROJECT_ROOT
from deploy.validation import problems_of


def test_the_project_is_valid():
    assert problems_of(PROJECT_ROOT / "domain.yml", PROJECT_ROOT / "data") == []


@pytest.mark.parametrize(
    ("text", "planted", "expected"),
    [
        ("      - intent: greet\n", "      - intent: salute\n", "salute"),
        ("utter_greet", "utter_hail", "utter_hail"),
    ],
)
def test_a_planted_fault_is_found(tmp_path, text, planted, expected):
    data = tmp_path / "data"
    shutil.copytree(PROJECT_ROOT / "data", data)
    rules = data / "rules" / "greetings.yml"
    content = rules.read_text("utf-8")
    assert text in content
    rules.write_text(content.replace(text, planted), "utf-8")

    found = problems_of(PROJECT_ROOT / "domain.yml", data)

    assert any(expected in warning for warning in found), found
