"""Two Rasa servers on one database are one bot, and the terminal says what WhatsApp says."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import zxingcpp
from PIL import Image
from twilio.request_validator import RequestValidator

from billing.contacts import ContactBook, Proof
from billing.database import open_database
from billing.media import MediaStore
from billing.vault import Vault
from sandbox.twilio.account import AUTH_TOKEN
from sandbox.twilio.people import Writing, form_of
from tests.stack import KEYS
from tests.whatsapp.installation import NOTICES, PRIVACY

pytestmark = pytest.mark.xdist_group("whatsapp")

COPIES = 20
TALKS = {
    "maria": ("oi", "quero meu boleto", "{document}", "pix", "prefiro o qr code", "pdf", "obrigada"),
    "ana": ("minha internet foi cortada", "{document}", "a mais antiga", "linha digitável", "não"),
    "empresa": ("quero as faturas", "{document}", "todas", "pix"),
    "paula": ("xyzzy plugh", "foo bar baz", "já paguei", "{document}"),
}


@pytest.fixture(scope="module")
def bot(served_on_postgres):
    with served_on_postgres.replica():
        yield served_on_postgres


@pytest.fixture(autouse=True)
def _fresh(bot):
    bot.forget()


def post(bot, form, *, to_replica):
    """Post a message as Twilio would; the load balancer chose the server."""
    url = f"{bot.bot_url}/webhook"
    signed = RequestValidator(AUTH_TOKEN).compute_signature(url, form)
    target = f"{bot.replica_url}/webhooks/whatsapp/webhook" if to_replica else url
    return requests.post(target, data=form, headers={"X-Twilio-Signature": signed}, timeout=30).status_code


def test_a_message_twenty_times_at_once_at_two_servers_and_after_a_restart_is_one_turn(bot):
    person = bot.address_of("maria")
    form = form_of(Writing(text="quero meu boleto"), person, "http://127.0.0.1")
    bot.twilio.open_window(person)

    def everywhere():
        with ThreadPoolExecutor(COPIES) as threads:
            posts = [threads.submit(post, bot, form, to_replica=number % 2) for number in range(COPIES)]
            assert {each.result() for each in posts} == {204}
        bot.quiet()
        return bot.heard(person)

    first = everywhere()
    assert len(first) == 1

    bot.kill("rasa")
    bot.start("rasa")
    bot.wait_until_ready()
    assert everywhere() == first


def test_one_persons_messages_keep_their_order_across_servers(bot):
    person, document = bot.address_of("maria"), bot.sandbox.customers()["maria"]["document"]
    bot.twilio.open_window(person)

    for number, text in enumerate(("quero o pix", document)):
        form = form_of(Writing(text=text), person, "http://127.0.0.1")
        assert post(bot, form, to_replica=number % 2) == 204
    bot.quiet()

    texts = bot.heard(person)
    assert any(text.startswith("000201") for text in texts), texts


@pytest.mark.parametrize("key", TALKS)
def test_the_terminal_says_what_whatsapp_says(bot, key):
    customer = bot.sandbox.customers()[key]
    texts = [text.format(document=customer["document"]) for text in TALKS[key]]

    on_whatsapp = [whatsapp_says(bot, f"whatsapp:{customer['phone']}", text) for text in texts]
    bot.forget()
    in_terminal = shell_says(bot, f"whatsapp:{customer['phone']}", texts)

    assert all(on_whatsapp)
    assert on_whatsapp == in_terminal


def whatsapp_says(bot, address, text):
    """What one message brings to the phone, line by line."""
    before = len(bot.twilio.phone(address))
    bot.say(address, text)
    bot.quiet()
    said = []
    for message in bot.twilio.phone(address)[before:]:
        if message["body"].startswith(NOTICES):
            continue
        if message["media"] is None:
            # The terminal owes nobody the notice of a first answer.
            said += lines(message["body"].removesuffix(PRIVACY))
        else:
            said.append(file_said(message["media"]["content_type"], bot.twilio.media(message["sid"])))
    return said


def shell_says(bot, address, texts):
    """The same for what `rasa shell` gets, which posts to the same server's other channel."""
    engine = open_database(bot.environment["DATABASE_URL"])
    vault = Vault([KEYS["PII_ENCRYPTION_KEYS"]], KEYS["PII_INDEX_KEY"])
    sender_id = ContactBook(engine, vault, demo_allowed=True).remember(address, Proof.DEMO)
    media = MediaStore(engine, vault)
    said = []
    for text in texts:
        answer = requests.post(
            f"{bot.replica_url}/webhooks/rest/webhook",
            json={"sender": sender_id, "message": text, "input_channel": "cmdline"},
            timeout=60,
        )
        messages = [each for each in answer.json() if not each.get("text", "").startswith(NOTICES)]
        said.append([line for message in messages for line in shell_lines(message, media)])
    engine.dispose()
    return said


def shell_lines(message, media):
    custom = message.get("custom") or {}
    if custom.get("type") == "pix_qr_code":
        return [("qr", custom["code"])]
    if custom.get("type") == "slip_pdf":
        slip = media.get(custom["media_id"])
        return [file_said(slip.content_type, slip.content)]
    buttons = [
        f"{number}. {each['title']}" for number, each in enumerate(message.get("buttons", ()), start=1)
    ]
    return lines(message["text"]) + buttons


def lines(text):
    return [line for line in text.splitlines() if line.strip()]


def file_said(content_type, content):
    """A QR code says its code; a slip is its content."""
    if content_type != "image/png":
        return ("file", content_type, content[:8], len(content))
    with Image.open(io.BytesIO(content)) as picture:
        (found,) = zxingcpp.read_barcodes(picture.convert("L"))
    return ("qr", found.text)


def test_lines_that_differ_are_seen():
    assert lines("Olá!\n\nTudo bem?") == ["Olá!", "Tudo bem?"] != lines("Olá!")
