"""The bill by e-mail: to the registered address, once for each message, honest about what is unknown."""

from __future__ import annotations

import pytest

from billing.claims import WriteClaims
from billing.email_bill import EmailOutcome, email_bill
from billing.sgp import errors
from tests.billing.fake_sgp import contract, title

ROUTE = "/api/ura/enviafatura/"
LOST = errors.SgpWriteOutcomeUnknown(errors.SgpTimeout(ROUTE, "timed out"))
NO_RIGHT = errors.SgpCredentialOrThrottle(ROUTE, "HTTP 403")
TOO_FAST = errors.SgpCredentialOrThrottle(ROUTE, "HTTP 403", throttle_likely=True)


@pytest.fixture
def send(sgp, engine, vault, deadline):
    sgp.customers = {"x": (contract(emails=("maria@exemplo.com.br",)),)}
    sgp.titles_of["101"] = (
        title("9001", document_number="81"),
        title("9002", document_number="82"),
        title("unnumbered"),
        title("paid", document_number="80", status="paid"),
    )
    claims = WriteClaims(engine, vault)
    return lambda title_id="9002", message="m1": email_bill(sgp, claims, "101", title_id, message, deadline)


def sent(sgp):
    return [call for call in sgp.calls if call[0] == "email_slip"]


def test_the_chosen_invoice_is_sent_once_for_a_message(sgp, send):
    assert [send(), send()] == [EmailOutcome.SENT] * 2
    assert sent(sgp) == [("email_slip", "101", "82")]


def test_another_message_or_invoice_is_sent_too(sgp, send):
    for asked in ({}, {"message": "m2"}, {"title_id": "9001"}):
        assert send(**asked) is EmailOutcome.SENT
    assert [call[2] for call in sent(sgp)] == ["82", "82", "81"]


@pytest.mark.parametrize("title_id", ["paid", "unnumbered", "of somebody else"])
def test_what_is_not_open_or_has_no_number_is_not_sent(sgp, send, title_id):
    assert send(title_id) is EmailOutcome.NOT_AVAILABLE
    assert sent(sgp) == []


def test_without_a_registered_address_nothing_is_sent(sgp, send):
    sgp.customers = {"x": (contract(),)}
    assert send() is EmailOutcome.NOT_AVAILABLE
    assert sgp.names() == ["contract"]


@pytest.mark.parametrize(
    "refusal",
    [errors.SgpRouteAbsent(ROUTE, "HTTP 404"), errors.SgpRequestRejected(ROUTE, "refused"), NO_RIGHT],
)
def test_an_installation_that_does_not_send_is_told_as_such(sgp, send, refusal):
    sgp.failing["email_slip"] = refusal
    assert [send(), send()] == [EmailOutcome.NOT_AVAILABLE] * 2
    assert len(sent(sgp)) == 1


def test_a_lost_answer_is_unknown_and_never_sent_again(sgp, send):
    sgp.failing["email_slip"] = LOST
    assert send() is EmailOutcome.UNKNOWN
    del sgp.failing["email_slip"]
    assert send() is EmailOutcome.UNKNOWN
    assert len(sent(sgp)) == 1


@pytest.mark.parametrize("failure", [errors.SgpCircuitOpen(ROUTE, "not called"), TOO_FAST])
def test_what_was_not_sent_may_be_asked_for_again(sgp, send, failure):
    sgp.failing["email_slip"] = failure
    with pytest.raises(type(failure)):
        send()
    del sgp.failing["email_slip"]
    assert send() is EmailOutcome.SENT


@pytest.mark.parametrize("reading", ["contract", "titles"])
def test_a_reading_that_fails_sends_nothing(sgp, send, reading):
    sgp.failing[reading] = errors.SgpOutage("/api/ura/", "HTTP 500")
    with pytest.raises(errors.SgpOutage):
        send()
    del sgp.failing[reading]
    assert send() is EmailOutcome.SENT
