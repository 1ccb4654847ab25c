"""Answers that are not SGP's API's are told apart, and none of them is ever 'not found'."""

from __future__ import annotations

import gzip

import pytest

from billing.sgp import errors
from billing.sgp.transport import MAX_BODY_BYTES


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (("<html>login</html>", 200, "text/html"), errors.SgpMisconfigured),
        (("{}", 200, ""), errors.SgpMisconfigured),
        (("", 200, "application/json"), errors.SgpMisconfigured),
        (('{"contratos": [', 200, "application/json"), errors.SgpMisconfigured),
        ((b"\xff\xfe\x00\xd8", 200, "application/json"), errors.SgpMisconfigured),
        (("[" * 100_000, 200, "application/json"), errors.SgpMisconfigured),
        (('{"valor": NaN}', 200, "application/json"), errors.SgpMisconfigured),
        (("{}", 301, "application/json"), errors.SgpMisconfigured),
        (("", 302, "text/html"), errors.SgpMisconfigured),
        (("<h1>Bad Request</h1>", 400, "text/html"), errors.SgpMisconfigured),
        (('{"erro": "x"}', 400, "application/json"), errors.SgpRequestRejected),
        (('{"erro": "x"}', 200, "application/json"), errors.SgpRequestRejected),
        (('{"x": 1}', 405, "application/json"), errors.SgpRequestRejected),
        (('{"detail": "x"}', 200, "application/json"), errors.SgpCredentialOrThrottle),
        (("", 429, "text/html"), errors.SgpCredentialOrThrottle),
        (('{"detail": "x"}', 404, "application/json"), errors.SgpRouteAbsent),
        (('{"contratos": []}', 503, "application/json"), errors.SgpOutage),
    ],
)
def test_classification(read_call, answer, expected, fake, client, deadline, reply):
    fake.will(reply(*answer, {"Location": "https://elsewhere.example/"}))
    with pytest.raises(errors.SgpError) as caught:
        read_call(client, deadline)
    assert type(caught.value) is expected
    assert {sent.path.startswith("/api/ura/") for sent in fake.sent} == {True}


@pytest.mark.parametrize(
    ("sample", "likely"), [("error__rate_limit_403", True), ("error__bad_credentials_403", False)]
)
def test_throttling_is_told_from_a_named_credential_error(sample, likely, fake, client, deadline):
    fake.will(sample)
    with pytest.raises(errors.SgpCredentialOrThrottle) as caught:
        client.connection("7001", deadline)
    assert caught.value.throttle_likely is likely


def test_gzip_is_read(fake, client, deadline, reply):
    fake.will(reply.gzipped(b'{"status": 1}'))
    assert client.connection("7001", deadline).value == "online"


@pytest.mark.parametrize(
    "make",
    [
        lambda reply: reply(b" " * (MAX_BODY_BYTES + 1)),
        lambda reply: reply.gzipped(b" " * (50 * MAX_BODY_BYTES)),
        lambda reply: reply(gzip.compress(b"{}")[:-6] + b"junk!!", headers={"Content-Encoding": "gzip"}),
    ],
    ids=["huge", "bomb", "damaged"],
)
def test_a_body_that_cannot_be_sgps(make, fake, client, deadline, reply):
    fake.will(make(reply))
    with pytest.raises(errors.SgpMisconfigured):
        client.connection("7001", deadline)
