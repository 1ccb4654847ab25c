"""Buttons that can be touched: Twilio's content templates, made once and filled in for each message.

Quick replies and list pickers need no approval by WhatsApp inside the 24 hours after a person's message, and
their texts may be variables; only the number of choices is fixed. So there is one template for each number.
Source: Twilio's "Content API", "Quick reply" and "List picker".
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from addons.whatsapp.api import CREATED, SendFailed
from addons.whatsapp.sender import Content
from billing.database import add_row
from billing.tables import content_templates

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Engine

    from addons.sql_threads import SqlThreads
    from addons.whatsapp.api import TwilioApi
    from addons.whatsapp.buttons import ButtonOffers
    from addons.whatsapp.render import Part

logger = logging.getLogger(__name__)

LANGUAGE = "pt_BR"
LIST_TITLE = "Ver opções"
RETRY_SECONDS = 300.0
"""Numbered texts do as well: a template that could not be made is not missed."""
NO_SUCH_CONTENT = {20404, 21655}


class ButtonTemplates:
    """Shows a message's buttons by a template.

    Args:
        api: Makes templates.
        engine: Database with the project's tables; remembers which templates there are.
        threads: For SQL.
        offers: Remembers what each button says.
        clock: Monotonic clock in seconds.
    """

    def __init__(
        self,
        api: TwilioApi,
        engine: Engine,
        threads: SqlThreads,
        offers: ButtonOffers,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api = api
        self._engine = engine
        self._threads = threads
        self._offers = offers
        self._clock = clock
        self._sids: dict[str, str] = {}
        self._not_before = float("-inf")
        self._making = asyncio.Lock()

    async def fill(self, sender_id: str, part: Part) -> Content | None:
        """A template with the message in it.

        Args:
            sender_id: To whom.
            part: The message.

        Returns:
            None when the message has to go as a text: no template fits, or none is to be had now.

        Raises:
            sqlalchemy.exc.DBAPIError: When the offers could not be kept.
        """
        template = part.template
        if template is None:
            return None
        sid = await self._sid_of(template, len(part.buttons))
        if sid is None:
            return None
        ids = await self._threads.run(
            self._offers.offer, sender_id, [button.payload for button in part.buttons]
        )
        texts = [part.prompt]
        for button, name in zip(part.buttons, ids, strict=True):
            texts += [button.title, name]
        return Content(sid, {str(number): text for number, text in enumerate(texts, start=1)})

    async def refused(self, content: Content, code: int | None) -> None:
        """Note that Twilio refused a message with a template: one that somebody has deleted is made anew.

        Args:
            content: What was sent.
            code: Twilio's error number, or None.
        """
        if code in NO_SUCH_CONTENT:
            self._sids = {shape: sid for shape, sid in self._sids.items() if sid != content.sid}
            await self._threads.run(self._forget, content.sid)

    async def _sid_of(self, template: str, choices: int) -> str | None:
        shape = f"{self._api.account.sid}:{template}:{choices}"
        async with self._making:
            if shape in self._sids:
                return self._sids[shape]
            sid = await self._threads.run(self._known, shape)
            if sid is None and self._clock() >= self._not_before:
                sid = await self._make(shape, description(template, choices))
            if sid is not None:
                self._sids[shape] = sid
            return sid

    async def _make(self, shape: str, content: dict[str, Any]) -> str | None:
        try:
            answer = await self._api.call("POST", self._api.account.content_url, json=content)
        except SendFailed as error:
            reason = str(error)
        else:
            sid = answer.body.get("sid")
            if answer.status == CREATED and isinstance(sid, str):
                return await self._threads.run(self._keep, shape, sid)
            reason = f"HTTP {answer.status}, error {answer.body.get('code')}"
        logger.warning("buttons go as numbered texts, no template could be made: %s", reason)
        self._not_before = self._clock() + RETRY_SECONDS
        return None

    def _known(self, shape: str) -> str | None:
        wanted = sa.select(content_templates.c.sid).where(content_templates.c.shape == shape)
        with self._engine.connect() as connection:
            sid: str | None = connection.execute(wanted).scalar()
        return sid

    def _keep(self, shape: str, sid: str) -> str:
        """Remember a template; of two made at once all processes use the one that was kept first."""
        with self._engine.begin() as connection:
            add_row(connection, content_templates, {"shape": shape, "sid": sid})
        return self._known(shape) or sid

    def _forget(self, sid: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(content_templates).where(content_templates.c.sid == sid))


def description(template: str, choices: int) -> dict[str, Any]:
    """A template as Twilio's Content API takes it.

    Args:
        template: "quick_reply" or "list_picker".
        choices: How many buttons or rows.

    Returns:
        Variable 1 is the text above the choices; 2 and 3 are title and id of the first one, and so on.
    """
    samples = {"1": "Qual você quer?"}
    pairs = []
    for place in range(1, choices + 1):
        title, name = str(2 * place), str(2 * place + 1)
        samples |= {title: f"Opção {place}", name: f"opcao{place}"}
        pairs.append(("{{" + title + "}}", "{{" + name + "}}"))
    shown: dict[str, Any] = {"body": "{{1}}"}
    if template == "quick_reply":
        shown["actions"] = [{"type": "QUICK_REPLY", "title": title, "id": name} for title, name in pairs]
    else:
        shown["button"] = LIST_TITLE
        shown["items"] = [{"item": title, "id": name} for title, name in pairs]
    return {
        "friendly_name": f"sgp_bot_{template}_{choices}",
        "language": LANGUAGE,
        "variables": samples,
        "types": {f"twilio/{template.replace('_', '-')}": shown},
    }
