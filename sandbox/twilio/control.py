"""Routes under `/_sandbox/` by which demos and tests write as people, look at phones and set faults."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, Extra, Field, ValidationError, root_validator, validator

from sandbox.twilio.deliveries import CallbackPlan
from sandbox.twilio.faults import EVERY, Fault
from sandbox.twilio.faults import Kind as FaultKind
from sandbox.twilio.limits import is_person
from sandbox.twilio.messages import Media
from sandbox.twilio.people import Kind as WritingKind
from sandbox.twilio.people import Writing, decoded, form_of
from sandbox.twilio.specification import load_operations
from sandbox.twilio.state import TWILIO

Json = Any

_MAX_WAIT = 60.0
_OPERATIONS = (EVERY, "FetchMedia", *load_operations())
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _Body(BaseModel):
    class Config:
        extra = Extra.forbid


class _FaultBody(_Body):
    kind: FaultKind
    operation: str = "CreateMessage"
    to: str = EVERY
    probability: float = Field(1.0, ge=0, le=1)
    times: int | None = Field(None, ge=1)
    seconds: float | None = Field(None, ge=0, le=600)
    code: int | None = Field(None, ge=1)

    @validator("operation")
    def _known(cls, operation: str) -> str:  # noqa: N805 - pydantic's validators are class methods
        if operation not in _OPERATIONS:
            raise ValueError(f"unknown operation; use one of {', '.join(sorted(_OPERATIONS))}")
        return operation

    @root_validator(skip_on_failure=True)
    def _complete(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 - the same
        kind: FaultKind = values["kind"]
        if kind in (FaultKind.REFUSED, FaultKind.FAILED, FaultKind.UNDELIVERED) and values["code"] is None:
            raise ValueError(f'"{kind.value}" needs a code')
        if kind in (FaultKind.SLOW, FaultKind.SLOW_AFTER) and values["seconds"] is None:
            raise ValueError(f'"{kind.value}" needs seconds')
        if kind.of_delivery and values["operation"] != "CreateMessage":
            raise ValueError(f'"{kind.value}" is a fault of CreateMessage only')
        return values


class _CallbackBody(_Body):
    shuffled: bool = False
    copies: int = Field(1, ge=1, le=10)
    delay: float = Field(0.0, ge=0, le=600)
    last: Literal["queued", "sent", "delivered", "read"] = "read"


class _Addressed(_Body):
    @validator("sender", "address", check_fields=False)
    def _of_person(cls, address: str) -> str:  # noqa: N805 - the same
        if not is_person(address):
            raise ValueError("an address is whatsapp:+<E.164> or whatsapp:<country>.<id>")
        return address


class _WindowBody(_Addressed):
    address: str
    age: float = Field(0.0, ge=0)


class _MediaBody(_Body):
    content: str
    content_type: str

    @validator("content")
    def _base64(cls, content: str) -> str:  # noqa: N805 - the same
        decoded(content)
        return content


class _WritingBody(_Body):
    kind: WritingKind = WritingKind.TEXT
    text: str = ""
    id: str = ""
    description: str = ""
    reply_to: str | None = None
    sid: str | None = Field(None, regex=r"^(SM|MM)[0-9a-f]{32}$")
    name: str = "Cliente"
    place: tuple[str, str, str, str] = Writing.place
    content: _MediaBody | None = None
    fields: dict[str, str] = Field(default_factory=dict)

    def writing(self) -> Writing:
        content = None
        if self.content is not None:
            content = Media(decoded(self.content.content), self.content.content_type, None)
        return Writing(**{**dict(self), "content": content})


class _WriteBody(_Addressed):
    sender: str = Field(alias="from")
    messages: list[_WritingBody] = Field(min_items=1)
    copies: int = Field(1, ge=1, le=100)


_BodyType = TypeVar("_BodyType", bound=_Body)


class _RefusedError(Exception):
    """A control request that makes no sense; its text is the answer's `error`."""


async def _read(request: web.Request, model: type[_BodyType]) -> _BodyType:
    try:
        return model.parse_raw(await request.read() or b"{}")
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise _RefusedError("; ".join(faults)) from None


def _number(request: web.Request, name: str, default: float) -> float:
    try:
        return min(float(request.query.get(name, default)), _MAX_WAIT)
    except ValueError:
        raise _RefusedError(f"{name}: not a number") from None


