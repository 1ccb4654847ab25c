"""`python -m sandbox.twilio` as a process, through the client that other tests use."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from billing.settings import PROJECT_ROOT
from sandbox.twilio.account import ACCOUNT_SID, WHATSAPP_NUMBER
from tests.fake_twilio import running_twilio

MARIA = "whatsapp:+5511988880001"


def command(*arguments):
    return [sys.executable, "-W", "error", "-m", "sandbox.twilio", *arguments]


class Bot(BaseHTTPRequestHandler):
    """Takes everything."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_arguments):
        pass


@contextmanager
def listening_bot():
    with ThreadingHTTPServer(("127.0.0.1", 0), Bot) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_a_person_writes_and_gets_an_answer():
    with listening_bot() as bot_url, running_twilio(bot_url, "https://bot.example") as twilio:
        settings = twilio.environment()
        note = twilio.write_as(MARIA, "oi", copies=3)
        assert (note["acknowledged"], len(note["deliveries"])) == (True, 3)
        assert [each["acknowledged"] for each in twilio.write_many(MARIA, {"text": "a"}, {"text": "b"})] == [
            True,
            True,
        ]
        twilio.callbacks(copies=2)
        answer = requests.post(
            f"{settings['TWILIO_API_BASE_URL']}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json",
            auth=(settings["TWILIO_API_KEY_SID"], settings["TWILIO_API_KEY_SECRET"]),
            data={
                "To": MARIA,
                "From": WHATSAPP_NUMBER,
                "Body": "Olá!",
                "StatusCallback": "https://bot.example/status",
            },
            timeout=10,
        )
        assert answer.status_code == 201
        (shown,) = twilio.phone(MARIA, count=1)
        assert (shown["sid"], shown["body"]) == (answer.json()["sid"], "Olá!")
        assert twilio.settle()
        assert twilio.stats()["callbacks"] == {"204": 8}
        assert twilio.phones() == {MARIA: twilio.messages()}
        assert len(twilio.written()) == 3
        twilio.reset()
        assert twilio.messages() == []


def test_it_prints_one_line_and_stops_on_sigterm():
    with subprocess.Popen(
        command("--port", "0"), cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        line = process.stdout.readline()
        assert line.startswith("sandbox Twilio em http://127.0.0.1:")
        process.terminate()
        out, errors = process.communicate(timeout=10)
    assert (process.returncode, out, errors) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--port", "oito"), "porta inválida: oito"),
        (("--bot-url", "bot.example"), "endereço inválido: bot.example"),
        (("--public-base-url", "ftp://bot.example"), "endereço inválido: ftp://bot.example"),
    ],
)
def test_bad_arguments_are_told_in_portuguese(arguments, told):
    done = subprocess.run(command(*arguments), cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, told in done.stderr) == (2, True)
