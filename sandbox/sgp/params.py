"""Parameters of a call, read the way SGP does: form or JSON body, or query; unknown ones ignored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from json import JSONDecodeError
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web


class BadFilterError(Exception):
    """A filter that SGP refuses with HTTP 400 and `erro`; its text is the answer's."""


@dataclass(frozen=True)
class Params:
    """The parameters of one call.

    Attributes:
        values: All of them as text.
        base_url: Scheme, host and port under which the caller reached this server.
    """

    values: Mapping[str, str]
    base_url: str

    def text(self, name: str) -> str:
        """The trimmed value, empty when absent."""
        return self.values.get(name, "").strip()

    def number(self, name: str) -> int | None:
        """The value as integer; None when absent or not a number."""
        value = self.text(name)
        return int(value) if value.isascii() and value.isdigit() else None

    def flag(self, name: str) -> bool:
        """Whether the value is one of the ways to write true."""
        return self.text(name).lower() in ("1", "true")

    def document(self) -> str:
        """`cpfcnpj` without punctuation, as upper-case letters and digits."""
        return "".join(filter(str.isalnum, self.text("cpfcnpj"))).upper()

    def due_range(self) -> tuple[date, date] | None:
        """The due-date filter, both ends included; None when absent.

        Raises:
            BadFilterError: One end without the other, or not a date.
        """
        names = ("data_vencimento_inicio", "data_vencimento_fim")
        start, end = (self.text(name) for name in names)
        if not start and not end:
            return None
        for value, missing, given in ((start, *names), (end, *reversed(names))):
            if not value:
                raise BadFilterError(f"[{missing}] obrigatória caso [{given}] informada")
        try:
            return date.fromisoformat(start), date.fromisoformat(end)
        except ValueError:
            raise BadFilterError("data inválida: use AAAA-MM-DD") from None


async def read_params(request: web.Request) -> Params:
    """Reads the parameters; an unreadable body is one without parameters."""
    values = {name: str(value) for name, value in request.query.items()}
    if request.method == "POST":
        if request.content_type == "application/json":
            try:
                body = await request.json()
            except (JSONDecodeError, UnicodeDecodeError):
                body = None
            fields = body if isinstance(body, dict) else {}
        else:
            fields = dict(await request.post())
        values = {name: "" if value is None else str(value) for name, value in fields.items()}
    values |= request.match_info
    return Params(values, f"{request.scheme}://{request.host}")
