"""A media link opens its own file, and no writing of its path or headers opens another.

Changed, expired and foreign tokens: tests/whatsapp/test_media_answer.py, tests/billing/test_media.py.
"""

from __future__ import annotations

import asyncio

import pytest

from addons.whatsapp.service import MediaLinks, MediaStore, Vault
from tests.stack import KEYS
from tests.whatsapp.test_channel import BASE, actions, bot, changes

__all__ = ["actions", "bot", "changes"]

PDF = b"%PDF-1.7 de Maria %%EOF"


@pytest.fixture
def path(bot):
    """Path of a link to Maria's slip."""
    vault = Vault([KEYS["PII_ENCRYPTION_KEYS"]], KEYS["PII_INDEX_KEY"])
    media_id = MediaStore(bot.engine, vault).put(PDF, "application/pdf", "boleto.pdf")
    return MediaLinks(KEYS["MEDIA_SIGNING_KEY"], BASE).url(media_id).removeprefix(BASE)


async def ask(bot, line, *headers):
    """The raw answer to a request that no client would write."""
    host, port = bot.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write("\r\n".join([line, "Host: x", "Connection: close", *headers, "", ""]).encode("latin-1"))
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


async def test_the_link_itself_opens(bot, path):
    assert PDF in await ask(bot, f"GET {path} HTTP/1.1")


@pytest.mark.parametrize(
    "trick",
    [
        "{dir}../{token}x",
        "{dir}..%2f{token}",
        "{dir}%2e%2e/%2e%2e/ready/{token}",
        "{dir}/{token}",
        "{dir}{token}/..",
        "{dir}{token}%00",
        "{dir}{token}%0a",
        "{dir}{token}.pdf",
        "{dir}{token};x",
        "{dir}%20{token}",
        "{dir}{upper}",
        "{dir}{id}",
        "{dir}{id}.9999999999.{signature}",
        "{dir}{id}.0.{signature}",
        "{dir}" + "0" * 32 + ".{expiry}.{signature}",
        "{dir}{id}.{expiry}.",
        "{dir}{id}.{expiry}." + "A" * 43,
        "{dir}%D9%A1{token}",
        "{dir}" + "a" * 6000,
        "{dir}*",
        "{dir}..;/metrics",
        "/webhooks/whatsapp/media%2f{token}",
        "/../../etc/passwd",
        "//etc/passwd",
    ],
)
async def test_no_other_path_opens_anything(bot, path, trick):
    directory, _, token = path.rpartition("/")
    media_id, expiry, signature = token.split(".")
    parts = {"id": media_id, "expiry": expiry, "signature": signature, "upper": token.upper(), "token": token}

    answer = await ask(bot, f"GET {trick.format(dir=directory + '/', **parts)} HTTP/1.1")

    assert PDF not in answer
    assert b" 200 " not in answer.split(b"\r\n")[0]
    assert b"Traceback" not in answer
    assert b"root:" not in answer


@pytest.mark.parametrize(
    "header",
    [
        "Range: bytes=0-3",
        "Range: bytes=" + "0-," * 500,
        "If-None-Match: *",
        "X-Forwarded-Host: golpe.example",
        "X-Original-URL: /webhooks/whatsapp/metrics",
        "X-Rewrite-URL: /webhooks/whatsapp/metrics",
        "Accept-Encoding: gzip, br, identity;q=0",
        "Cookie: admin=1",
    ],
    ids=lambda header: header[:20],
)
async def test_headers_change_nothing(bot, path, header):
    answer = await ask(bot, f"GET {path} HTTP/1.1", header)
    head, _, body = answer.partition(b"\r\n\r\n")

    assert b" 200 " in head.split(b"\r\n")[0]
    assert body == PDF
    assert b"golpe" not in head
    assert b"no-store" in head


async def test_head_gives_the_headers_alone(bot, path):
    head, _, body = (await ask(bot, f"HEAD {path} HTTP/1.1")).partition(b"\r\n\r\n")

    assert b" 200 " in head.split(b"\r\n")[0]
    assert body == b""


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "X"])
async def test_other_methods_open_nothing(bot, path, method):
    answer = await ask(bot, f"{method} {path} HTTP/1.1", f"X-Echo: {path}")

    assert b" 200 " not in answer.split(b"\r\n")[0]
    assert PDF not in answer
    assert b"X-Echo" not in answer
