"""What Twilio gets when it fetches a file, and what everybody else gets."""

from __future__ import annotations

import asyncio
import socket
import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import aiohttp
    from sanic import Sanic

from addons.whatsapp.media import media_answer
from billing.media import LINK_SECONDS, MEDIA_PATH, MediaLinks
from tests.stack import KEYS

PDF = b"%PDF-1.7 conteudo %%EOF"
BASE = "https://bot.provedor.example"


@pytest.fixture
def links(clock):
    return MediaLinks(KEYS["MEDIA_SIGNING_KEY"], BASE, clock=clock)


@pytest.fixture
def slip(store):
    return store.put(PDF, "application/pdf", "boleto-2026-12-05.pdf", 2 * LINK_SECONDS)


@pytest.fixture
def answer(links, store):
    """The answer for a link's address."""
    return lambda url: media_answer(url.removeprefix(BASE + MEDIA_PATH), links, store)


def everything(response):
    return response.status, response.body, response.content_type, dict(response.headers)


def test_a_slip_is_shown_under_its_name_and_kept_nowhere(answer, links, slip):
    status, body, content_type, headers = everything(answer(links.url(slip)))

    assert (status, body, content_type) == (200, PDF, "application/pdf")
    assert headers["Content-Disposition"] == 'inline; filename="boleto-2026-12-05.pdf"'
    assert headers["Cache-Control"] == "no-store"
    assert "noindex" in headers["X-Robots-Tag"]


@pytest.mark.parametrize(
    "filename", ['a"; x="b.pdf', "a\r\nSet-Cookie: x=1.pdf", "São João.pdf", "../../a.pdf"]
)
def test_a_file_name_cannot_write_headers(answer, links, store, filename):
    response = answer(links.url(store.put(PDF, "application/pdf", filename, 60)))

    written = response.headers["Content-Disposition"]
    assert written.startswith('inline; filename="')
    assert not set(written.removeprefix('inline; filename="')[:-1]) & set('"\r\n;/ ')
    written.encode("ascii")


def test_everything_wrong_gets_the_same_answer(answer, links, slip, clock, store):
    good = links.url(slip)
    gone = store.put(PDF, "application/pdf", "a.pdf", 1)
    clock.now += 2
    fresh = MediaLinks(KEYS["PII_INDEX_KEY"], BASE, clock=clock)
    wrong = [
        "",
        "x",
        good[:-1],
        good + "a",
        good.upper(),
        fresh.url(slip),
        links.url("0" * 32),
        links.url(gone),
        "x" * 100_000,
        "..%2f..%2fetc",
        slip,
    ]
    answers = [everything(answer(url)) for url in wrong]
    clock.now += LINK_SECONDS
    answers.append(everything(answer(good)))

    assert len({repr(each) for each in answers}) == 1
    status, body, _, headers = answers[0]
    assert (status, body) == (404, b"")
    assert headers["Cache-Control"] == "no-store"


async def test_over_http(answer, links, slip, monkeypatch):
    # Else Sanic rewrites its own methods for good, and the next application of the process cannot start.
    monkeypatch.setattr(Sanic, "test_mode", True)
    app = Sanic("media_answer")
    app.add_route(
        lambda _request, token: answer(BASE + MEDIA_PATH + token),
        f"{MEDIA_PATH}<token>",
        methods=["GET", "HEAD"],
    )
    listener = socket.create_server(("127.0.0.1", 0))
    server = await app.create_server(sock=listener, return_asyncio_server=True, debug=False)
    await server.startup()
    await server.start_serving()
    try:
        host, port = listener.getsockname()
        url = links.url(slip).replace(BASE, f"http://{host}:{port}")
        async with aiohttp.ClientSession() as session:
            async with session.get(url) as got:
                assert (got.status, await got.read()) == (200, PDF)
                assert got.headers["Content-Type"] == "application/pdf"
            async with session.head(url) as got:
                assert (got.status, await got.read()) == (200, b"")
                assert got.headers["Content-Type"] == "application/pdf"
                assert got.headers["Content-Length"] == str(len(PDF))
            async with session.post(url) as got:
                assert got.status == 405
    finally:
        await server.close()
        await asyncio.sleep(0)
