"""Media of outgoing messages: fetched, compared with what it says it is, shown."""

from __future__ import annotations

import hashlib
from collections import deque

import pytest

from sandbox.twilio.media import MAX_BYTES, MAX_IMAGE_BYTES, MediaFailed, check_media
from tests.sandbox.twilio_bench import PDF, PUBLIC, File

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


async def send(twilio, file=None, *, url=f"{PUBLIC}/media/a", **parameters):
    """A media message to Maria, when all is done."""
    await twilio.open_window()
    if file is not None:
        twilio.bot.files["/media/a"] = file
    status, message = await twilio.create(**{"Body": None, "MediaUrl": url} | parameters)
    assert (status, message["num_media"], message["sid"][:2]) == (201, "1", "MM")
    return await twilio.message(message["sid"])


async def test_a_pdf_is_shown_with_its_name_hash_and_size(twilio):
    message = await send(twilio, File(disposition='inline; filename="boleto.pdf"'))
    assert message["error_code"] is None
    (shown,) = await twilio.phone()
    assert shown["media"] == {
        "content_type": "application/pdf",
        "filename": "boleto.pdf",
        "sha256": hashlib.sha256(PDF).hexdigest(),
        "size": len(PDF),
    }
    assert twilio.bot.fetched == [("HEAD", "/media/a"), ("GET", "/media/a")]
    async with twilio.session.get(f"{twilio.base}/_sandbox/media/{message['sid']}") as answer:
        assert (await answer.read(), answer.content_type) == (PDF, "application/pdf")


@pytest.mark.parametrize(
    ("file", "caption"), [(File(PNG, "image/png"), "Seu QR code"), (File(), "")], ids=["picture", "document"]
)
async def test_pictures_show_a_caption_and_documents_none(twilio, file, caption):
    await send(twilio, file, Body="Seu QR code")
    (shown,) = await twilio.phone()
    assert shown["body"] == caption


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (None, 63019),
        (File(statuses=deque([403] * 9)), 63019),
        (File(statuses=deque([500] * 9)), 63019),
        (File(location="/media/a"), 63019),
        (File(PNG + bytes(MAX_IMAGE_BYTES), "image/png"), 63019),
        (File(PDF + bytes(MAX_BYTES)), 63019),
        (File(b"<html>login</html>"), 12300),
        (File(PDF, "image/png"), 12300),
        (File(head_type="text/html"), 12300),
        (File(b"<html>login</html>", "text/html"), 63021),
        (File(PDF, "application/octet-stream"), 63021),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)
async def test_bad_media_fails_with_its_code_and_is_never_shown(twilio, file, code):
    message = await send(twilio, file)
    assert (message["status"], message["error_code"]) == ("failed", code)
    assert twilio.bot.statuses_of(message["sid"]) == ["queued", "failed"]
    assert twilio.bot.posts[-1].form["ErrorCode"] == str(code)
    assert await twilio.phone() == []


async def test_nobody_listening_is_a_failed_download(twilio):
    message = await send(twilio, url="http://127.0.0.1:9/a.pdf")
    assert message["error_code"] == 63019


async def test_a_redirect_is_followed(twilio):
    twilio.bot.files["/media/b"] = File()
    message = await send(twilio, File(location="/media/b"))
    assert message["error_code"] is None
    assert ("GET", "/media/b") in twilio.bot.fetched


async def test_one_bad_answer_is_tried_again(twilio):
    message = await send(twilio, File(statuses=deque([503])))
    assert message["error_code"] is None


async def test_a_later_text_may_overtake_media(twilio):
    await twilio.open_window()
    twilio.bot.files["/media/a"] = File()
    await twilio.create(Body=None, MediaUrl=f"{PUBLIC}/media/a")
    await twilio.create(Body="depois")
    await twilio.settle()
    first, second = await twilio.phone()
    assert (second["body"], second["accepted_at"] > first["accepted_at"]) == ("depois", True)
    assert first["shown_at"] > second["shown_at"]


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("application/pdf", PDF),
        ("image/png", PNG),
        ("image/jpeg", b"\xff\xd8\xff\xe0"),
        ("image/webp", b"RIFF\x00\x00\x00\x00WEBP"),
        ("video/mp4", b"\x00\x00\x00\x18ftypmp42"),
        (DOCX, b"PK\x03\x04"),
    ],
)
def test_good_bytes_pass(content_type, content):
    check_media(content_type, content)


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("application/pdf", b""),
        ("application/pdf", b" %PDF-1.4"),
        ("image/png", b"\xff\xd8\xff\xe0"),
        ("image/webp", b"RIFF\x00\x00\x00\x00WAVE"),
        ("video/mp4", b"ftypmp42"),
        (DOCX, PDF),
        ("image/gif", b"GIF89a"),
    ],
)
def test_bad_bytes_are_found_out(content_type, content):
    with pytest.raises(MediaFailed):
        check_media(content_type, content)
