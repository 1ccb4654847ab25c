"""Posts to the desk: signed, tried again while that can help, and over after six seconds at most."""

from __future__ import annotations

import hashlib
import hmac
import io
import json

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter

from billing.sgp.transport import pooled_session
from billing.webhook import Webhook

URL = "https://central.example/robo?token=token-plantado"
MESSAGE = {"type": "message", "id": "1", "text": "Olá, você aí \ud83d"}


class Desk(HTTPAdapter):
    """Gives its replies in order, the last one for ever: a status or an exception."""

    def __init__(self):
        super().__init__()
        self.now = 1000.0
        self.replies = [204]
        self.took = 0.0
        self.sent = []
        self.timeouts = []

    def sleep(self, seconds):
        self.now += seconds

    def send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None):  # noqa: ARG002 - requests' signature
        self.sent.append(request)
        self.timeouts.append(timeout)
        self.now += min(self.took, timeout[1])
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        raw = urllib3.HTTPResponse(io.BytesIO(), {"Location": URL}, reply, preload_content=False)
        return self.build_response(request, raw)


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def post(desk):
    session = pooled_session(1)
    session.mount("https://", desk)
    webhook = Webhook(URL, "segredo", session=session, clock=lambda: desk.now, sleep=desk.sleep)
    return lambda: webhook.post(MESSAGE)


def test_the_body_as_it_is_sent_is_signed(desk, post):
    assert post()

    (request,) = desk.sent
    assert json.loads(request.body) == MESSAGE
    assert request.headers["Content-Type"] == "application/json"
    expected = hmac.new(b"segredo", request.body, hashlib.sha256).hexdigest()
    assert request.headers["X-Signature"] == f"sha256={expected}"


@pytest.mark.parametrize(
    "failure", [500, 503, requests.ConnectionError(), urllib3.exceptions.ProtocolError()]
)
def test_what_may_pass_is_tried_again_with_the_same_body(desk, post, failure):
    desk.replies = [failure, failure, 200]

    assert post()
    assert len({request.body for request in desk.sent}) == 1
    assert len(desk.sent) == 3


def test_after_three_tries_it_is_given_up(desk, post):
    desk.replies = [503]

    assert not post()
    assert len(desk.sent) == 3


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 429])
def test_a_refusal_is_final_and_a_redirect_is_not_followed(desk, post, status):
    desk.replies = [status]

    assert not post()
    assert len(desk.sent) == 1


def test_a_desk_that_hangs_costs_six_seconds(desk, post):
    desk.replies, desk.took = [requests.ReadTimeout()], 60.0
    began = desk.now

    assert not post()
    assert desk.now - began == pytest.approx(6.0)
    assert desk.timeouts == [(2.0, 5.0), pytest.approx((0.9, 0.9))]


@pytest.mark.parametrize("failure", [404, requests.ConnectionError(f"no route to {URL}")])
def test_the_log_tells_why_and_neither_the_address_nor_the_message(desk, post, failure, caplog):
    desk.replies = [failure]
    post()

    assert ("404" if failure == 404 else "ConnectionError") in caplog.text
    assert not [
        planted for planted in ("token-plantado", "central.example", "você") if planted in caplog.text
    ]
