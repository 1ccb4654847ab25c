"""Rasa's own validation of domain, rules and examples, which knows nothing of what the actions say."""

from __future__ import annotations

import shutil

from billing.settings import PROJECT_ROOT
from deploy.validation import problems_of


def test_the_project_is_valid():
    assert problems_of(PROJECT_ROOT / "domain.yml", PROJECT_ROOT / "data") == []


def plant(path, *replacements):
    content = path.read_text("utf-8")
    for text, planted in replacements:
        assert text in content
        content = content.replace(text, planted)
    path.write_text(content, "utf-8")


def test_planted_faults_are_found(tmp_path):
    data, domain = tmp_path / "data", tmp_path / "domain.yml"
    shutil.copytree(PROJECT_ROOT / "data", data)
    shutil.copy(PROJECT_ROOT / "domain.yml", domain)
    plant(
        data / "rules" / "greetings.yml",
        ("      - intent: greet\n", "      - intent: salute\n"),
        ("utter_greet", "utter_hail"),
    )
    # Like the two intents that need no examples, but for its name.
    plant(domain, ("  - voice_message\n", "  - voice_message\n  - video_message\n"))

    found = problems_of(domain, data)

    for planted in ("salute", "utter_hail", "video_message"):
        assert any(planted in warning for warning in found), found
    assert not any("voice_message" in warning for warning in found), found
