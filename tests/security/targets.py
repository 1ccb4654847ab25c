"""Every parser that takes bytes from outside, and what must hold whatever it is given."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from hypothesis import strategies as st

from addons.nlu.extractor import extract
from addons.nlu.hygiene import MAX_CHARACTERS, clean
from addons.whatsapp import statuses
from addons.whatsapp.channel import _sender_in
from addons.whatsapp.form import MAX_ID, MAX_TEXT, IncomingMessage, StatusUpdate, UnreadableForm, read_fields
from addons.whatsapp.render import MAX_BODY, plain, split
from addons.whatsapp.signature import SignatureCheck
from billing.codes import brcode, slip
from billing.deadline import Deadline
from billing.documents import DocumentError, could_be_mobile, find_documents, find_malformed, parse
from billing.hours import BusinessHours, HoursError
from billing.media import MediaLinks
from billing.redaction import mask_documents, redact
from billing.settings import Settings, SettingsError, load_settings
from billing.sgp.client import SgpClient
from billing.sgp.errors import SgpError
from billing.slips import SlipError, SlipFetcher
from tests.security.fuzzing import Target
from tests.security.mutations import json_near, mutated, texts_near
from tests.sgp.conftest import BASE_URL, READS, SAMPLES, FakeSgp, Reply
from tests.stack import KEYS

PIX = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000"
    "5204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D"
)
BANK_LINE = "00190.50095 40144.816069 06809.350314 3 37370000000100"
COLLECTION_LINE = "84670000001-7 43590024020-9 02405000243-5 84221010811-9"
SAYINGS = (
    "meu cpf é 529.982.247-25, quero o boleto de agosto",
    "12.ABC.345/01DE-35",
    "cinco dois nove nove oito dois dois quatro sete dois cinco",
    "11987654321 e 55 (11) 98765-4321, venc. 10/12/2026, R$ 1.234,56",
    f"o código {PIX} não funciona, nem {BANK_LINE}",
    "a primeira, a segunda e a de 99,90; a mais antiga não, nem pix nem boleto por e-mail",
)
FORM = {
    "MessageSid": "SM0123456789abcdef0123456789abcdef",
    "From": "whatsapp:+5511987654321",
    "ExternalUserIdentifier": "BR.1502576394655843",
    "Body": "quero meu boleto",
    "ButtonPayload": "0a" * 16,
    "ButtonText": "Sim",
    "ListId": "0b" * 16,
    "ListTitle": "Novembro",
    "ProfileName": "Maria",
    "MessageType": "text",
    "MediaContentType0": "image/jpeg",
    "MediaUrl0": "https://api.twilio.com/x",
    "Latitude": "-23.5",
    "Longitude": "-46.6",
    "OriginalRepliedMessageSid": "MM0123456789abcdef0123456789abcdef",
    "MessageStatus": "delivered",
    "SmsStatus": "sent",
    "ErrorCode": "63016",
}
TOKEN = "0123456789abcdef"
HOUR = 1_800_000_000.0


def bytes_near(*originals: str) -> st.SearchStrategy[bytes]:
    """Mutated texts as bytes, and any bytes."""
    return st.one_of(
        mutated(originals).map(lambda text: text.encode(errors="replace")), st.binary(max_size=300)
    )


def check_form(body: Any) -> None:
    try:
        fields = read_fields(body)
    except ValueError:
        return
    form = {name: values[0] for name, values in fields.items()}
    try:
        message = IncomingMessage.from_form(form)
    except UnreadableForm:
        pass
    else:
        json.dumps([message.text, message.button, message.kind]).encode()
        assert re.fullmatch(r"whatsapp:[!-~]+", message.address)
        assert len(message.text) <= MAX_TEXT
        assert len(message.button or "") <= MAX_ID
        assert "\0" not in message.text + (message.button or "")
    try:
        update = StatusUpdate.from_form(form)
    except UnreadableForm:
        return
    statuses.advances(None, update.status)
    statuses.failure(update.error_code)


def check_signature(text: Any) -> None:
    header, _, body = text.partition("\n")
    check = SignatureCheck((TOKEN, ""), "https://bot.example")
    try:
        fields = read_fields(body.encode(errors="surrogatepass"))
        genuine = check.accepts("/w", fields, header)
    except ValueError:
        # The channel takes it for forged, like everything that it cannot read.
        return
    # Nobody draws the right one of 2^160.
    assert not genuine


def check_erp(body: Any) -> None:
    fake, session = FakeSgp(), requests.Session()
    session.trust_env = False
    session.mount("https://", fake)
    fake.will(Reply(body))
    for call in READS.values():
        with session:
            client = SgpClient(BASE_URL, "t", "a", session=session, sleep=lambda _: None)
            try:
                # What it is made of can be kept and shown.
                repr(call(client, Deadline.after(60)))
            except SgpError:
                continue


def check_brcode(text: Any) -> None:
    try:
        found = brcode.parse(text)
    except brcode.InvalidBrCode:
        return
    assert found.code == text
    assert found.amount is None or 0 < found.amount < 10**10


def check_slip(text: Any) -> None:
    try:
        found = slip.parse(text, date(2026, 11, 25))
    except slip.InvalidSlip:
        return
    assert re.fullmatch(r"[0-9]{47,48}", found.digits)
    assert re.fullmatch(r"[0-9]{44}", found.barcode)
    assert slip.parse(found.formatted, date(2026, 11, 25)).digits == found.digits


def check_slip_file(answer: Any) -> None:
    """The bytes of a whole HTTP answer."""
    ours, theirs = socket.socketpair()

    def speak() -> None:
        with theirs:
            theirs.settimeout(5)
            try:
                theirs.sendall(answer)
                theirs.shutdown(socket.SHUT_WR)
                while theirs.recv(4096):
                    pass
            except OSError:
                return

    speaker = threading.Thread(target=speak)
    speaker.start()
    connections = [ours]

    def connect(_address: Any, timeout: float) -> socket.socket:
        if not connections:
            raise ConnectionRefusedError
        connections[0].settimeout(timeout)
        return connections.pop()

    fetcher = SlipFetcher("http://127.0.0.1:1", connect=connect)
    try:
        content = fetcher.fetch("http://127.0.0.1:1/boleto/1/", Deadline.after(2))
    except SlipError:
        return
    finally:
        ours.close()
        speaker.join()
    assert content.startswith(b"%PDF-")


def check_slip_link(link: Any) -> None:
    asked = []

    def resolve(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        asked.append((host, port))
        return [(2, 1, 6, "", ("93.184.216.34", port))]

    def connect(*_: Any, **__: Any) -> socket.socket:
        raise ConnectionRefusedError

    fetcher = SlipFetcher("https://sgp.example", ("boletos.example",), resolve=resolve, connect=connect)
    try:
        fetcher.fetch(link, Deadline.after(60))
    except SlipError:
        assert set(asked) <= {("sgp.example", 443), ("boletos.example", 443)}
        return
    raise AssertionError("nothing is there to be fetched")


def check_documents(text: Any) -> None:
    end = 0
    for found in find_documents(text):
        assert end <= found.start < found.end <= len(text)
        end = found.end
        assert re.fullmatch(r"[0-9A-Z]{11}|[0-9A-Z]{14}", found.document.digits)
        assert parse(found.document.formatted) == found.document
        could_be_mobile(text, found.document)
    find_malformed(text)
    with contextlib.suppress(DocumentError):
        parse(text)


def check_media_token(token: Any) -> None:
    links = MediaLinks(KEYS["MEDIA_SIGNING_KEY"], "https://bot.example", clock=lambda: HOUR)
    genuine = links.url("0" * 32).rsplit("/", 1)[1]
    assert (links.media_id_of(token) is not None) == (token == genuine)


def check_release(body: Any) -> None:
    class Request:
        @property
        def json(self) -> Any:
            return json.loads(body)

    sender = _sender_in(Request())  # type: ignore[arg-type]
    if sender is not None:
        assert sender.encode().startswith(b"whatsapp:")


def check_hours(text: Any) -> None:
    try:
        hours = BusinessHours.parse(text)
    except HoursError:
        return
    moment = datetime(2026, 11, 25, 13, 0)  # noqa: DTZ001 - local, as the bot gives it
    assert hours.is_open(hours.next_opening(moment))


def check_settings(text: Any) -> None:
    names = set(Settings.__fields__)
    lines = (line.partition("=") for line in text.splitlines())
    values = {name.lower(): value for name, _, value in lines if name.lower() in names}
    base = {name.lower(): value for name, value in KEYS.items()}
    try:
        made = load_settings(_env_file=None, **base | values)
    except SettingsError:
        return
    assert urlsplit(made.sgp_url).hostname
    assert not any(secret in repr(made) for secret in KEYS.values())


def check_redaction(text: Any) -> None:
    masked = redact(text)
    # What is written plainly and alone is never left over.
    assert "52998224725" not in masked.split()
    mask_documents(text)


def check_understanding(text: Any) -> None:
    cleaned = clean(text)
    assert len(cleaned) <= MAX_CHARACTERS
    assert not cleaned.startswith("/")
    cleaned.encode()
    for mention in extract(cleaned):
        assert 0 <= mention.start < mention.end <= len(cleaned)


def check_rendering(text: Any) -> None:
    parts = split(plain(text))
    assert all(len(part.encode("utf-16-le", "surrogatepass")) // 2 <= MAX_BODY for part in parts)


def _samples() -> list[Any]:
    contents = [json.loads(path.read_text("utf-8")) for path in sorted(SAMPLES.glob("*.json"))]
    return [content for content in contents if "_http_status" not in content]


HTTP_ANSWERS = (
    "HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n%PDF-1.7\nx\n%%EOF\n...",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n%PDF-1.7\nx\n%%EOF\n...\r\n0\r\n\r\n",
    "HTTP/1.1 302 Found\r\nLocation: /boleto/2/\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n%PDF-1.7 %%EOF",
)
LINKS = (
    "https://sgp.example/boleto/1-A/",
    "https://boletos.example/1.pdf?x=1#y",
    "https://boletos.example:443@127.0.0.1/",
    "http://127.0.0.1:8010/boleto/1/",
    "https://sgp.example%2f@x/",
)
ENVIRONMENTS = (
    "SGP_BASE_URL=https://provedor.sgp.net.br/admin/\nSGP_TOKEN=t\nSGP_APP=a\nSGP_MAX_RATE=5",
    "PUBLIC_BASE_URL=https://bot.example\nBOT_PORT=5005\nREDIS_URL=redis://x:6379/0",
    "TZ_PROVIDER=America/Sao_Paulo\nBUSINESS_HOURS=mon-fri 08:00-18:00\nHANDOFF_TIMEOUT=7200",
    "DATABASE_URL=postgresql://u:p@h/d\nERP_BUDGET_SECONDS=12\nDEFAULT_PAYMENT_FORMAT=pix",
)

TARGETS = (
    Target("webhook_form", bytes_near(urlencode(FORM), *(f"{k}={v}" for k, v in FORM.items())), check_form),
    Target("signature", texts_near("0/KCTR6DLpKmkAf8muzZqo1nDgQ=\n" + urlencode(FORM)), check_signature),
    Target("erp_answer", st.one_of(json_near(_samples()), st.binary(max_size=200)), check_erp),
    Target("brcode", texts_near(PIX), check_brcode),
    Target("slip_line", texts_near(BANK_LINE, COLLECTION_LINE, "8" * 48, "0" * 47), check_slip),
    Target("slip_file", bytes_near(*HTTP_ANSWERS), check_slip_file),
    Target("slip_link", texts_near(*LINKS), check_slip_link),
    Target("documents", texts_near(*SAYINGS), check_documents),
    Target("media_token", texts_near(f"{'0' * 32}.{int(HOUR) + 900}.{'A' * 43}"), check_media_token),
    Target(
        "release",
        st.one_of(
            json_near([{"sender": "whatsapp:+5511987654321"}, [{"sender": "x"}]]), st.binary(max_size=100)
        ),
        check_release,
    ),
    Target(
        "business_hours", texts_near("mon-fri 08:00-18:00; sat 08:00-12:00", "sun 00:00-24:00"), check_hours
    ),
    Target("settings", texts_near(*ENVIRONMENTS), check_settings),
    Target("redaction", texts_near(*SAYINGS, "Bearer abc.def", '"token": "x"'), check_redaction),
    Target("understanding", texts_near(*SAYINGS, "/affirm{}"), check_understanding),
    Target("rendering", texts_near(*SAYINGS, "*a* _b_ ~c~ `d`", "palavra " * 400), check_rendering),
)
