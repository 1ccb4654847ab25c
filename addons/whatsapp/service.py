"""The channel's parts put together as the settings say, and its two kinds of work in the background."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
from rasa.shared.core.trackers import DialogueStateTracker

from addons.reception import desk_of
from addons.whatsapp import delivery, indicator, runner
from addons.whatsapp.api import Account, TwilioApi
from addons.whatsapp.buttons import ButtonOffers
from addons.whatsapp.delivery import Delivery
from addons.whatsapp.inbox import Inbox
from addons.whatsapp.indicator import TypingIndicator
from addons.whatsapp.intake import Intake
from addons.whatsapp.leases import Leases, Scope
from addons.whatsapp.limiter import PairLimits, TokenBucket
from addons.whatsapp.outbox import Outbox
from addons.whatsapp.output import CHANNEL
from addons.whatsapp.pace import Pace
from addons.whatsapp.privacy_notice import PrivacyNotice
from addons.whatsapp.receipts import Receipts
from addons.whatsapp.reconciler import Reconciler
from addons.whatsapp.render import Renderer
from addons.whatsapp.retention import Retention
from addons.whatsapp.runner import TurnRunner
from addons.whatsapp.sender import TwilioSender
from addons.whatsapp.templates import ButtonTemplates
from addons.whatsapp.turn import Turns
from addons.whatsapp.workers import Workers
from billing.contacts import ContactBook
from billing.identity import FLOOD_SECONDS, failures_since
from billing.media import MediaLinks, MediaStore
from billing.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage
    from sqlalchemy.engine import Engine

    from addons.sql_threads import SqlThreads
    from addons.whatsapp.form import StatusUpdate
    from addons.whatsapp.metrics import Metrics
    from billing.settings import Settings

logger = logging.getLogger(__name__)

STATUS_PATH = "/webhooks/whatsapp/status"
TURNS_AT_ONCE = 64
"""As many as the action server has threads."""
DELIVERIES_AT_ONCE = 32
TURNS_PATIENCE, DELIVERIES_PATIENCE = 5.0, 3.0
"""Seconds for what is under way when the server stops; both together less than until it is killed."""


@dataclass(frozen=True)
class WhatsApp:
    """The running channel.

    Attributes:
        engine: The tracker store's database.
        threads: For SQL.
        intake: Keeps messages before they are acknowledged.
        outbox: Where answers are kept until they are delivered.
        receipts: What Twilio says of them afterwards.
        media: The files on their way.
        links: Their public addresses.
        turns: Answers messages.
        deliveries: Sends answers.
        typing: Shows that somebody is being answered.
        session: For all HTTP calls.
        metrics: What is counted.
        pace: At which turns compute.
        background: Tasks that end with it.
    """

    engine: Engine
    threads: SqlThreads
    intake: Intake
    outbox: Outbox
    receipts: Receipts
    media: MediaStore
    links: MediaLinks
    turns: Workers
    deliveries: Workers
    typing: TypingIndicator
    session: aiohttp.ClientSession
    metrics: Metrics
    pace: Pace
    background: list[asyncio.Task[None]] = field(default_factory=list)

    async def note_status(self, outbox_id: str, update: StatusUpdate) -> None:
        """Take news of a message, and send what waited for it.

        Args:
            outbox_id: Our name of the message.
            update: The news.

        Raises:
            sqlalchemy.exc.DBAPIError: When it could not be kept.
        """
        noted = await self.threads.run(
            self.receipts.note_status, outbox_id, update.message_sid, update.status, update.error_code
        )
        if noted.verdict in {"noted", "failed", "fallback", "again"}:
            self.metrics.statuses.labels(update.status).inc()
        if noted.verdict in {"failed", "fallback", "again"}:
            logger.warning("a message was not delivered: error %s, %s", update.error_code, noted.verdict)
            self.metrics.failures.labels(update.error_code or "none").inc()
        if noted.sender_id is not None:
            self.deliveries.wake(noted.sender_id)

    def failed_identifications(self) -> int:
        """Of all senders in the last minute, in all processes. Blocks."""
        with self.engine.connect() as connection:
            return failures_since(connection, time.time() - FLOOD_SECONDS)

    async def stop(self) -> None:
        """End the work in the background; what is not done stays in the database."""
        for task in self.background:
            task.cancel()
        await self.typing.stop()
        await self.turns.stop(TURNS_PATIENCE)
        await self.deliveries.stop(DELIVERIES_PATIENCE)
        await self.session.close()


async def start(
    settings: Settings,
    agent: Agent,
    answer: Callable[[UserMessage], Coroutine[Any, Any, Any]],
    metrics: Metrics,
) -> WhatsApp:
    """Build the channel on the tracker store's database and begin with what waits there.

    Args:
        settings: The process's; complete for WhatsApp.
        agent: Rasa's, with or without a model by now.
        answer: Rasa's handler of one message.
        metrics: What is counted.
    """
    engine, threads = agent.tracker_store.engine, agent.tracker_store.threads
    vault = Vault.from_settings(settings)
    contacts = ContactBook(engine, vault, demo_allowed=settings.sandbox)
    inbox = Inbox(engine, vault, contacts, per_minute=settings.messages_per_minute)
    outbox = Outbox(engine, vault, Leases(Scope.DELIVERY, seconds=delivery.LEASE_SECONDS), inbox)
    media = MediaStore(engine, vault)
    links = MediaLinks(settings.media_signing_key.get_secret_value(), settings.public_base_url)
    calls = DELIVERIES_AT_ONCE + indicator.AT_ONCE + 1
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=calls))
    api = TwilioApi(session, _account(settings))
    twilio = TwilioSender(api)
    offers = ButtonOffers(engine, vault)
    templates = ButtonTemplates(api, engine, threads, offers)
    typing = TypingIndicator(api, lambda sender_id: desk_of(settings).held(sender_id))

    sending = Delivery(
        outbox=outbox,
        sender=twilio,
        contacts=contacts,
        threads=threads,
        metrics=metrics,
        number_limit=TokenBucket(settings.twilio_max_rate, settings.twilio_max_rate),
        pair_limits=PairLimits(),
        media_url=links.url,
        status_url=lambda outbox_id: f"{settings.public_base_url}{STATUS_PATH}?id={outbox_id}",
        templates=templates if settings.whatsapp_buttons_enabled else None,
    )
    deliveries = Workers("delivery", sending.handle, sending.find_ready, limit=DELIVERIES_AT_ONCE)

    async def respond(name: str) -> dict[str, Any]:
        blank = DialogueStateTracker.from_events("", [], agent.domain.slots)
        response: dict[str, Any] = await agent.nlg.generate(name, blank, CHANNEL)
        return response

    pace = Pace()
    answering = TurnRunner(
        turns=Turns(
            engine,
            inbox,
            outbox,
            Leases(Scope.TURN, seconds=runner.LEASE_SECONDS),
            PrivacyNotice(settings.privacy_url),
        ),
        inbox=inbox,
        offers=offers,
        renderer=Renderer(media),
        threads=threads,
        metrics=metrics,
        answer=answer,
        respond=respond,
        ready=agent.is_ready,
        show_typing=typing.show if settings.whatsapp_typing_enabled else lambda _turn: None,
        deliver=deliveries.wake,
        deadline=settings.turn_deadline_seconds,
        pace=pace,
    )
    turns = Workers("turn", answering.handle, answering.find_ready, limit=TURNS_AT_ONCE)
    deliveries.start()
    turns.start()
    receipts = Receipts(engine, vault)
    made = WhatsApp(
        engine,
        threads,
        Intake(inbox, threads),
        outbox,
        receipts,
        media,
        links,
        turns,
        deliveries,
        typing,
        session,
        metrics,
        pace,
    )
    reconciler = Reconciler(receipts, twilio, threads, made.note_status)
    made.background.append(asyncio.create_task(reconciler.run()))
    retention = Retention.from_settings(settings, engine, vault)
    made.background.append(asyncio.create_task(retention.run()))
    return made


def _account(settings: Settings) -> Account:
    has_key = bool(settings.twilio_api_key_sid)
    secret = settings.twilio_api_key_secret if has_key else settings.twilio_auth_token
    return Account(
        sid=settings.twilio_account_sid,
        user=settings.twilio_api_key_sid if has_key else settings.twilio_account_sid,
        password=secret.get_secret_value(),
        number=settings.twilio_whatsapp_number,
        base_url=settings.twilio_api_base_url,
    )


async def database_answers(whatsapp: WhatsApp, seconds: float) -> bool:
    """Whether the database answers a question of the channel's in time."""
    try:
        await asyncio.wait_for(whatsapp.threads.run(whatsapp.outbox.counts), seconds)
    except Exception:  # noqa: BLE001 - whatever it is, it does not answer
        return False
    return True
