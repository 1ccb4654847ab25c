"""The action server: rasa-sdk's own application, closed to everybody but the Rasa server."""

from __future__ import annotations

import hmac
import logging
from typing import TYPE_CHECKING

from rasa_sdk.endpoint import create_app
from sanic import response
from sanic.exceptions import SanicException
from sanic.handlers import ErrorHandler

from billing.correlation import TURN_HEADER, begin_turn
from billing.settings import settings

if TYPE_CHECKING:
    from sanic import Sanic
    from sanic.request import Request
    from sanic.response import HTTPResponse

logger = logging.getLogger(__name__)

TOKEN_HEADER = "X-Actions-Token"  # noqa: S105 - the header's name, not the secret


def build_app() -> Sanic:
    """Make the application.

    Returns:
        rasa-sdk's routes behind the shared secret, without CORS; errors are answered without the tracker.
    """
    secret = settings().actions_token.get_secret_value()
    app = create_app("actions", cors_origins=None)

    async def check_secret(request: Request) -> HTTPResponse | None:
        begin_turn(request.headers.get(TURN_HEADER))
        if request.path == "/health":
            return None
        given = request.headers.get(TOKEN_HEADER, "").encode(errors="replace")
        if hmac.compare_digest(given, secret.encode()):
            return None
        return response.json({"error": "forbidden"}, status=403)

    async def answer_error(request: Request, exception: Exception) -> HTTPResponse:  # noqa: ARG001 - Sanic's signature
        if isinstance(exception, SanicException) and exception.status_code < 500:  # noqa: PLR2004 - HTTP's classes
            return response.json({"error": "refused"}, status=exception.status_code)
        logger.error("action failed: %s", type(exception).__name__)
        return response.json({"error": "internal error"}, status=500)

    app.register_middleware(check_secret, "request")
    # rasa-sdk's handler answers with the whole request, and that is the whole conversation.
    app.error_handler = ErrorHandler()
    app.error_handler.add(Exception, answer_error)
    return app
