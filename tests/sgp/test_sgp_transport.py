"""The real transport on a real socket: connections, logs, cookies, proxies, misbehaving servers."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from billing.deadline import Deadline
from billing.sgp.client import SgpClient
from billing.sgp.errors import SgpMisconfigured, SgpOutage, SgpTimeout

ONLINE = b'{"status": 1}'
TOKEN = "token-plantado"
APP = "app-plantada"


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = lambda handler: handler.give(ONLINE)
        self.connections = 0
        self.requests = []
        self.stopping = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.connections += 1

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def do_GET(self):
        self.server.requests.append((self.path, dict(self.headers)))
        self.server.answer(self)

    def give(self, body, length=None, **headers):
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Transfer_Encoding" not in headers:
            self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def drip(self):
        self.give(b"", length=10_000)
        with contextlib.suppress(OSError):
            while not self.server.stopping.wait(0.02):
                self.wfile.write(b" ")

    def log_message(self, *_):
        """Keeps the test's output clean."""


@pytest.fixture
def server():
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.stopping.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def client(server):
    made = SgpClient(server.url, TOKEN, APP, sleep=lambda _: None, connect_timeout=2, read_timeout=0.4)
    yield made
    made._transport._session.close()


def ask(client):
    return client.connection("7001", Deadline.after(1.5))


def test_calls_share_a_connection(server, client):
    for _ in range(3):
        ask(client)
    assert (len(server.requests), server.connections) == (3, 1)


def test_threads_do_not_wait_for_a_connection(server):
    both = threading.Barrier(2, timeout=5)
    server.answer = lambda handler: (both.wait(), handler.give(ONLINE))
    client = SgpClient(server.url, TOKEN, APP, pool_size=1)
    threads = [threading.Thread(target=client.connection, args=("7001", Deadline.after(5))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.requests) == 2
    client._transport._session.close()


def test_chunked_answers_are_read(server, client):
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(ONLINE), ONLINE)
    server.answer = lambda handler: handler.give(body, Transfer_Encoding="chunked")
    assert ask(client).value == "online"


def test_cookies_are_not_kept(server, client):
    server.answer = lambda handler: handler.give(ONLINE, Set_Cookie="sessionid=of-another-customer; Path=/")
    ask(client)
    ask(client)
    assert [headers.get("Cookie") for _, headers in server.requests] == [None, None]


def test_the_environments_proxy_is_ignored(client, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    assert ask(client).value == "online"


def test_urllib3_logs_the_path_but_not_the_token(server, client, caplog):
    caplog.set_level(logging.DEBUG)
    server.answer = lambda handler: handler.give(b"[]")
    client.maintenances(Deadline.after(5))
    assert TOKEN in server.requests[0][0]
    assert "/api/ura/manutencao/list/?..." in caplog.text
    assert TOKEN not in caplog.text
    assert APP not in caplog.text


def test_without_the_redaction_the_token_would_be_logged(server, client, caplog):
    caplog.set_level(logging.DEBUG)
    logger = logging.getLogger("urllib3.connectionpool")
    installed = list(logger.filters)
    for redaction in installed:
        logger.removeFilter(redaction)
    try:
        server.answer = lambda handler: handler.give(b"[]")
        client.maintenances(Deadline.after(5))
    finally:
        for redaction in installed:
            logger.addFilter(redaction)
    assert TOKEN in caplog.text


def test_a_body_cut_short_is_an_outage(server, client):
    def cut(handler):
        handler.give(ONLINE, length=500)
        handler.close_connection = True

    server.answer = cut
    with pytest.raises(SgpOutage):
        ask(client)


def test_a_dripping_server_does_not_hold_the_thread(server, client):
    server.answer = Handler.drip
    started = time.monotonic()
    with pytest.raises(SgpTimeout):
        ask(client)
    assert time.monotonic() - started < 3


def test_a_silent_server_is_a_timeout(server, client):
    server.answer = lambda handler: handler.server.stopping.wait(5)
    with pytest.raises(SgpTimeout):
        ask(client)


def test_a_redirect_is_not_followed(server, client):
    def redirect(handler):
        handler.send_response(302)
        handler.send_header("Location", "/accounts/login/")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server.answer = redirect
    with pytest.raises(SgpMisconfigured):
        ask(client)
    assert len(server.requests) == 1


def test_nobody_listening_is_an_outage():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        client = SgpClient(url, TOKEN, APP, sleep=lambda _: None)
        with pytest.raises(SgpOutage):
            client.connection("7001", Deadline.after(5))
        client._transport._session.close()
