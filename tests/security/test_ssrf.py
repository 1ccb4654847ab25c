"""Links of the ERP lead to the allowed hosts at public addresses, however they are written.

Rebinding, redirects and the plain cases: tests/billing/slips/test_slip_hosts.py.
"""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.deadline import Deadline
from billing.sgp import fields
from billing.slips import NotASlip, SlipError, SlipFetcher, SlipForbidden, _is_public
from tests.billing.slips.conftest import fetch, server
from tests.billing.slips.slip_server import BANK, PDF, PUBLIC, Internet, fetcher_on, gives, pdf, redirect

__all__ = ["fetch", "server"]

LOOPBACK_WRITINGS = (
    "127.0.0.1",
    "127.1",
    "127.0.0.1.",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "0",
    "0.0.0.0",  # noqa: S104 - a writing of this machine
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "localtest.me",
    "127.0.0.1.nip.io",
    "\uff11\uff12\uff17.0.0.1",
    "①②⑦.0.0.1",
    "169.254.169.254",
    "metadata.google.internal",
)
TRICKS = (
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "ftp://{bank}/1.pdf",
    "gopher://{bank}:443/_x",
    "dict://{bank}:443/x",
    "jar:https://{bank}/1!/x",
    "data:application/pdf,%PDF-",
    "javascript:alert(1)",
    "//{bank}/1.pdf",
    "https:{bank}/1.pdf",
    "https:///{bank}/1.pdf",
    "https://{bank}./1.pdf",
    "https://{bank}:/1.pdf",
    "https://{bank}:0443/1.pdf",
    "https://{bank}:22/1.pdf",
    "https://{bank}:99999/1.pdf",
    "https://x@{bank}/1.pdf",
    "https://{bank}@127.0.0.1/1.pdf",
    "https://{bank}%40127.0.0.1/1.pdf",
    "https://{bank}\\@127.0.0.1/1.pdf",
    "https://{bank}#@127.0.0.1/1.pdf\ud800",
    "https://127.0.0.1\\@{bank}/1.pdf",
    "https://127.0.0.1#@{bank}/1.pdf",
    "https://127.0.0.1?@{bank}/1.pdf",
    "https://127.0.0.1;@{bank}/1.pdf",
    "https://{bank}%00.golpe.example/1.pdf",
    "https://{bank}%2f.golpe.example/1.pdf",
    "https://{bank}\u3002golpe.example/1.pdf",
    "https://xn--{bank}/1.pdf",
    "https://[{bank}]/1.pdf",
    "https://{bank}\ud800/1.pdf",
)


@pytest.mark.parametrize("host", LOOPBACK_WRITINGS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_this_machine_by_any_name_is_no_host_of_slips(scheme, host):
    internet = Internet(0, [PUBLIC])

    with pytest.raises(SlipForbidden):
        fetcher_on(internet).fetch(f"{scheme}://{host}/boleto/1/", Deadline.after(5))
    assert internet.connected == []


@pytest.mark.parametrize("host", [host for host in LOOPBACK_WRITINGS if host[0] in "01[2"])
def test_even_when_the_operator_allowed_it_a_private_address_is_not_connected_to(host):
    """The system's own resolver reads these writings; what it answers is looked at."""
    connected = []

    def connect(address, timeout):  # noqa: ARG001 - as socket.create_connection
        connected.append(address)
        raise ConnectionRefusedError

    fetcher = SlipFetcher("https://sgp.provedor.example", (host,), connect=connect)

    with pytest.raises(SlipError):
        fetcher.fetch(f"https://{host}/boleto/1/", Deadline.after(5))
    assert connected == []


def test_the_systems_resolver_reads_such_writings():
    (first, *_) = socket.getaddrinfo("2130706433", 443, type=socket.SOCK_STREAM)
    assert first[4][0] == "127.0.0.1"


@pytest.mark.parametrize("link", TRICKS)
def test_a_link_that_only_looks_like_the_banks_is_not_followed(link):
    internet = Internet(0, [PUBLIC])
    fetcher = fetcher_on(internet)
    written = link.format(bank=BANK)

    with pytest.raises(SlipError):
        fetcher.fetch(written, Deadline.after(5))
    assert internet.connected in ([], [(PUBLIC, 443)])
    assert fetcher.allows(written) == bool(internet.connected)


@pytest.mark.parametrize(
    "link",
    [f"https://{BANK}/1.pdf", f"https://boletos%2ebanco.example/{'1' * 5000}", f"https://{BANK}\n/1.pdf"],
)
def test_what_is_allowed_is_asked_of_the_allowed_host_alone(link):
    asked = []

    class Watched(Internet):
        def resolve(self, host, port, **more):
            asked.append(host)
            return super().resolve(host, port, **more)

    fetcher = fetcher_on(Watched(0, [PUBLIC]))
    with pytest.raises(SlipError):
        fetcher.fetch(link, Deadline.after(5))
    assert set(asked) <= {BANK}


@pytest.mark.parametrize(
    "address",
    [
        "fec0::1",
        "::10.1.2.3",
        "::ffff:0:10.1.2.3",
        "64:ff9b:1::a01:203",
        "3fff::1",
        "5f00::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "192.0.0.9",
        "192.88.99.1",
        "198.18.0.1",
        "203.0.113.1",
        "240.0.0.1",
        "255.255.255.255",
    ],
)
def test_special_addresses_are_no_banks(address):
    assert not _is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "200.160.2.3", "2804:14c::1", "2606:2800:220:1::1"])
