"""The REST API: each operation, with authentication, faults and the check against OpenAPI around it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from aiohttp import web

from sandbox.twilio.account import ACCOUNT_SID, WHATSAPP_NUMBER, authenticate
from sandbox.twilio.contents import Content, read_variables, shown
from sandbox.twilio.deliveries import CONTENT_REFUSED, Failure
from sandbox.twilio.errors import Refusal
from sandbox.twilio.faults import Fault, Kind
from sandbox.twilio.limits import check_message, refuse
from sandbox.twilio.messages import API_VERSION
from sandbox.twilio.specification import read_date
from sandbox.twilio.state import TWILIO

if TYPE_CHECKING:
    from sandbox.twilio.messages import Message
    from sandbox.twilio.state import Twilio

Json = Any

_PAGE_SIZE = 50
_NOT_FOUND = 20404
_Answer = Callable[[web.Request, "Twilio", Fault | None], Awaitable[web.StreamResponse]]
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def rest_routes() -> list[web.RouteDef]:
    """The operations, to be added to the application that holds `TWILIO`."""
    messages = f"/{API_VERSION}/Accounts/{{account}}/Messages"
    return [
        web.post(f"{messages}.json", _served("CreateMessage", _create_message)),
        web.get(f"{messages}.json", _served("ListMessage", _list_messages)),
        web.get(f"{messages}/{{sid}}.json", _served("FetchMessage", _fetch_message)),
        web.get(f"{messages}/{{sid}}/Media/{{media}}", _served("FetchMedia", _fetch_media)),
        web.post("/v1/Content", _served("CreateContent", _create_content)),
        web.post("/v2/Indicators/Typing.json", _served("CreateTypingIndicator", _type)),
    ]


def _served(name: str, answer: _Answer) -> _Handler:
    """Puts the faults and the counts around an operation."""

    async def handle(request: web.Request) -> web.StreamResponse:
        twilio = request.app[TWILIO]
        to = str((await request.post()).get("To", "")) or None
        delay, fault = twilio.faults.draw(lambda each: each.strikes(name, to))
        if delay:
            await asyncio.sleep(delay)
        response: web.StreamResponse = web.Response()
        if fault is None or fault.kind.after_work:
            try:
                authenticate(request.headers)
                _check_account(request)
                response = await answer(request, twilio, fault)
            except Refusal as refusal:
                response = refusal.response()
        if fault is None or fault.kind.of_delivery:
            twilio.requests[name][str(response.status)] += 1
            return response
        twilio.requests[name][fault.kind.value] += 1
        return await _fail(fault, request, response)

    return handle


async def _fail(fault: Fault, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Carries a fault out; `response` is the right answer of a request that was accepted."""
    if fault.kind is Kind.THROTTLED:
        throttled = Refusal(20429, status=429).response()
        if fault.seconds is not None:
            throttled.headers["Retry-After"] = f"{fault.seconds:g}"
        return throttled
    if fault.kind is Kind.SERVER_ERROR:
        return Refusal(20500, status=500).response()
    if fault.kind is Kind.REFUSED:
        return Refusal(fault.code or 0).response()
    if fault.kind is Kind.SLOW_AFTER:
        await asyncio.sleep(fault.seconds or 0)
        return response
    if request.transport is not None:
        request.transport.abort()
    return response


def _check_account(request: web.Request) -> None:
    if request.match_info.get("account", ACCOUNT_SID) != ACCOUNT_SID:
        raise Refusal(_NOT_FOUND, request.path, status=404)


async def _create_message(request: web.Request, twilio: Twilio, fault: Fault | None) -> web.Response:
    pairs = [(name, str(value)) for name, value in (await request.post()).items()]
    form, problems = twilio.operations["CreateMessage"].read_form(pairs)
    refuse(problems)
    check_message(form)
    body, buttons, failure = form.get("Body", ""), (), None
    if "ContentSid" in form:
        body, buttons, failure = _filled_content(twilio, form)
    if fault is not None and fault.kind in (Kind.FAILED, Kind.UNDELIVERED):
        failure = Failure(fault.kind.value, fault.code or 0)
    message = twilio.book.accept(
        form["To"],
        form.get("From", WHATSAPP_NUMBER),
        body,
        buttons=buttons,
        service_sid=form.get("MessagingServiceSid"),
        media_url=next(iter(form.get("MediaUrl", ())), None),
        status_callback=form.get("StatusCallback"),
    )
    resource = message.resource()
    twilio.deliveries.start(message, failure, silent=fault is not None and fault.kind is Kind.SILENT)
    return web.json_response(resource, status=201)


