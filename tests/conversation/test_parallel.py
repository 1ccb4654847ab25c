"""Many customers at once: the action server waits for the ERP with all of them, not one after the other."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests
import yaml

from billing.settings import PROJECT_ROOT
from tests.stack import KEYS

if TYPE_CHECKING:
    from tests.conversation.conftest import Customers
    from tests.stack import Conversation, Stack

pytestmark = pytest.mark.xdist_group("stack")

AT_ONCE = 64
ROUNDS = 3
ERP_SECONDS = 1.0
"""So long that even a busy machine has begun all calls before the first one ends."""


@pytest.fixture
def call(stack: Stack, customer: Customers) -> dict[str, Any]:
    """A call of `action_list_invoices` for a verified customer with one contract.

    The action server is a new one: after tests in which SGP throttled it, it asks for fewer answers at once.
    """
    stack.kill_actions()
    stack.start_actions()
    conversation = customer("maria")
    conversation.hear("quero meu boleto")
    conversation.identify()
    stack.sandbox.fault("titulos", "latency", seconds=ERP_SECONDS)
    return _call_about(conversation)


def _call_about(conversation: Conversation) -> dict[str, Any]:
    domain = yaml.safe_load((PROJECT_ROOT / "domain.yml").read_text(encoding="utf-8"))
    return {
        "next_action": "action_list_invoices",
        "sender_id": conversation.sender_id,
        "tracker": {
            "sender_id": conversation.sender_id,
            "slots": {"contract": str(conversation.customer["contracts"][0])},
            "latest_message": {"intent": {"name": "duplicate_bill"}, "entities": [], "text": "boleto"},
            "events": [{"event": "user", "timestamp": time.time(), "text": "boleto"}],
            "paused": False,
            "active_loop": {},
            "latest_action_name": "action_identify",
        },
        "domain": {"responses": domain["responses"]},
    }


def _outcome(stack: Stack, session: requests.Session, call: dict[str, Any]) -> str:
    call["tracker"]["events"][0]["timestamp"] = time.time()
    answer = session.post(
        f"http://127.0.0.1:{stack.environment['ACTIONS_PORT']}/webhook",
        json=call,
        headers={"X-Actions-Token": KEYS["ACTIONS_TOKEN"]},
        timeout=30,
    )
    answer.raise_for_status()
    slots = {event["name"]: event["value"] for event in answer.json()["events"]}
    outcome: str = slots["invoices_outcome"]
    return outcome


def test_parallel_action_calls(stack: Stack, call: dict[str, Any]) -> None:
    rounds = []
    with requests.Session() as session, ThreadPoolExecutor(AT_ONCE) as callers:
        session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=AT_ONCE))
        for _ in range(ROUNDS):
            began = time.perf_counter()
            assert _outcome(stack, session, call) == "found"
            one = time.perf_counter() - began
            began = time.perf_counter()
            outcomes = list(callers.map(lambda _: _outcome(stack, session, call), range(AT_ONCE)))
            everyone = time.perf_counter() - began
            assert outcomes == ["found"] * AT_ONCE
            rounds.append((everyone / one, one, everyone))
    ratio, one, everyone = min(rounds)
    peak = stack.sandbox.log()["peak_concurrency"]["titulos"]
    figures = f"one call {one:.3f} s, {AT_ONCE} at once {everyone:.3f} s, at the ERP at once {peak}"
    print(figures)  # noqa: T201 - pytest shows it with -s and -rP
    assert peak >= 48, figures
    assert ratio <= 2, figures