def test_public_addresses_are(address):
    assert _is_public(address)


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=4, network="127.0.0.0/8"))
def test_a_private_address_inside_an_ipv6_address_is_private(address):
    written = int(address)
    for prefix in ("::", "::ffff:0:0", "64:ff9b::", "64:ff9b:1::", "2002::"):
        shift = 80 if prefix == "2002::" else 0
        packed = int.from_bytes(socket.inet_pton(socket.AF_INET6, prefix), "big") | written << shift
        assert not _is_public(socket.inet_ntop(socket.AF_INET6, packed.to_bytes(16, "big")))


@pytest.mark.parametrize("target", [f"//{host}/1" for host in LOOPBACK_WRITINGS])
def test_a_redirect_to_this_machine_is_refused(server, fetch, target):
    server.answers["/1"] = redirect(target.encode().decode("latin-1"))

    with pytest.raises(SlipForbidden):
        fetch("/1")
    assert [path for path, _ in server.requests] == ["/1"]


def test_a_redirect_cannot_write_into_the_next_request(server, fetch):
    server.answers["/1"] = redirect("/2%0d%0aHost:%20golpe.example%0d%0aX:%20y z")
    with pytest.raises(SlipError):
        fetch("/1")

    hosts = {host for _, host in server.requests}
    assert len(server.requests) == 2
    assert hosts == {f"127.0.0.1:{server.server_port}"}


def test_a_compressed_slip_is_never_unpacked(server, fetch):
    server.answers["/1"] = gives(b"\x1f\x8b" + PDF, Content_Encoding="gzip")

    with pytest.raises(NotASlip):
        fetch("/1")


def test_a_pdf_is_handed_on_and_never_opened(server, fetch):
    """A bomb inside stays inside: nothing of this program unpacks its streams."""
    bomb = b"%PDF-1.7\n1 0 obj <</Filter/FlateDecode/Length 9>> stream\n" + b"x" * 100_000 + b"\n%%EOF\n"
    server.answers["/1"] = gives(bomb)

    assert fetch("/1") == bomb


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("/boleto/1/", "https://sgp.example/boleto/1/"),
        ("//golpe.example/1", "https://golpe.example/1"),
        ("file:///etc/passwd", None),
        ("javascript:alert(1)", None),
        ("https://[", None),
    ],
)
def test_a_link_of_the_erp_is_a_web_address_or_none(written, kept):
    assert fields.link({"link": written}, "link", "https://sgp.example") == kept


def test_the_fixtures_serve_a_slip(server, fetch):
    server.answers["/1"] = pdf
    assert fetch("/1") == PDF
