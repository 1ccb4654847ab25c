"""A sandbox SGP on loopback, and a bank with a certificate."""

from __future__ import annotations

import datetime as dt
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from billing.deadline import Deadline
from billing.slips import SlipFetcher
from tests.billing.slips.slip_server import BANK, LINK, Server, pdf, running


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
