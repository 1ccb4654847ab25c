"""From where a slip may be fetched, over real sockets."""

from __future__ import annotations

import pytest

from billing.deadline import Deadline
from billing.slips import SlipFetcher, SlipForbidden, SlipUnreachable
from tests.billing.slips.slip_server import BANK, LINK, PDF, PUBLIC, Internet, fetcher_on, gives, redirect


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
