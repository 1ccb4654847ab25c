"""Each conversation of `tests/conversations/` goes as it is written there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conversation.player import WrongTurn, play
from tests.conversation.script import FOLDER, Script, read_scripts

if TYPE_CHECKING:
    from tests.stack import Stack

pytestmark = pytest.mark.xdist_group("stack")

SCRIPTS = [(path.stem, script) for path in sorted(FOLDER.glob("*.yml")) for script in read_scripts(path)]


@pytest.mark.parametrize(
    ("theme", "script"), SCRIPTS, ids=[f"{theme}: {script.name}" for theme, script in SCRIPTS]
)
def test_conversation(theme: str, script: Script, stack: Stack, record_property) -> None:
    try:
        answered = play(stack, script, f"{theme}.yml, {script.name}")
    except WrongTurn as wrong:
        pytest.fail(str(wrong), pytrace=False)
    for request in answered:
        record_property("messages_to_delivery", f"{request.limit} {request.count}")
