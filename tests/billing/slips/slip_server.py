"""Servers that give slips, and an Internet whose names lead where a test says."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from billing.slips import SlipFetcher

PDF = b"%PDF-1.7\n" + b"conteudo " * 300 + b"\n%%EOF\n"
LINK = "/boleto/30011-EXEMPLO/"
BANK = "boletos.banco.example"
PUBLIC = "93.184.216.34"


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = {}
        self.requests = []
        self.stopping = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.requests.append((self.path, self.headers["Host"]))
        self.server.answers.get(self.path, Handler.missing)(self)

    def missing(self):
        self.give(b"", status=404)

    def give(self, body, status=200, **headers):
        self.send_response(status)
        for name, value in {"Content-Length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def drip(self, first):
        with contextlib.suppress(OSError):
            self.wfile.write(first)
            while not self.server.stopping.wait(0.02):
                self.wfile.write(b"x")

    def log_message(self, *_):
        """Keeps the test's output clean."""


def pdf(handler):
    handler.give(PDF)


def redirect(target, status=302):
    return lambda handler: handler.give(b"", status, Location=target)


def gives(body, **headers):
    return lambda handler: handler.give(body, **headers)


@contextlib.contextmanager
def running(server):
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.stopping.set()
        server.shutdown()
        thread.join()


class Internet:
    """Names resolve to what a test says, the next answer each time; every connection ends at one server."""

    def __init__(self, port, *answers):
        self.port = port
        self.answers = list(answers)
        self.connected = []

    def resolve(self, _host, port, **_):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answer]

    def connect(self, address, timeout):
        self.connected.append(address)
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)


def fetcher_on(internet, certificate=None, hosts=(BANK,)):
    context = ssl.create_default_context(cafile=certificate)
    return SlipFetcher(
        "https://sgp.provedor.example",
        hosts,
        resolve=internet.resolve,
        connect=internet.connect,
        certificates=context,
    )
