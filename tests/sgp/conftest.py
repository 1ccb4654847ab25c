"""A fake SGP below requests: a transport adapter that records what is sent and answers what a test says."""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter

from billing.deadline import Deadline
from billing.sgp.client import SgpClient

SAMPLES = Path(__file__).parent / "samples"
BASE_URL = "https://provedor-exemplo.sgp.example"
TOKEN = "token-plantado-no-teste"
APP = "app-plantado-no-teste"


class Clock:
    """Monotonic time that passes only when somebody sleeps or a test says so."""

    def __init__(self):
        self.now = 1000.0
        self.sleeps = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.sleeps.append(seconds)
        self.now += seconds


@dataclass(frozen=True)
class Reply:
    """What the fake answers; `body` may be JSON, text, bytes or something to read from."""

    body: Any
    status: int = 200
    content_type: str = "application/json"
    headers: dict = field(default_factory=dict)

    @classmethod
    def sample(cls, name):
        content = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
        if isinstance(content, dict) and "_http_status" in content:
            return cls(content["body"], content["_http_status"], content["_content_type"])
        return cls(content)

    @classmethod
    def gzipped(cls, body):
        return cls(gzip.compress(body), headers={"Content-Encoding": "gzip"})

    def raw(self):
        body = self.body
        if not hasattr(body, "read"):
            text = body if isinstance(body, (str, bytes)) else json.dumps(body, ensure_ascii=False)
            body = io.BytesIO(text if isinstance(text, bytes) else text.encode())
        return urllib3.HTTPResponse(
            body=body,
            headers={"Content-Type": self.content_type, **self.headers},
            status=self.status,
            preload_content=False,
        )


@dataclass(frozen=True)
class Sent:
    method: str
    path: str
    query: dict
    form: dict
    headers: dict
    timeout: tuple


class FakeSgp(HTTPAdapter):
    """Gives its replies in order, the last one for ever; an exception is raised instead."""

    def __init__(self):
        super().__init__()
        self.replies = []
        self.sent = []

    def will(self, *replies):
        self.replies = [
            reply if isinstance(reply, (Reply, Exception)) or callable(reply) else Reply.sample(reply)
            for reply in replies
        ]
        return self

    def send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None):  # noqa: ARG002 - requests' signature
        parts = urlsplit(request.url)
        sent = Sent(
            request.method,
            parts.path,
            dict(parse_qsl(parts.query)),
            dict(parse_qsl(request.body or "", keep_blank_values=True)),
            dict(request.headers),
            timeout,
        )
        self.sent.append(sent)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, requests.RequestException):
            # The real ones carry the request, form and all.
            reply.request = request
            raise reply
        if callable(reply):
            reply = reply(sent)
        return self.build_response(request, reply.raw())


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def fake():
    return FakeSgp()


@pytest.fixture
def client(fake, clock):
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", fake)
    with session:
        yield SgpClient(
            BASE_URL, TOKEN, APP, session=session, sleep=clock.sleep, clock=clock, rand=lambda: 0.5
        )


@pytest.fixture
def deadline(clock):
    return Deadline.after(12, clock)


@pytest.fixture
def reply():
    return Reply


@pytest.fixture
def secrets_sent():
    return {TOKEN, APP}


READS = {
    "find_contracts": lambda client, deadline: client.find_contracts("111.444.777-35", deadline),
    "contract": lambda client, deadline: client.contract("7001", deadline),
    "titles": lambda client, deadline: client.titles("7001", deadline),
    "second_copy": lambda client, deadline: client.second_copy("7001", deadline),
    "pix": lambda client, deadline: client.pix("7001", "81550", deadline),
    "connection": lambda client, deadline: client.connection("7001", deadline),
    "tickets": lambda client, deadline: client.tickets("7001", deadline),
    "maintenances": lambda client, deadline: client.maintenances(deadline),
}
WRITES = {
    "trust_unblock": lambda client, deadline: client.trust_unblock("7001", deadline),
    "open_ticket": lambda client, deadline: client.open_ticket("7001", "Motivo: asked.", deadline, kind=22),
    "email_slip": lambda client, deadline: client.email_slip("7001", "81", deadline),
}


@pytest.fixture
def reads():
    return READS


@pytest.fixture
def writes():
    return WRITES


@pytest.fixture(params=READS)
def read_call(request):
    """Every method that changes nothing in SGP, one after the other."""
    return READS[request.param]


@pytest.fixture(params=WRITES)
def write_call(request):
    """Every method that changes something in SGP."""
    return WRITES[request.param]
