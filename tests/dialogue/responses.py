"""Whether domain.yml, the rules, the forms and the actions' code speak of the same responses and outcomes."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

WHATSAPP_LIMIT = 1600
"""Characters that Twilio takes in one WhatsApp message."""

NO_RESPONSE = {"utter_action"}
"""Rasa's key for the name of the response that a message came from."""

_VARIABLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Use:
    """A place that says a response.

    Attributes:
        response: Its name.
        where: File, rule or form, for messages.
        given: Variables that the place fills.
    """

    response: str
    where: str
    given: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Dialogue:
    """Domain and stories, as YAML gives them."""

    domain: dict[str, Any]
    stories: tuple[dict[str, Any], ...]

    @classmethod
    def read(cls, domain: Path, data: Path) -> Dialogue:
        """Read the project's files."""
        stories = []
        for path in sorted(data.rglob("*.yml")):
            content = yaml.safe_load(path.read_text("utf-8"))
            stories += [*content.get("rules", []), *content.get("stories", [])]
        return cls(yaml.safe_load(domain.read_text("utf-8")), tuple(stories))

    @property
    def responses(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = self.domain["responses"]
        return found

    @property
    def action_names(self) -> set[str]:
        listed = self.domain["actions"]
        return {item if isinstance(item, str) else next(iter(item)) for item in listed}

    def outcome_values(self) -> dict[str, set[str]]:
        """Values of every slot that actions branch the dialogue by."""
        slots = self.domain["slots"].items()
        return {name: set(slot["values"]) for name, slot in slots if name.endswith("_outcome")}

    def uses(self) -> Iterator[Use]:
        """Responses that rules, stories and forms say."""
        for story in self.stories:
            title = story.get("rule") or story.get("story")
            for step in story["steps"]:
                if step.get("action", "").startswith("utter_"):
                    yield Use(step["action"], str(title))
        for form, description in self.domain["forms"].items():
            for slot in description["required_slots"]:
                yield from self._ask(form, slot)

    def _ask(self, form: str, slot: str) -> Iterator[Use]:
        names = (f"ask_{form}_{slot}", f"ask_{slot}")
        if not any(f"action_{name}" in self.action_names for name in names):
            yield Use(
                next((f"utter_{n}" for n in names if f"utter_{n}" in self.responses), f"utter_{names[1]}"),
                form,
            )


def uses_in_code(source: str, where: str) -> list[Use]:
    """Responses that a Python module says, with the variables it gives them."""
    tree = ast.parse(source)
    uses: list[Use] = []
    seen: set[ast.AST] = set()
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or getattr(call.func, "attr", "") != "utter_message":
            continue
        for keyword in call.keywords:
            if keyword.arg == "response":
                given = frozenset(other.arg for other in call.keywords if other.arg) - {"response"}
                named = list(_names(keyword.value))
                if not named:
                    raise AssertionError(
                        f"{where}:{call.lineno}: a response that can't be read from the code"
                    )
                seen.update(named)
                uses += [Use(node.value, where, given) for node in named]
    uses += [Use(f"utter_ask_{slot}", where) for slot in _slots_added(tree)]
    return uses + [Use(node.value, where) for node in _names(tree) if node not in seen]


def _slots_added(tree: ast.AST) -> Iterator[str]:
    """Slots that a form's code asks for besides the domain's: `[*domain_slots, "…"]`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.List) and any(
            isinstance(each, ast.Starred) and getattr(each.value, "id", "") == "domain_slots"
            for each in node.elts
        ):
            yield from (each.value for each in node.elts if isinstance(each, ast.Constant))


def _names(tree: ast.AST) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if node.value.startswith("utter_") and node.value not in NO_RESPONSE:
            yield node


def response_problems(dialogue: Dialogue, uses: Iterable[Use]) -> list[str]:
    """Unused and missing responses, and variables that nobody fills."""
    problems = []
    uses = list(uses)
    used = {use.response for use in uses}
    problems += [f"{name}: nobody says it" for name in sorted(dialogue.responses.keys() - used)]
    slots = set(dialogue.domain["slots"])
    for use in uses:
        variants = dialogue.responses.get(use.response)
        if variants is None:
            problems.append(f"{use.response}: said by {use.where}, not in the domain")
            continue
        lacking = set(_VARIABLE.findall(str(variants))) - use.given - slots
        problems += [f"{use.response}: {use.where} does not give {{{name}}}" for name in sorted(lacking)]
    return problems


def outcome_problems(dialogue: Dialogue) -> list[str]:
    """Outcomes without a rule and rules on outcomes that are none."""
    branches: dict[str, set[str]] = {}
    for story in dialogue.stories:
        for step in story["steps"]:
            for setting in step.get("slot_was_set", []):
                for slot, value in setting.items():
                    branches.setdefault(slot, set()).add(value)
    problems = []
    for slot, values in dialogue.outcome_values().items():
        ruled = branches.get(slot, set())
        problems += [f"{slot}: no rule for {value}" for value in sorted(values - ruled)]
        problems += [f"{slot}: a rule for {value}, which is no outcome" for value in sorted(ruled - values)]
    return problems


def action_problems(dialogue: Dialogue, implemented: set[str]) -> list[str]:
    """Actions that only the domain or only the code knows."""
    listed = dialogue.action_names
    return [f"{name}: in the domain, not in the code" for name in sorted(listed - implemented)] + [
        f"{name}: in the code, not in the domain" for name in sorted(implemented - listed)
    ]


def text_problems(dialogue: Dialogue) -> list[str]:
    """Texts that would reach a customer torn, cut or with placeholders."""
    problems = []
    for name, variants in dialogue.responses.items():
        for variant in variants:
            text = variant["text"]
            # Rasa's channels split a text at blank lines into several messages.
            problems += [f"{name}: a blank line"] if "\n\n" in text else []
            problems += [f"{name}: longer than {WHATSAPP_LIMIT}"] if len(text) > WHATSAPP_LIMIT else []
            leftover = re.search(r"[{}]", _VARIABLE.sub("", text))
            problems += [f"{name}: a brace that is no variable"] if leftover else []
    return problems
