"""Random walks through the dialogue: whatever is said in whatever order, some things never happen."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import yaml

from billing.settings import PROJECT_ROOT, VAR_DIR
from sandbox.sgp.customers import CUSTOMERS
from tests.conversation import checks
from tests.conversation.player import Talk, change, setting_of
from tests.conversation.script import Changes, FaultSetting
from tests.conversation.test_bad_input import NONSENSE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sandbox.sgp.model import Customer
    from tests.conversation.heard import Heard
    from tests.stack import Stack

TURNS = 20
FAULT_KINDS = ("500", "403", "html", "garbage", "dropped", "dropped_after", "empty_json")
"""Those that fail at once; the slow ones have tests of their own."""
ENDPOINTS = (
    "*",
    "consultacliente",
    "titulos",
    "fatura2via",
    "verificaacesso",
    "liberacaopromessa",
    "chamado",
)
UNKNOWN_DOCUMENTS = ("935.411.347-80", "45.997.418/0001-53")
IMPOSSIBLE_DOCUMENTS = ("111.444.777-36", "1234567890", "11.222.333/0001-80", "00000000000")
NUMBERS = ("1", "2", "3", "4", "9", "0", "a primeira", "2ª", "a última", "todas", "a mais antiga")
CRASH = re.compile(r"Traceback \(most recent|turn failed|Exception occurred")
LATER_MINUTES = (1, 20, 70)

_ANNOTATION = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")


@dataclass(frozen=True)
class Step:
    """One turn of a walk.

    Attributes:
        says: The message.
        means: Intent of the example, or "document", "number", "nonsense".
        changes: What happens before it.
    """

    says: str
    means: str
    changes: Changes


@lru_cache
def examples() -> dict[str, tuple[str, ...]]:
    """What customers write, by intent: the training examples and the development messages."""
    found: dict[str, list[str]] = {}
    for path in sorted((PROJECT_ROOT / "data" / "nlu").glob("*.yml")):
        for item in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            lines = (line.removeprefix("- ") for line in item.get("examples", "").splitlines())
            found.setdefault(item.get("intent", ""), []).extend(
                _ANNOTATION.sub(r"\1", line) for line in lines
            )
    messages = PROJECT_ROOT / "tests" / "nlu" / "messages" / "development.yml"
    for item in yaml.safe_load(messages.read_text("utf-8")):
        found.setdefault(item["intents"][0], []).append(item["text"])
    found.pop("", None)
    return {intent: tuple(texts) for intent, texts in sorted(found.items())}


def walk_of(seed: int) -> tuple[str, tuple[Step, ...]]:
    """The demo customer and the steps that a seed stands for."""
    draw = random.Random(seed)  # noqa: S311 - a walk, not a secret
    customer = draw.choice(CUSTOMERS)
    return customer.key, tuple(_step(draw, customer) for _ in range(TURNS))


def _step(draw: random.Random, customer: Customer) -> Step:
    ((make, _),) = draw.choices(STEPS, weights=[weight for _, weight in STEPS])
    means, says = make(draw, customer)
    return Step(says, means, _changes(draw, customer))


def _example(draw: random.Random, _customer: Customer) -> tuple[str, str]:
    intent = draw.choice(list(examples()))
    return intent, draw.choice(examples()[intent])


def _yes(draw: random.Random, _customer: Customer) -> tuple[str, str]:
    return "affirm", draw.choice(examples()["affirm"])


def _number(draw: random.Random, _customer: Customer) -> tuple[str, str]:
    return "number", draw.choice(NUMBERS)


def _nonsense(draw: random.Random, _customer: Customer) -> tuple[str, str]:
    return "nonsense", draw.choice(list(NONSENSE.values()))


def _document(draw: random.Random, customer: Customer) -> tuple[str, str]:
    others = [other.document for other in CUSTOMERS if other is not customer]
    kinds = ((customer.document,), others, UNKNOWN_DOCUMENTS, IMPOSSIBLE_DOCUMENTS)
    (kind,) = draw.choices(kinds, weights=(7, 1, 1, 1))
    return "document", draw.choice(kind)


STEPS = ((_example, 58), (_document, 15), (_number, 12), (_yes, 10), (_nonsense, 5))
"""Makers of steps and their shares in percent."""


def _changes(draw: random.Random, customer: Customer) -> Changes:
    owes = any(title.paid_after is None for contract in customer.contracts for title in contract.titles)
    fault = FaultSetting(
        endpoint=draw.choice(ENDPOINTS), kind=draw.choice(FAULT_KINDS), times=draw.choice((1, 2, 3, 9))
    )
    changes = (
        (Changes(), 78),
        (Changes(fault=(fault,)), 8),
        (Changes(heal=True), 8),
        (Changes(later=draw.choice(LATER_MINUTES)), 4),
        (Changes(pay=(1,) if owes else ()), 2),
    )
    ((drawn, _),) = draw.choices(changes, weights=[weight for _, weight in changes])
    return drawn


class Stumble(Exception):
    """A walk on which something happened that never must; the text is the transcript."""


def walk(stack: Stack, customer: str, steps: Sequence[Step]) -> None:
    """Go the steps.

    Raises:
        Stumble: At the first turn that is wrong.
    """
    stack.sandbox.reset()
    conversation = stack.sender(customer)
    setting = setting_of(stack, customer)
    talk = Talk(conversation)
    logs = {path: path.stat().st_size for path in _logs(stack)}
    for step in steps:
        change(conversation, step.changes, setting)
        before = tuple(talk.turns)
        heard = talk.say(step.says)
        found = [*checks.always(heard, before), *write_problems(heard, before, step.means)]
        found += [f"{path.name}: {crash}" for path, start in logs.items() for crash in _crashes(path, start)]
        if found:
            marked = "\n".join(f"    !! {complaint}" for complaint in found)
            raise Stumble(f"{customer}, meant: {step.means}\n{talk.transcript()}\n{marked}")


def write_problems(heard: Heard, before: Sequence[Heard], means: str) -> Iterator[str]:
    """No unblock without an explicit yes to its question, one for each yes; no ticket for strangers."""
    counts = Counter(heard.calls)
    asked = before and "consent" in checks.asked_in(before[-1])
    unblocks = counts[checks.WRITES["unblock"]]
    if unblocks and not (asked and means == "affirm"):
        yield "an unblock without an explicit yes"
    if unblocks > 1:
        yield f"{unblocks} unblocks for one yes"
    tickets = counts[checks.WRITES["ticket"]]
    if tickets and not heard.identified:
        yield "a ticket for a stranger"
    if tickets > 1:
        yield f"{tickets} tickets in one turn"


def shorten(stack: Stack, customer: str, steps: Sequence[Step]) -> tuple[Step, ...]:
    """Leave out every step without which the walk still fails, in one pass from the end."""
    needed = list(steps)
    for index in reversed(range(len(steps))):
        shorter = [*needed[:index], *needed[index + 1 :]]
        try:
            walk(stack, customer, shorter)
        except Stumble:
            needed = shorter
    return tuple(needed)


def _logs(stack: Stack) -> list[Path]:
    names = (("actions", "ACTIONS_PORT"), ("bot", "BOT_PORT"))
    return [VAR_DIR / "log" / f"{name}-{stack.environment[port]}.log" for name, port in names]


def _crashes(path: Path, start: int) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="replace") as log:
        log.seek(start)
        yield from CRASH.findall(log.read())
