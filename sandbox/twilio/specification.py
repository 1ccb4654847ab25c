"""The operations that the bot calls, as OpenAPI describes them, and requests checked against that.

Stricter than the description in one point: a parameter that it does not name is refused. Twilio ignores such,
which would hide a misspelt name until a customer misses what it was for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jsonschema import Draft4Validator, FormatChecker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jsonschema.exceptions import ValidationError

Json = Any

_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"
_METHODS = ("get", "post")
_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("uri")
def _is_web_address(value: object) -> bool:
    try:
        parts = urlsplit(str(value))
    except ValueError:
        return False
    host = parts.hostname or "_"
    return parts.scheme in ("http", "https") and "_" not in host


@_FORMATS.checks("date-time", raises=ValueError)
def _is_date(value: object) -> bool:
    read_date(str(value))
    return True


@dataclass(frozen=True)
class Problem:
    """What is wrong with a request.

    Attributes:
        parameter: Its name; of a nested value the way to it.
        kind: JSON Schema's keyword: "required", "additionalProperties" for an unknown one, "pattern" …;
            "repeated" for a single value that came several times.
        text: For the developer.
    """

    parameter: str
    kind: str
    text: str


class Operation:
    """One operation of the API.

    Args:
        description: OpenAPI's operation object, references resolved.
    """

    def __init__(self, description: Json) -> None:
        self.name: str = description["operationId"]
        query = [item for item in description.get("parameters", ()) if item["in"] == "query"]
        content = description.get("requestBody", {}).get("content", {})
        self._query = _closed({"properties": {item["name"]: item["schema"] for item in query}})
        self._form = _closed(content.get(_FORM, {}).get("schema", {}))
        self._json = _validator(content.get(_JSON, {}).get("schema", {}))
        self._answers = {
            # Without formats: Twilio's own answers hold relative addresses where it describes full ones.
            int(status): Draft4Validator(answer["content"][_JSON]["schema"])
            for status, answer in description["responses"].items()
        }

    def read_query(self, pairs: Iterable[tuple[str, str]]) -> tuple[Json, list[Problem]]:
        """Reads a query string.

        Args:
            pairs: Names and values as they came.

        Returns:
            Values by name, typed as described, and what is wrong with them.
        """
        return _read(self._query, pairs)

    def read_form(self, pairs: Iterable[tuple[str, str]]) -> tuple[Json, list[Problem]]:
        """Reads a form body, as `read_query` does."""
        return _read(self._form, pairs)

    def check_json(self, body: Json) -> list[Problem]:
        """What is wrong with a JSON body."""
        return _problems(self._json, body)

    def check_answer(self, status: int, body: Json) -> list[Problem]:
        """What is wrong with an answer; the status must be a described one."""
        return _problems(self._answers[status], body)


def read_date(text: str) -> date | datetime:
    """A day, or a moment with its zone, as filters of lists write them.

    Raises:
        ValueError: Neither.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        if moment.tzinfo is None:
            raise ValueError("a moment needs its zone") from None
        return moment


def load_operations() -> Mapping[str, Operation]:
    """The operations by their `operationId`."""
    operations = {}
    for name in ("openapi.json", "content.json"):
        document = json.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
        for path in document["paths"].values():
            for method in set(path) & set(_METHODS):
                operation = Operation(_resolved(path[method], document))
                operations[operation.name] = operation
    return operations


def _resolved(node: Json, document: Json) -> Json:
    """Replaces references by what they name, and OpenAPI's `nullable` by a second type."""
    if isinstance(node, list):
        return [_resolved(item, document) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return _resolved(target, document)
    resolved = {key: _resolved(value, document) for key, value in node.items() if key != "nullable"}
    if node.get("nullable") is True and "type" in resolved:
        resolved["type"] = [resolved["type"], "null"]
    return resolved


def _validator(schema: Json) -> Draft4Validator:
    # OpenAPI 3.0 extends JSON Schema's draft of before draft 5: limits and their exclusion as it has them.
    return Draft4Validator(schema, format_checker=_FORMATS)


def _closed(schema: Json) -> Draft4Validator:
    return _validator({"type": "object", **schema, "additionalProperties": False})


def _read(validator: Draft4Validator, pairs: Iterable[tuple[str, str]]) -> tuple[Json, list[Problem]]:
    description: Json = validator.schema
    properties = description.get("properties", {})
    values: dict[str, Any] = {}
    repeated = []
    for name, text in pairs:
        schema = properties.get(name, {})
        if schema.get("type") == "array":
            values.setdefault(name, []).append(_typed(text, schema["items"]))
            continue
        if name in values:
            repeated.append(Problem(name, "repeated", f"{name} was given more than once"))
        values[name] = _typed(text, schema)
    return values, repeated + _problems(validator, values)


def _typed(text: str, schema: Json) -> str | int | float | bool:
    """The text as the described type; unchanged, for the validator to refuse, when it reads as no such."""
    kind = schema.get("type")
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
    except ValueError:
        pass
    return text


def _problems(validator: Draft4Validator, value: Json) -> list[Problem]:
    return [problem for error in validator.iter_errors(value) for problem in _named(error)]


def _named(error: ValidationError) -> Iterator[Problem]:
    schema: Json = error.schema
    instance: Json = error.instance
    wanted: Json = error.validator_value
    way = [str(step) for step in error.absolute_path]
    names = [""]
    if error.validator == "required":
        # Each missing name is an error of its own, which tells the name in its message only.
        names = [name for name in wanted if error.message.startswith(repr(name))]
    elif error.validator == "additionalProperties":
        names = sorted(set(instance) - set(schema.get("properties", ())))
    for name in names:
        parameter = "/".join([*way, name] if name else way)
        yield Problem(parameter, str(error.validator), error.message)
