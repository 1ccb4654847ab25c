"""A channel for the tests: JSON in, the turn's messages out, as every real channel fills a `UserMessage`.

Rasa's own `rest` says neither which message it is nor what kind of one. This one checks nobody, and so is
only ever named by the credentials file of a test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response

from addons.answer import ComposedOutput

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sanic.request import Request
    from sanic.response import HTTPResponse


class JsonChannel(InputChannel):
    """POST `{"sender", "message", "message_id", "kind"}`; the answer is a list, as of Rasa's `rest`."""

    @classmethod
    def name(cls) -> str:
        return "json"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        routes = Blueprint("json_channel")

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            given = request.json
            output = ComposedOutput()
            await on_new_message(
                UserMessage(
                    given["message"],
                    output,
                    given["sender"],
                    input_channel=self.name(),
                    message_id=given["message_id"],
                    metadata={"kind": given["kind"]},
                )
            )
            return response.json(output.messages)

        return routes
