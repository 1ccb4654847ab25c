"""Content templates: made by the bot, filled in when a message uses them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.twilio.account import ACCOUNT_SID
from sandbox.twilio.errors import Refusal
from sandbox.twilio.messages import Button, new_sid

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = Any

_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True)
class Content:
    """One content resource.

    Attributes:
        sid: Twilio's id.
        description: `friendly_name`, `language`, `variables` and `types` as the bot gave them.
        created: ISO 8601.
    """

    sid: str
    description: Json
    created: str

    @classmethod
    def new(cls, description: Json, created: str) -> Content:
        """A content with a fresh id."""
        return cls(new_sid("HX"), description, created)

    def resource(self) -> Json:
        """The content as the REST API tells it."""
        url = f"https://content.twilio.com/v1/Content/{self.sid}"
        return {
            "sid": self.sid,
            "account_sid": ACCOUNT_SID,
            "friendly_name": self.description.get("friendly_name"),
            "language": self.description["language"],
            "variables": self.description.get("variables", {}),
            "types": self.description["types"],
            "date_created": self.created,
            "date_updated": self.created,
            "url": url,
            "links": {
                "approval_create": f"{url}/ApprovalRequests/whatsapp",
                "approval_fetch": f"{url}/ApprovalRequests",
            },
        }

    def filled(self, variables: Mapping[str, str]) -> Json:
        """The description with variables in place, those of the message before the content's own.

        Raises:
            Refusal: 21656, a variable has no value.
        """
        values = {**self.description.get("variables", {}), **variables}
        filled = _fill(self.description["types"], values)
        return {"language": self.description["language"], "types": filled}


def read_variables(text: str | None) -> dict[str, str]:
    """Reads `ContentVariables`.

    Raises:
        Refusal: 21656, it is no JSON object of texts.
    """
    if text is None:
        return {}
    try:
        values = json.loads(text)
    except ValueError:
        raise Refusal(21656, "not JSON") from None
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise Refusal(21656, "not an object of texts")
    return values


def shown(types: Json) -> tuple[str, tuple[Button, ...]]:
    """Body and buttons that a person sees; the richest type that WhatsApp shows wins."""
    if "twilio/list-picker" in types:
        picker = types["twilio/list-picker"]
        return picker["body"], tuple(Button(item["item"], item["id"]) for item in picker["items"])
    if "twilio/quick-reply" in types:
        reply = types["twilio/quick-reply"]
        return reply["body"], tuple(Button(action["title"], action["id"]) for action in reply["actions"])
    return types["twilio/text"]["body"], ()


def _fill(node: Json, values: Mapping[str, str]) -> Json:
    if isinstance(node, list):
        return [_fill(item, values) for item in node]
    if isinstance(node, dict):
        return {key: _fill(value, values) for key, value in node.items()}
    try:
        return _VARIABLE.sub(lambda match: values[match[1]], node)
    except KeyError as missing:
        raise Refusal(21656, f"no value for variable {missing}") from None
