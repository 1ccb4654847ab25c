"""A bot that only notes what Twilio does to it, and a caller that knows Twilio's credentials."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import BasicAuth, ClientSession, web
from twilio.request_validator import RequestValidator

from sandbox.twilio.account import ACCOUNT_SID, AUTH_TOKEN, WHATSAPP_NUMBER

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

    from yarl import URL

PUBLIC = "https://bot.example"
MARIA = "whatsapp:+5511988880001"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages"
STATUS = f"{PUBLIC}/status?outbox=7"
PDF = b"%PDF-1.4\n%%EOF\n"


@dataclass
class Clock:
    """Seconds since the epoch, which a test may turn."""

    now: float = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Post:
    """One post to the bot."""

    path: str
    form: dict[str, str]
    host: str
    token: str
    signature: str
    signed: bool


@dataclass
class File:
    """What the bot answers when media is fetched."""

    body: bytes = PDF
    content_type: str = "application/pdf"
    head_type: str | None = None
    disposition: str | None = None
    location: str | None = None
    statuses: deque[int] = field(default_factory=deque)


@dataclass
class StandIn:
    """The bot: notes posts, answers with `statuses` and then 204, serves `files`.

    With a `gate` no post is answered until `crowd` of them wait at once.
    """

    posts: list[Post] = field(default_factory=list)
    statuses: deque[int] = field(default_factory=deque)
    files: dict[str, File] = field(default_factory=dict)
    fetched: list[tuple[str, str]] = field(default_factory=list)
    gate: asyncio.Event | None = None
    crowd: int = 0

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._take)
        app.router.add_get("/{path:.*}", self._serve, allow_head=True)
        return app

    def statuses_of(self, sid: str) -> list[str]:
        return [post.form["MessageStatus"] for post in self.posts if post.form["MessageSid"] == sid]

    async def _take(self, request: web.Request) -> web.Response:
        form = await request.post()
        signature = request.headers["X-Twilio-Signature"]
        signed = RequestValidator(AUTH_TOKEN).validate(PUBLIC + request.path_qs, form, signature)
        token = request.headers["I-Twilio-Idempotency-Token"]
        self.posts.append(Post(request.path_qs, dict(form), request.host, token, signature, signed))
        if self.gate is not None:
            if len(self.posts) == self.crowd:
                self.gate.set()
            await self.gate.wait()
        return web.Response(status=self.statuses.popleft() if self.statuses else 204)

    async def _serve(self, request: web.Request) -> web.Response:
        self.fetched.append((request.method, request.path))
        file = self.files.get(request.path)
        if file is None:
            raise web.HTTPNotFound
        headers = {}
        if file.disposition is not None:
            headers["Content-Disposition"] = file.disposition
        if file.location is not None:
            headers["Location"] = file.location
        status = file.statuses.popleft() if file.statuses else (302 if file.location else 200)
        content_type = file.head_type if request.method == "HEAD" and file.head_type else file.content_type
        return web.Response(status=status, body=file.body, content_type=content_type, headers=headers)


@dataclass(frozen=True)
class Bench:
    """Calls Twilio as the bot (`create`, `rest`) and as a test (`control`, `phone`)."""

    session: ClientSession
    base: URL
    bot: StandIn
    clock: Clock

    def rest(self, method: str, path: str, *, login: tuple[str, str] | None = None, **more: Any) -> Any:
        auth = BasicAuth(*(login or (ACCOUNT_SID, AUTH_TOKEN)))
        # A connection that was just aborted must not be used again by the next call.
        headers = {"Connection": "close"}
        return self.session.request(method, f"{self.base}{path}", auth=auth, headers=headers, **more)

    async def answer(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        async with self.rest(method, path, **more) as answer:
            return answer.status, await answer.json()

    async def create(self, *, login: tuple[str, str] | None = None, **parameters: Any) -> tuple[int, Any]:
        """A message to Maria; a parameter that is None is left out."""
        form = {"To": MARIA, "From": WHATSAPP_NUMBER, "Body": "Olá!", "StatusCallback": STATUS} | parameters
        form = {name: value for name, value in form.items() if value is not None}
        return await self.answer("POST", f"{MESSAGES}.json", login=login, data=pairs(form))

    async def control(self, method: str, name: str, body: Any = None, *, status: int = 200) -> Any:
        async with self.session.request(method, f"{self.base}/_sandbox/{name}", json=body) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def write(self, *messages: dict[str, Any], **more: Any) -> list[Any]:
        return await self.control("POST", "write", {"from": MARIA, "messages": messages, **more})

    async def open_window(self, address: str = MARIA, age: float = 0) -> None:
        await self.control("POST", "window", {"address": address, "age": age})

    async def phone(self, address: str = MARIA) -> list[Any]:
        async with self.session.get(f"{self.base}/_sandbox/phone", params={"address": address}) as answer:
            return await answer.json()

    async def settle(self) -> None:
        assert (await self.control("GET", "settled"))["settled"]

    async def message(self, sid: str) -> Any:
        """A message's own state, once all is done."""
        await self.settle()
        status, body = await self.answer("GET", f"{MESSAGES}/{sid}.json")
        assert status == 200
        return body


def pairs(form: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, each)
        for name, value in form.items()
        for each in (value if isinstance(value, list) else [value])
    ]
