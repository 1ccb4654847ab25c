"""How long a call may take, which calls are sent again, and what a lost answer of a write means."""

from __future__ import annotations

import io
import json

import pytest
import requests

from billing.deadline import Deadline
from billing.sgp import errors
from billing.sgp.models import UnblockKind


class Dripping(io.BytesIO):
    """Brings one byte a second."""

    def __init__(self, body, clock):
        super().__init__(body)
        self.clock = clock

    def read1(self, size=-1):  # noqa: ARG002 - the signature of files
        self.clock.now += 1
        return super().read1(1)


def test_a_dripping_body_ends_with_the_read_timeout(fake, client, clock, deadline, reply):
    fake.will(lambda sent: reply(Dripping(b" " * 1000 + b"{}", clock)))  # noqa: ARG005 - the fake gives it
    started = clock.now
    with pytest.raises(errors.SgpTimeout):
        client.connection("7001", deadline)
    assert clock.now - started <= 12 + 1


def test_timeouts_shrink_to_the_deadline(fake, client, clock):
    fake.will("verificaacesso__online")
    client.connection("7001", Deadline.after(60, clock))
    client.connection("7001", Deadline.after(2, clock))
    assert [sent.timeout for sent in fake.sent] == [(3.05, 8.0), (2.0, 2.0)]


def test_without_time_nothing_is_called(reads, writes, fake, client, clock):
    for call in (*reads.values(), *writes.values()):
        with pytest.raises(errors.SgpBudgetUsedUp):
            call(client, Deadline.after(0, clock))
    assert fake.sent == []
    assert issubclass(errors.SgpBudgetUsedUp, errors.SgpOutage)


@pytest.mark.parametrize(
    "failure",
    ["error__server_500_html", "error__rate_limit_403", requests.ConnectionError(), requests.ReadTimeout()],
)
@pytest.mark.parametrize("failures", [1, 2])
def test_a_read_survives_two_failures(failure, failures, fake, client, clock, deadline):
    fake.will(*[failure] * failures, "verificaacesso__online")
    assert client.connection("7001", deadline).value == "online"
    assert len(clock.sleeps) == failures


def test_a_read_gives_up_after_three_tries(read_call, fake, client, clock, deadline):
    fake.will("error__gateway_502_html")
    with pytest.raises(errors.SgpOutage):
        read_call(client, deadline)
    assert len(fake.sent) == 3
    assert clock.sleeps == [0.375, 0.625]


def test_throttling_is_met_with_the_longer_waits(fake, client, clock, deadline):
    fake.will("error__rate_limit_403")
    with pytest.raises(errors.SgpCredentialOrThrottle):
        client.connection("7001", deadline)
    assert clock.sleeps == [1.125, 1.125]


@pytest.mark.parametrize(
    "failure",
    [
        "error__login_html_200",
        "error__not_found_route_404",
        "consultacliente__missing_param",
        "titulos__empty",
    ],
)
def test_a_read_that_cannot_get_better_is_not_repeated(failure, fake, client, deadline):
    fake.will(failure)
    with pytest.raises(errors.SgpError):
        client.connection("7001", deadline)
    assert len(fake.sent) == 1


@pytest.mark.parametrize(
    ("failure", "seconds", "tries"),
    [
        (requests.ReadTimeout(), 2.3, 1),
        (requests.ReadTimeout(), 2.6, 2),
        (requests.ConnectionError(), 0.3, 1),
        (requests.ConnectionError(), 0.4, 2),
    ],
)
def test_retries_honour_the_deadline(failure, seconds, tries, fake, client, clock):
    fake.will(failure)
    deadline = Deadline.after(seconds, clock)
    with pytest.raises(errors.SgpOutage):
        client.connection("7001", deadline)
    assert len(fake.sent) == tries
    assert clock.now < deadline.at


# --- writes


UNKNOWN = [
    requests.ConnectionError(),
    requests.ReadTimeout(),
    "error__server_500_html",
    "error__login_html_200",
    "consultacliente__not_found",
    "titulos__empty",
    "central_chamado_list__empty",
]


@pytest.mark.parametrize("failure", UNKNOWN, ids=str)
def test_a_write_without_a_readable_answer_is_unknown_and_sent_once(
    write_call, failure, fake, client, clock, deadline
):
    fake.will(failure)
    with pytest.raises(errors.SgpWriteOutcomeUnknown) as caught:
        write_call(client, deadline)
    assert isinstance(caught.value.cause, errors.SgpError)
    assert (len(fake.sent), clock.sleeps) == (1, [])


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        ("error__bad_credentials_403", errors.SgpCredentialOrThrottle),
        ("error__rate_limit_403", errors.SgpCredentialOrThrottle),
        ("error__not_found_route_404", errors.SgpRouteAbsent),
        ("titulos__date_range_error_400", errors.SgpRequestRejected),
        ("consultacliente__missing_param", errors.SgpRequestRejected),
    ],
)
def test_a_refused_write_did_not_happen_and_is_sent_once(
    write_call, failure, expected, fake, client, deadline
):
    fake.will(failure)
    with pytest.raises(expected):
        write_call(client, deadline)
    assert len(fake.sent) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"status": 1, "liberado": False},
        {"status": 1},
        {"status": 2, "liberado": True},
        {"status": 7, "liberado": False},
        {"status": 1, "liberado": "maybe"},
        {"status": 1, "liberado": True, "contratoId": 7999},
    ],
    ids=json.dumps,
)
def test_a_contradictory_unblock_is_unknown(body, fake, client, deadline, reply):
    fake.will(reply(body))
    with pytest.raises(errors.SgpWriteOutcomeUnknown):
        client.trust_unblock("7001", deadline)


@pytest.mark.parametrize("released", [True, 1, "1", "true", "True"])
def test_every_spelling_of_released(released, fake, client, deadline, reply):
    fake.will(reply({"status": "1", "liberado": released}))
    assert client.trust_unblock("7001", deadline).kind is UnblockKind.GRANTED


@pytest.mark.parametrize(("said", "kept"), [(3, 3), ("3", 3), (90, 90), (0, None), (999_999, None)])
def test_days_that_nobody_grants_are_not_repeated(said, kept, fake, client, deadline, reply):
    fake.will(reply({"status": 1, "liberado": True, "liberado_dias": said}))
    assert client.trust_unblock("7001", deadline).days == kept


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"status": 0, "msg": "Cliente sem e-mail"}, errors.SgpRequestRejected),
        ({"status": 2, "msg": ""}, errors.SgpRequestRejected),
        ({"status": 3}, errors.SgpWriteOutcomeUnknown),
        ({"protocolo": "261123104500"}, errors.SgpWriteOutcomeUnknown),
        ({"status": 1, "contratoId": 7999}, errors.SgpWriteOutcomeUnknown),
    ],
    ids=str,
)
def test_only_a_clear_refusal_means_that_no_slip_was_sent(body, error, fake, client, deadline, reply):
    fake.will(reply(body))
    with pytest.raises(error):
        client.email_slip("7001", "81", deadline)