def _filled_content(twilio: Twilio, form: Json) -> tuple[str, Any, Failure | None]:
    """Body and buttons of a message that uses a content; WhatsApp refuses later what has grown too long."""
    content = twilio.contents.get(form["ContentSid"])
    if content is None:
        raise Refusal(21655, "no such content", status=404)
    filled = content.filled(read_variables(form.get("ContentVariables")))
    body, buttons = shown(filled["types"])
    unfit = twilio.operations["CreateContent"].check_json(filled)
    return body, buttons, Failure("failed", CONTENT_REFUSED) if unfit else None


async def _list_messages(request: web.Request, twilio: Twilio, _fault: Fault | None) -> web.Response:
    query, problems = twilio.operations["ListMessage"].read_query(request.query.items())
    refuse(problems)
    found = [message for message in reversed(twilio.book.all_sent()) if _matches(message, query)]
    size, page = query.get("PageSize", _PAGE_SIZE), query.get("Page", 0)
    start = size * page
    shown_here = found[start : start + size]

    def uri(number: int) -> str:
        return f"{request.path}?{urlencode({**request.query, 'PageSize': size, 'Page': number})}"

    return web.json_response(
        {
            "messages": [message.resource() for message in shown_here],
            "page": page,
            "page_size": size,
            "start": start,
            "end": start + len(shown_here) - 1 if shown_here else start,
            "uri": uri(page),
            "first_page_uri": uri(0),
            "next_page_uri": uri(page + 1) if start + size < len(found) else None,
            "previous_page_uri": uri(page - 1) if page else None,
        }
    )


def _matches(message: Message, query: Json) -> bool:
    if query.get("To", message.to) != message.to or query.get("From", message.sender) != message.sender:
        return False
    # Not sent yet, it is found by when it was made.
    seconds = message.created_at if message.sent_at is None else message.sent_at
    sent = datetime.fromtimestamp(seconds, timezone.utc)
    for name in query.keys() & {"DateSent", "DateSent<", "DateSent>"}:
        bound = read_date(query[name])
        # A moment is a datetime and a date; a day alone means all of it.
        at: date = sent if isinstance(bound, datetime) else sent.date()
        if {"DateSent": at != bound, "DateSent<": at > bound, "DateSent>": at < bound}[name]:
            return False
    return True


async def _fetch_message(request: web.Request, twilio: Twilio, _fault: Fault | None) -> web.Response:
    message = twilio.book.sent(request.match_info["sid"])
    if message is None:
        raise Refusal(_NOT_FOUND, request.path, status=404)
    return web.json_response(message.resource())


async def _fetch_media(request: web.Request, twilio: Twilio, _fault: Fault | None) -> web.Response:
    """A file that a person sent."""
    written = twilio.book.written(request.match_info["sid"])
    if written is None or written.media is None or not written.form["MediaUrl0"].endswith(request.path):
        raise Refusal(_NOT_FOUND, request.path, status=404)
    return web.Response(body=written.media.content, content_type=written.media.content_type)


async def _create_content(request: web.Request, twilio: Twilio, _fault: Fault | None) -> web.Response:
    try:
        description = await request.json()
    except ValueError:
        raise Refusal(20422, "the body is no JSON") from None
    refuse(twilio.operations["CreateContent"].check_json(description))
    created = datetime.fromtimestamp(twilio.clock(), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    content = Content.new(description, created)
    twilio.contents[content.sid] = content
    return web.json_response(content.resource(), status=201)


async def _type(request: web.Request, twilio: Twilio, _fault: Fault | None) -> web.Response:
    pairs = [(name, str(value)) for name, value in (await request.post()).items()]
    form, problems = twilio.operations["CreateTypingIndicator"].read_form(pairs)
    refuse(problems)
    if twilio.book.written(form["messageId"]) is None:
        raise Refusal(_NOT_FOUND, form["messageId"], status=404)
    twilio.typing.append(form["messageId"])
    return web.json_response({"success": True})
