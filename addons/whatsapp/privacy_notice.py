"""One sentence on privacy in the first answer to somebody, and not again while anything of them is kept.

LGPD art. 9 gives people the right to easy access to what is done with their data; the whole of it stands on
the provider's own page.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from addons.whatsapp.render import MAX_BODY, MAX_TEMPLATE_BODY, is_code, units
from billing.database import add_row
from billing.tables import privacy_notices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.engine import Connection

    from addons.whatsapp.render import Part

WITH_LINK = "🔒 Usamos seus dados só para atender você. Saiba mais: {url}"
WITHOUT_LINK = "🔒 Usamos seus dados só para atender você."


class PrivacyNotice:
    """Ends the first message of the first answer with the sentence: no message more than there were.

    Args:
        url: The provider's privacy policy; blank when it has none.
        clock: Seconds since the epoch.
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.time) -> None:
        self.text = WITH_LINK.format(url=url) if url else WITHOUT_LINK
        self._clock = clock

    def added(self, connection: Connection, sender_id: str, parts: Sequence[Part]) -> Sequence[Part]:
        """The answer with the sentence, if it was never said to this sender.

        An answer that has no place for it stays as it is; the next one is tried then.

        Args:
            connection: In the transaction that queues the answer.
            sender_id: To whom.
            parts: The answer.
        """
        if not parts:
            return parts
        first, *rest = parts
        longer = self._with_notice(first)
        if longer is None:
            return parts
        row = {"sender_id": sender_id, "told_at": self._clock()}
        return [longer, *rest] if add_row(connection, privacy_notices, row) else parts

    def _with_notice(self, part: Part) -> Part | None:
        # A code is copied from its message by a long press: nothing may stand beside it.
        if part.kind != "text" or is_code(part.body):
            return None
        body = f"{part.body}\n\n{self.text}"
        prompt = f"{part.prompt}\n\n{self.text}" if part.prompt else ""
        if units(body) > MAX_BODY or units(prompt) > MAX_TEMPLATE_BODY:
            return None
        return replace(part, body=body, prompt=prompt, fallback=body if part.fallback else "")
