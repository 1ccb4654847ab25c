"""Every regular expression of the product, and texts on which a careless one takes for ever."""

from __future__ import annotations

import ast
import importlib
import re
import sre_constants
import sre_parse
import time
from dataclasses import dataclass
from itertools import groupby, product
from typing import TYPE_CHECKING, Any

from addons.nlu.hygiene import MAX_CHARACTERS
from addons.whatsapp.form import MAX_TEXT
from billing.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = ("billing", "actions", "addons")
FUNCTIONS = {"search", "match", "fullmatch", "split", "sub", "subn", "findall", "finditer"}
ANCHORED = {"match", "fullmatch"}
SLOW = 0.005
"""Seconds of processor time below which growth does not matter."""
GROWTH = 3.2
"""Times as long for a text of twice the length: 2 is linear, 4 quadratic."""
MOST_SAMPLES = 10

_NESTED = {
    sre_constants.MAX_REPEAT: 2,
    sre_constants.MIN_REPEAT: 2,
    sre_constants.SUBPATTERN: 3,
    sre_constants.ASSERT: 1,
    sre_constants.ASSERT_NOT: 1,
}
"""Parts of a pattern that hold another, and where."""


def compiled_in(value: Any, depth: int = 2) -> Iterator[re.Pattern[str]]:
    """Patterns in a module's or a class's value, also inside tuples, lists and dictionaries."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, (tuple, list, set, frozenset)):
        for each in value:
            yield from compiled_in(each, depth - 1)
    elif depth and isinstance(value, dict):
        for each in value.values():
            yield from compiled_in(each, depth - 1)


@dataclass(frozen=True)
class Used:
    """A pattern and how the product looks for it.

    Attributes:
        pattern: The pattern.
        anchored: Whether it is only ever tried at one place, by `match` or `fullmatch`.
        longest: Characters of the longest text that it sees.
    """

    pattern: re.Pattern[str]
    anchored: bool
    longest: int = 2 * MAX_TEXT

    def seconds(self, text: str) -> float:
        """Processor time in which it is looked for, the best of three when it is slow."""
        best = float("inf")
        for _ in range(3):
            started = time.thread_time()
            self.pattern.fullmatch(text)
            if not self.anchored:
                for _match in self.pattern.finditer(text):
                    pass
            best = min(best, time.thread_time() - started)
            if best < SLOW:
                break
        return best


def project_patterns() -> dict[str, Used]:
    """Every pattern by the place where it stands: those that modules keep, and literals given to `re`."""
    found: dict[str, Used] = {}
    for package in PACKAGES:
        for path in sorted((PROJECT_ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text("utf-8"))
            calls = _calls(tree)
            # What MessageHygiene lets through.
            longest = MAX_CHARACTERS if "nlu" in path.parts else 2 * MAX_TEXT
            for line, method, literal in _literals(tree):
                used = Used(re.compile(literal), method in ANCHORED, longest)
                found[f"{path.relative_to(PROJECT_ROOT)}:{line}"] = used
            if path.stem in {"__main__", "__init__"}:
                continue
            module = importlib.import_module(".".join(path.relative_to(PROJECT_ROOT).with_suffix("").parts))
            classes = [value for value in vars(module).values() if isinstance(value, type)]
            for holder in (module, *(each for each in classes if each.__module__ == module.__name__)):
                for name, value in vars(holder).items():
                    anchored = name in calls and calls[name] <= ANCHORED
                    for place, pattern in enumerate(compiled_in(value)):
                        found[f"{module.__name__}.{name}.{place}"] = Used(pattern, anchored, longest)
    return {place: used for place, used in found.items() if isinstance(used.pattern.pattern, str)}


def _calls(tree: ast.AST) -> dict[str, set[str]]:
    """The methods that are called on each name."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, (ast.Name, ast.Attribute)):
            name = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            found.setdefault(name, set()).add(node.attr)
        elif isinstance(node, ast.Call):
            # Whoever is given a pattern may search with it.
            for argument in node.args:
                if isinstance(argument, ast.Name):
                    found.setdefault(argument.id, set()).add("given away")
    return found


def _literals(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Line, function and pattern of each call like `re.sub("...", ...)`."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in FUNCTIONS
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node.lineno, node.func.attr, str(node.args[0].value)


def samples(pattern: re.Pattern[str]) -> list[str]:
    """Characters and words that the pattern can take, the repeated ones first."""
    found: list[str] = []
    _collect(sre_parse.parse(pattern.pattern, pattern.flags), found)
    return list(dict.fromkeys(found))[:MOST_SAMPLES]


def _collect(tree: Any, found: list[str]) -> None:
    for literal, others in groupby(tree, lambda item: item[0] is sre_constants.LITERAL):
        if literal:
            found.append("".join(chr(code) for _, code in others))
        else:
            for operator, argument in others:
                _collect_from(operator, argument, found)


def _collect_from(operator: Any, argument: Any, found: list[str]) -> None:
    if operator is sre_constants.IN:
        found.extend(_members(argument))
    elif operator is sre_constants.BRANCH:
        for branch in argument[1]:
            _collect(branch, found)
    elif operator in _NESTED:
        _collect(argument[_NESTED[operator]], found)
    elif operator in {sre_constants.ANY, sre_constants.NOT_LITERAL}:
        found.append("~")


def _members(members: Any) -> Iterator[str]:
    categories = {
        sre_constants.CATEGORY_DIGIT: "1",
        sre_constants.CATEGORY_SPACE: " ",
        sre_constants.CATEGORY_WORD: "a",
    }
    for operator, argument in members[:4]:
        if operator is sre_constants.LITERAL:
            yield chr(argument)
        elif operator is sre_constants.RANGE:
            yield chr(argument[0])
        elif operator is sre_constants.CATEGORY:
            yield categories.get(argument, "~")
        elif operator is sre_constants.NEGATE:
            yield "~"


def attacks(pattern: re.Pattern[str], length: int) -> Iterator[str]:
    """Texts of about a length that begin well, go on for ever, and end wrongly."""
    pieces = samples(pattern)
    for first, second in product(["", *pieces], pieces):
        unit = first + second
        yield unit * (length // len(unit)) + "\x00"
        if first:
            yield first + second * (length // len(second)) + "\x00"


def superlinear(used: Used) -> str | None:
    """A text on which the time grows much faster than the length; None when none was found."""
    halves, wholes = (attacks(used.pattern, length) for length in (used.longest // 2, used.longest))
    for short, long in zip(halves, wholes, strict=True):
        before = used.seconds(short)
        if before <= SLOW / 4:
            continue
        # A first look that other work has slowed down would hide the growth.
        before = min(before, used.seconds(short), used.seconds(short))
        if used.seconds(long) > max(SLOW, GROWTH * before):
            return long
    return None
