"""What is taken for a slip, and how long it may take, over real sockets."""

from __future__ import annotations

import socket
import time

import pytest

from billing import slips
from billing.deadline import Deadline
from billing.slips import NotASlip, SlipFetcher, SlipTimeout, SlipUnreachable
from tests.billing.slips.slip_server import (
    BANK,
    LINK,
    PDF,
    PUBLIC,
    Internet,
    fetcher_on,
    gives,
    pdf,
    redirect,
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
