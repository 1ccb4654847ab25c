"""One running stack for the whole folder; every test begins with a fresh SGP and fresh senders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.stack import Conversation, Stack, running_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Customers = Callable[[str], Conversation]


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture
def stack(_running: Stack) -> Stack:
    """The running bot, with its usual settings, the sandbox SGP as it was at start and no desk connected."""
    _running.sandbox.reset()
    _running.desk.reset()
    _running.configure({})
    return _running


@pytest.fixture
def customer(stack: Stack, request: pytest.FixtureRequest) -> Customers:
    """Opens conversations by the demo customer's key; a failing test shows what was said in them."""
    opened: list[Conversation] = []
    request.node.conversations = opened

    def open_conversation(key: str) -> Conversation:
        opened.append(stack.sender(key))
        return opened[-1]

    return open_conversation


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.failed:
        for conversation in getattr(item, "conversations", []):
            report.sections.append((f"conversation of {conversation.customer['key']}", conversation.story()))
    return report