async def _write(request: web.Request) -> web.Response:
    """Posts all messages at once, each `copies` times; answers when the bot has answered all."""
    body = await _read(request, _WriteBody)
    twilio = request.app[TWILIO]
    base_url = f"{request.scheme}://{request.host}"
    writings = [item.writing() for item in body.messages]
    notes = [
        twilio.book.write(form_of(writing, body.sender, base_url), writing.media()) for writing in writings
    ]
    posts = [twilio.poster.post(twilio.webhook_url, note.form) for note in notes for _ in range(body.copies)]
    answers = await asyncio.gather(*posts)
    for number, note in enumerate(notes):
        note.deliveries += answers[number * body.copies : (number + 1) * body.copies]
    return web.json_response([note.report() for note in notes])


async def _written(request: web.Request) -> web.Response:
    return web.json_response([note.report() for note in request.app[TWILIO].book.all_written()])


async def _open_window(request: web.Request) -> web.Response:
    body = await _read(request, _WindowBody)
    book = request.app[TWILIO].book
    book.open_window(body.address, body.age)
    return web.json_response({"open": book.window_open(body.address)})


async def _phone(request: web.Request) -> web.Response:
    """What an address got, once it is `count` messages or `seconds` passed; without address everybody's."""
    book = request.app[TWILIO].book
    address = request.query.get("address")
    if address is None:
        return web.json_response({each: _shown(request, each) for each in book.addresses()})
    count, seconds = _number(request, "count", 0), _number(request, "seconds", 0)
    await book.wait_for(address, int(count), seconds)
    return web.json_response(_shown(request, address))


def _shown(request: web.Request, address: str) -> Json:
    return [message.on_phone() for message in request.app[TWILIO].book.phone(address)]


async def _messages(request: web.Request) -> web.Response:
    return web.json_response([message.on_phone() for message in request.app[TWILIO].book.all_sent()])


async def _media(request: web.Request) -> web.Response:
    message = request.app[TWILIO].book.sent(request.match_info["sid"])
    if message is None or message.media is None:
        raise web.HTTPNotFound
    return web.Response(body=message.media.content, content_type=message.media.content_type)


async def _settled(request: web.Request) -> web.Response:
    settled = await request.app[TWILIO].deliveries.settle(_number(request, "seconds", 10))
    return web.json_response({"settled": settled})


async def _list_faults(request: web.Request) -> web.Response:
    return web.json_response([asdict(fault) for fault in request.app[TWILIO].faults.list()])


async def _add_fault(request: web.Request) -> web.Response:
    body = await _read(request, _FaultBody)
    request.app[TWILIO].faults.add(Fault(**body.dict()))
    return await _list_faults(request)


async def _clear_faults(request: web.Request) -> web.Response:
    request.app[TWILIO].faults.clear()
    return await _list_faults(request)


async def _plan_callbacks(request: web.Request) -> web.Response:
    body = await _read(request, _CallbackBody)
    request.app[TWILIO].deliveries.plan = CallbackPlan(**body.dict())
    return web.json_response(body.dict())


async def _stats(request: web.Request) -> web.Response:
    twilio = request.app[TWILIO]
    statuses = [message.status for message in twilio.book.all_sent()]
    return web.json_response(
        {
            "requests": twilio.requests,
            "messages": {status: statuses.count(status) for status in sorted(set(statuses))},
            "callbacks": twilio.deliveries.answers,
            "written": len(twilio.book.all_written()),
            "typing": twilio.typing,
        }
    )


async def _reset(request: web.Request) -> web.Response:
    await request.app[TWILIO].reset()
    return web.json_response({"reset": True})


def _clear_refusals(handler: _Handler) -> _Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except _RefusedError as refusal:
            return web.json_response({"error": str(refusal)}, status=400)

    return handle


def control_routes() -> list[web.RouteDef]:
    """The control routes, to be added to the application that holds `TWILIO`."""
    return [
        web.route(method, f"/_sandbox/{path}", _clear_refusals(handler))
        for method, path, handler in (
            ("POST", "write", _write),
            ("GET", "written", _written),
            ("POST", "window", _open_window),
            ("GET", "phone", _phone),
            ("GET", "messages", _messages),
            ("GET", "media/{sid}", _media),
            ("GET", "settled", _settled),
            ("GET", "faults", _list_faults),
            ("POST", "faults", _add_fault),
            ("DELETE", "faults", _clear_faults),
            ("POST", "callbacks", _plan_callbacks),
            ("GET", "stats", _stats),
            ("POST", "reset", _reset),
        )
    ]
