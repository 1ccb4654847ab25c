"""Slips from real sockets: what is fetched, from where only, and how long it may take."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from billing import slips
from billing.deadline import Deadline
from billing.slips import NotASlip, SlipFetcher, SlipForbidden, SlipTimeout, SlipUnreachable

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


@pytest.fixture
def server():
    with running(Server()) as made:
        made.answers[LINK] = pdf
        yield made


@pytest.fixture
def fetch(server):
    """Fetch from the sandbox SGP on loopback."""
    fetcher = SlipFetcher(server.url, (BANK,))
    return lambda link=LINK, seconds=5: fetcher.fetch(server.url + link, Deadline.after(seconds))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Of the bank; one file with the key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, BANK)])
    now = dt.datetime.now(dt.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(BANK)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "bank.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def bank(certificate):
    made = Server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    made.socket = context.wrap_socket(made.socket, server_side=True, do_handshake_on_connect=False)
    made.answers["/1.pdf"] = pdf
    with running(made):
        yield made


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


def test_a_slip_of_the_sandbox_is_fetched(server, fetch):
    assert fetch() == PDF
    assert server.requests == [(LINK, f"127.0.0.1:{server.server_port}")]


def test_a_slip_comes_in_chunks(server, fetch):
    def chunked(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(PDF), PDF))

    server.answers[LINK] = chunked
    assert fetch() == PDF


def test_query_and_accents_arrive_as_they_are_meant(server, fetch):
    server.answers["/boleto/1/?nome=Jo%C3%A3o%20A"] = pdf
    assert fetch("/boleto/1/?nome=João A#pagina") == PDF


def test_a_bank_is_reached_at_the_address_that_was_looked_at(bank, certificate):
    rebinding = Internet(bank.server_port, [PUBLIC], ["127.0.0.1"])

    assert fetcher_on(rebinding, certificate).fetch(f"https://{BANK}/1.pdf", Deadline.after(5)) == PDF
    assert rebinding.connected == [(PUBLIC, 443)]
    assert bank.requests == [("/1.pdf", BANK)]


def test_each_step_of_a_redirect_is_looked_at_anew(bank, certificate):
    bank.answers["/r"] = redirect("/1.pdf")
    rebinding = Internet(bank.server_port, [PUBLIC], ["127.0.0.1"])

    with pytest.raises(SlipForbidden):
        fetcher_on(rebinding, certificate).fetch(f"https://{BANK}/r", Deadline.after(5))
    assert rebinding.connected == [(PUBLIC, 443)]


def test_an_address_that_does_not_answer_is_followed_by_the_next(bank, certificate):
    internet = Internet(bank.server_port, ["2606:2800:220:1::1", PUBLIC])
    answering = internet.connect

    def connect(address, timeout):
        if ":" in address[0]:
            raise OSError
        return answering(address, timeout)

    internet.connect = connect
    assert fetcher_on(internet, certificate).fetch(f"https://{BANK}/1.pdf", Deadline.after(5)) == PDF


def test_the_certificate_must_name_the_host(bank, certificate):
    internet = Internet(bank.server_port, [PUBLIC])
    other = fetcher_on(internet, certificate, hosts=("outro.example",))

    with pytest.raises(SlipUnreachable):
        other.fetch("https://outro.example/1.pdf", Deadline.after(5))
    assert bank.requests == []


def test_an_unknown_authority_is_not_believed(bank):
    with pytest.raises(SlipUnreachable):
        fetcher_on(Internet(bank.server_port, [PUBLIC])).fetch(f"https://{BANK}/1.pdf", Deadline.after(5))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.10",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - an address that a name may lead to
        "224.0.1.1",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:10.1.2.3",
        "2002:0a01:0203::1",
        "64:ff9b::10.1.2.3",
        "ff0e::1",
    ],
)
def test_nobody_is_led_into_a_private_network(address):
    internet = Internet(0, [PUBLIC, address])

    with pytest.raises(SlipForbidden):
        fetcher_on(internet).fetch(f"https://{BANK}/1.pdf", Deadline.after(5))
    assert internet.connected == []


def test_loopback_is_only_the_configured_sgps(server):
    fetcher = SlipFetcher(server.url, (f"localhost:{server.server_port}",))

    with pytest.raises(SlipForbidden):
        fetcher.fetch(f"https://localhost:{server.server_port}{LINK}", Deadline.after(5))
    assert server.requests == []


def test_the_sandboxs_name_does_not_lead_to_other_machines():
    internet = Internet(0, [PUBLIC])
    fetcher = SlipFetcher("http://localhost:8010", resolve=internet.resolve, connect=internet.connect)

    with pytest.raises(SlipForbidden):
        fetcher.fetch("http://localhost:8010/boleto/1-X/", Deadline.after(5))


@pytest.mark.parametrize(
    "link",
    [
        "https://golpe.example/1.pdf",
        f"http://{BANK}/1.pdf",
        f"https://{BANK}:8443/1.pdf",
        f"https://{BANK}@golpe.example/1.pdf",
        f"https://x:y@{BANK}/1.pdf",
        f"https://{BANK}.golpe.example/1.pdf",
        "file:///etc/passwd",
        "/boleto/1-X/",
        "https://[",
        "",
    ],
)
def test_other_links_are_not_followed(link):
    internet = Internet(0, [PUBLIC])
    fetcher = fetcher_on(internet)

    assert not fetcher.allows(link)
    with pytest.raises(SlipForbidden):
        fetcher.fetch(link, Deadline.after(5))
    assert internet.connected == []


@pytest.mark.parametrize(
    "link", [f"https://{BANK}/1", f"HTTPS://{BANK.upper()}/1", "https://sgp.provedor.example/b/1"]
)
def test_allowed_links(link):
    assert fetcher_on(Internet(0, [PUBLIC])).allows(link)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_within_the_allowed_hosts_are_followed(server, fetch, status):
    server.answers |= {"/1": redirect("/2", status), "/2": redirect(f"{server.url}/3"), "/3": redirect(LINK)}
    assert fetch("/1") == PDF


def test_no_more_than_three_redirects(server, fetch):
    server.answers |= {f"/{n}": redirect(f"/{n + 1}") for n in range(3)} | {"/3": redirect(LINK)}
    with pytest.raises(SlipForbidden):
        fetch("/0")


@pytest.mark.parametrize(
    "target",
    ["https://golpe.example/1", "http://169.254.169.254/latest", "file:///etc/passwd", "//[", "gopher://x"],
)
def test_a_redirect_out_of_the_allowed_hosts_is_refused(server, fetch, target):
    server.answers["/1"] = redirect(target)
    with pytest.raises(SlipForbidden):
        fetch("/1")


def test_a_redirect_without_a_target_ends(server, fetch):
    server.answers["/1"] = gives(b"", status=302)
    with pytest.raises(SlipForbidden):
        fetch("/1")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><html><title>SGP Login</title></html>",
        b"<html>" + PDF,
        b"\n" + PDF,
        PDF[:1000],
        b"%PDF-1.7",
        PDF + b" " * 1100,
    ],
)
def test_what_is_no_whole_pdf_is_no_slip(server, fetch, body):
    server.answers[LINK] = gives(body)
    with pytest.raises(NotASlip):
        fetch()


def test_a_file_over_the_cap_is_no_slip(server, fetch, monkeypatch):
    monkeypatch.setattr(slips, "MAX_BYTES", len(PDF))
    assert fetch() == PDF
    server.answers[LINK] = gives(b"%PDF-1.7 " + PDF)
    with pytest.raises(NotASlip):
        fetch()


@pytest.mark.parametrize("status", [204, 206, 401, 403, 404, 500, 502])
def test_another_status_is_no_slip(server, fetch, status):
    server.answers[LINK] = gives(PDF if status != 204 else b"", status=status)
    with pytest.raises(SlipUnreachable):
        fetch()


@pytest.mark.parametrize(
    "first",
    [
        b"HTTP/1.1 200 OK\r\nX-Endless: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n%PDF-1.7 ",
        b"HTTP/1.1 200 OK\r\n\r\n%PDF-1.7 ",
    ],
)
def test_a_dripping_server_does_not_hold_the_thread(server, fetch, first):
    server.answers[LINK] = lambda handler: handler.drip(first)
    started = time.monotonic()
    with pytest.raises(SlipTimeout):
        fetch(seconds=0.3)
    assert time.monotonic() - started < 2


def test_a_silent_server_is_a_timeout(server, fetch):
    server.answers[LINK] = lambda handler: handler.server.stopping.wait(5)
    with pytest.raises(SlipTimeout):
        fetch(seconds=0.3)


def test_a_dripping_tls_server_does_not_hold_the_thread(bank, certificate):
    bank.answers["/1.pdf"] = lambda handler: handler.drip(b"HTTP/1.1 200 OK\r\nX-Endless: ")
    fetcher = fetcher_on(Internet(bank.server_port, [PUBLIC]), certificate)
    started = time.monotonic()
    with pytest.raises(SlipTimeout):
        fetcher.fetch(f"https://{BANK}/1.pdf", Deadline.after(0.5))
    assert time.monotonic() - started < 2


def test_without_time_nothing_is_asked(server, fetch):
    with pytest.raises(SlipTimeout):
        fetch(seconds=0)
    assert server.requests == []


@pytest.mark.parametrize(
    "answer", [b"not http at all\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"]
)
def test_a_server_that_speaks_something_else_is_unreachable(server, fetch, answer):
    def babble(handler):
        handler.wfile.write(answer)
        handler.close_connection = True

    server.answers[LINK] = babble
    with pytest.raises(SlipUnreachable):
        fetch()


def test_nobody_listening_is_unreachable():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        with pytest.raises(SlipUnreachable):
            SlipFetcher(url).fetch(f"{url}/1", Deadline.after(5))


def test_a_name_without_an_address_is_unreachable():
    def unknown(*_, **__):
        raise socket.gaierror

    fetcher = SlipFetcher("https://sgp.provedor.example", resolve=unknown)
    with pytest.raises(SlipUnreachable):
        fetcher.fetch("https://sgp.provedor.example/1", Deadline.after(5))


@pytest.mark.parametrize("kind", ["html", "status", "redirect", "forbidden"])
def test_errors_never_hold_the_link(server, fetch, kind):
    secret = "/boleto/30011-SEGREDO/"
    server.answers[secret] = {
        "html": gives(b"<html>"),
        "status": gives(b"", status=500),
        "redirect": redirect("https://golpe.example/SEGREDO"),
        "forbidden": redirect(secret),
    }[kind]
    with pytest.raises(slips.SlipError) as raised:
        fetch(secret)
    assert "SEGREDO" not in f"{raised.value!r} {raised.value.__cause__!r}"
