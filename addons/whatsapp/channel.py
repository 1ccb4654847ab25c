"""Rasa's input channel `whatsapp`: what it answers to Twilio, which also fetches files, and to operators."""

from __future__ import annotations

import asyncio
import hmac
import logging
from typing import TYPE_CHECKING, Any

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint
from sanic.response import HTTPResponse, empty, json, raw
from sqlalchemy.exc import SQLAlchemyError

from addons.reception import desk_of
from addons.whatsapp import service
from addons.whatsapp.form import IncomingMessage, StatusUpdate, UnreadableForm, read_fields
from addons.whatsapp.media import media_answer
from addons.whatsapp.metrics import Metrics
from addons.whatsapp.outbox import OPEN
from addons.whatsapp.output import CHANNEL
from addons.whatsapp.readiness import Readiness
from addons.whatsapp.signature import SignatureCheck
from billing.correlation import turn, turn_id_of
from billing.settings import settings
from billing.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from rasa.core.channels.channel import UserMessage
    from sanic import Sanic
    from sanic.request import Request

    from addons.whatsapp.service import WhatsApp
    from billing.settings import Settings

    Handler = Callable[..., Awaitable[HTTPResponse]]

logger = logging.getLogger(__name__)

MAX_BODY = 48 * 1024
"""Bytes of a request; Sanic refuses more before reading it. Twilio's forms have a few thousand; one with the
longest text of WhatsApp in a script whose letters take nine bytes each has 40,000."""

OK, BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, UNAVAILABLE = 200, 400, 401, 403, 404, 503


class WhatsAppChannel(InputChannel):
    """Twilio's WhatsApp.

    Args:
        settings: The process's; complete for WhatsApp.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        tokens = (settings.twilio_auth_token, settings.twilio_auth_token_secondary)
        self._signature = SignatureCheck(
            tuple(token.get_secret_value() for token in tokens), settings.public_base_url
        )
        self._metrics = Metrics()
        self._whatsapp: WhatsApp | None = None
        self._readiness: Readiness | None = None

    @classmethod
    def name(cls) -> str:
        """Also the prefix of the routes: `/webhooks/whatsapp/…`."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WhatsAppChannel:  # noqa: ARG003 - Rasa's signature
        """Made from the environment; nothing in credentials.yml is read.

        Raises:
            SettingsError: When something that WhatsApp needs is not set.
        """
        settings().require_whatsapp()
        return cls(settings())

    def blueprint(self, on_new_message: Callable[[UserMessage], Coroutine[Any, Any, Any]]) -> Blueprint:
        """The routes.

        Args:
            on_new_message: Rasa's handler of one message.
        """
        made = Blueprint("whatsapp_webhook")

        async def limit(app: Sanic, _loop: object) -> None:
            app.config.REQUEST_MAX_SIZE = MAX_BODY

        async def start(app: Sanic, _loop: object) -> None:
            agent = app.ctx.agent
            self._whatsapp = await service.start(self._settings, agent, on_new_message, self._metrics)
            self._readiness = Readiness(self._whatsapp, agent, self._settings.actions_health)

        async def stop(_app: Sanic, _loop: object) -> None:
            if self._whatsapp is not None:
                await self._whatsapp.stop()

        made.listener(limit, "before_server_start")
        made.listener(start, "after_server_start")
        made.listener(stop, "before_server_stop")
        routes: tuple[tuple[str, list[str], Handler], ...] = (
            ("/webhook", ["POST"], self._webhook),
            ("/status", ["POST"], self._status),
            ("/media/<token:str>", ["GET", "HEAD"], self._media),
            ("/ready", ["GET"], self._ready),
            ("/handoff/release", ["POST"], self._release),
            ("/metrics", ["GET"], self._show_metrics),
        )
        for path, methods, handler in routes:
            made.add_route(_function(handler), path, methods=methods, name=path)
        return made

    async def _webhook(self, request: Request) -> HTTPResponse:
        form = self._signed_form(request)
        if form is None:
            return empty(FORBIDDEN)
        try:
            message = IncomingMessage.from_form(form)
        except UnreadableForm:
            self._count("unreadable")
            return empty(BAD_REQUEST)
        if self._whatsapp is None:
            return empty(UNAVAILABLE)
        with turn(turn_id_of(message.message_sid)):
            return await self._keep(message, self._whatsapp)

    async def _keep(self, message: IncomingMessage, whatsapp: WhatsApp) -> HTTPResponse:
        try:
            with whatsapp.pace.hold():
                sender_id, new = await whatsapp.intake.keep(message)
        except SQLAlchemyError as error:
            # Not acknowledged: Twilio posts it again.
            logger.error("message not kept: %s", type(error).__name__)  # noqa: TRY400 - it quotes the row
            self._count("not_kept")
            return empty(UNAVAILABLE)
        outcome = "new" if new else "repeated"
        self._count(outcome)
        logger.info("message kept", extra={"outcome": outcome})
        if new:
            whatsapp.turns.wake(sender_id)
        return empty()

    async def _status(self, request: Request) -> HTTPResponse:
        form = self._signed_form(request)
        if form is None:
            return empty(FORBIDDEN)
        try:
            update = StatusUpdate.from_form(form)
        except UnreadableForm:
            self._count("unreadable")
            return empty(BAD_REQUEST)
        if self._whatsapp is None:
            return empty(UNAVAILABLE)
        try:
            await self._whatsapp.note_status(request.args.get("id", ""), update)
        except SQLAlchemyError as error:
            logger.error("status not kept: %s", type(error).__name__)  # noqa: TRY400 - as above
            return empty(UNAVAILABLE)
        return empty()

    async def _media(self, _request: Request, token: str) -> HTTPResponse:
        if self._whatsapp is None:
            return empty(UNAVAILABLE)
        answer: HTTPResponse = await self._whatsapp.threads.run(
            media_answer, token, self._whatsapp.links, self._whatsapp.media
        )
        return answer

    async def _ready(self, _request: Request) -> HTTPResponse:
        missing = ("server",) if self._readiness is None else await self._readiness.missing()
        return json({"ready": not missing, "missing": missing}, status=UNAVAILABLE if missing else OK)

    async def _release(self, request: Request) -> HTTPResponse:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        address = _sender_in(request)
        if address is None:
            return json({"error": 'esperado: {"sender": "whatsapp:+55…"}'}, status=BAD_REQUEST)
        sender_id = Vault.from_settings(self._settings).index("address", address)
        released = await asyncio.to_thread(lambda: desk_of(self._settings).release(sender_id))
        return json({"released": released})

    async def _show_metrics(self, request: Request) -> HTTPResponse:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        if self._whatsapp is not None:
            self._metrics.busy.labels("turns").set(self._whatsapp.turns.busy)
            self._metrics.busy.labels("deliveries").set(self._whatsapp.deliveries.busy)
            failed = await self._whatsapp.threads.run(self._whatsapp.failed_identifications)
            self._metrics.failed_identifications.set(failed)
            counts = await self._whatsapp.threads.run(self._whatsapp.outbox.counts)
            for state in OPEN:
                self._metrics.open.labels(state).set(counts.get(state, 0))
        return raw(self._metrics.render(), content_type=Metrics.CONTENT_TYPE)

    def _signed_form(self, request: Request) -> dict[str, str] | None:
        """The form's fields if Twilio signed them; None otherwise, whatever is wrong."""
        header = request.headers.get("X-Twilio-Signature")
        query = f"?{request.query_string}" if request.query_string else ""
        try:
            fields = read_fields(request.body)
            genuine = self._signature.accepts(f"{request.path}{query}", fields, header)
        except ValueError:
            # No UTF-8, or more fields than Twilio ever had.
            genuine = False
        if not genuine:
            self._count("forged")
            return None
        return {name: values[0] for name, values in fields.items()}

    def _refusal(self, request: Request) -> HTTPResponse | None:
        """What a request for an operator's route gets without the operator's token."""
        expected = self._settings.admin_token.get_secret_value()
        if not expected:
            return empty(NOT_FOUND)
        given = request.headers.get("Authorization", "")
        if hmac.compare_digest(given.encode(errors="replace"), f"Bearer {expected}".encode()):
            return None
        return empty(UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})

    def _count(self, outcome: str) -> None:
        self._metrics.posts.labels(outcome).inc()


def _function(handler: Handler) -> Handler:
    async def handle(request: Request, **parameters: str) -> HTTPResponse:
        return await handler(request, **parameters)

    # Sanic writes on its handlers, and bound methods cannot be written on.
    return handle


def _sender_in(request: Request) -> str | None:
    try:
        body = request.json
    except Exception:  # noqa: BLE001 - Sanic's error for a body that is no JSON is its answer page's
        return None
    sender = body.get("sender") if isinstance(body, dict) else None
    return sender if isinstance(sender, str) and sender.startswith("whatsapp:") else None
