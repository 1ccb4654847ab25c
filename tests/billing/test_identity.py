"""Who is verified, who is refused, and that a refusal tells nothing."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from billing.contacts import ContactBook, Proof
from billing.documents import parse
from billing.identity import DOCUMENT_FAILURES, TRUSTED_DEVICE_SECONDS, Identification, IdentityService
from billing.sgp.errors import SgpError, SgpTimeout
from billing.sgp.models import ContractStatus
from billing.tables import metadata
from tests.billing.fake_sgp import contract, title

MARIA = parse("52998224725")
COMPANY = parse("11222333000181")
UNKNOWN = parse("11144477735")
DAY = 86_400


@pytest.fixture
def service(engine, vault, contacts, sgp, clock):
    sgp.customers = {
        MARIA.digits: (contract("101"), contract("102")),
        COMPANY.digits: (contract("201", name="EMPRESA LTDA", document=COMPANY.digits),),
    }
    return IdentityService(engine, vault, contacts, sgp, clock=clock)


@pytest.fixture
def maria(contacts):
    return contacts.remember("whatsapp:+5511987654321", Proof.CHANNEL)


@pytest.fixture
def strangers(contacts):
    return [contacts.remember(f"whatsapp:+55219888877{number:02}", Proof.CHANNEL) for number in range(30)]


def rows(engine):
    """Everything that is kept, without ids."""
    with engine.connect() as connection:
        return {
            table.name: len(connection.execute(sa.select(table)).all()) for table in metadata.sorted_tables
        }


def test_verified(service, maria, deadline):
    assert service.identify(maria, MARIA, deadline) is Identification.VERIFIED

    identity = service.current(maria)
    assert (identity.first_name, [each.contract_id for each in identity.contracts]) == (
        "Maria",
        ["101", "102"],
    )
    assert (identity.owns("101"), identity.owns("201"), identity.owns(None)) == (True, False, False)
    assert service.is_same_customer(identity, MARIA)
    assert not service.is_same_customer(identity, COMPANY)
    assert repr(identity) == "Identity(contracts=2)"


def test_a_company_has_no_first_name(service, maria, deadline):
    service.identify(maria, COMPANY, deadline)

    assert service.current(maria).first_name == ""


def test_nothing_personal_is_kept_in_the_clear(service, maria, deadline, engine):
    service.identify(maria, MARIA, deadline)

    with engine.connect() as connection:
        kept = str([connection.execute(sa.select(table)).all() for table in metadata.sorted_tables])
    assert not [word for word in ("Maria", "MARIA", MARIA.digits, "98765", "FIBRA") if word in kept]


def test_unknown_document_and_foreign_phone_cannot_be_told_apart(service, strangers, deadline, engine, sgp):
    seen = []
    for sender, document in zip(strangers, (MARIA, UNKNOWN), strict=False):
        before = rows(engine)
        result = service.identify(sender, document, deadline)
        written = {name: count - before[name] for name, count in rows(engine).items()}
        seen.append((result, sgp.names(), written, service.current(sender)))
        sgp.calls.clear()

    assert seen[0] == seen[1]
    assert seen[0][:2] == (Identification.NOT_MATCHED, ["find_contracts"])
    assert seen[0][2]["identification_failures"] == 1


@pytest.mark.parametrize("address", [None, "whatsapp:", "whatsapp:maria.silva"])
def test_a_hidden_number_is_not_asked_about(service, contacts, address, deadline, sgp):
    sender = contacts.remember(address, Proof.CHANNEL) if address else "0" * 32

    assert service.identify(sender, MARIA, deadline) is Identification.NO_ADDRESS
    assert sgp.calls == []


def test_three_failures_lock_the_sender_out_without_the_erp(service, strangers, deadline, sgp, clock):
    results = [service.identify(strangers[0], UNKNOWN, deadline) for _ in range(4)]

    assert results == [*[Identification.NOT_MATCHED] * 3, Identification.LOCKED]
    assert len(sgp.calls) == 3
    clock.now += 899
    assert service.identify(strangers[0], MARIA, deadline) is Identification.LOCKED
    clock.now += 1
    assert service.identify(strangers[0], MARIA, deadline) is Identification.NOT_MATCHED


def test_a_success_ends_the_count(service, maria, deadline):
    for _ in range(2):
        service.identify(maria, UNKNOWN, deadline)
    service.identify(maria, MARIA, deadline)

    results = [service.identify(maria, UNKNOWN, deadline) for _ in range(3)]

    assert results == [Identification.NOT_MATCHED] * 3


def test_strangers_close_a_document_to_strangers_only(service, strangers, maria, deadline, clock):
    service.identify(maria, MARIA, deadline)
    clock.now += TRUSTED_DEVICE_SECONDS - DAY
    for sender in strangers[:DOCUMENT_FAILURES]:
        service.identify(sender, MARIA, deadline)

    assert service.identify(strangers[20], MARIA, deadline) is Identification.LOCKED
    assert service.identify(strangers[20], UNKNOWN, deadline) is Identification.NOT_MATCHED
    assert service.identify(maria, MARIA, deadline) is Identification.VERIFIED


def test_a_flood_of_failures_stops_look_ups_of_all_but_known_phones(
    engine, vault, contacts, sgp, clock, maria, strangers, deadline
):
    sgp.customers = {MARIA.digits: (contract("101"),)}
    service = IdentityService(engine, vault, contacts, sgp, flood_failures=5, clock=clock)
    service.identify(maria, MARIA, deadline)
    documents = [
        parse(each) for each in ("11144477735", "12345678909", "98765432100", "39053344705", "16899535009")
    ]
    for sender, document in zip(strangers, documents, strict=False):
        assert service.identify(sender, document, deadline) is Identification.NOT_MATCHED
    sgp.calls.clear()

    assert service.identify(strangers[20], COMPANY, deadline) is Identification.LOCKED
    assert sgp.calls == []
    assert service.identify(maria, MARIA, deadline) is Identification.VERIFIED
    clock.now += 60
    assert service.identify(strangers[20], COMPANY, deadline) is Identification.NOT_MATCHED


def test_a_verification_of_90_days_ago_counts_no_more(service, strangers, maria, deadline, clock):
    service.identify(maria, MARIA, deadline)
    clock.now += TRUSTED_DEVICE_SECONDS
    for sender in strangers[:DOCUMENT_FAILURES]:
        service.identify(sender, MARIA, deadline)

    assert service.identify(maria, MARIA, deadline) is Identification.LOCKED


def test_an_erp_failure_is_no_failed_attempt(service, maria, deadline, sgp, engine):
    sgp.failing["find_contracts"] = SgpTimeout("consultacliente", "too slow")
    for _ in range(5):
        with pytest.raises(SgpError):
            service.identify(maria, MARIA, deadline)

    assert rows(engine)["identification_failures"] == 0
    sgp.failing.clear()
    assert service.identify(maria, MARIA, deadline) is Identification.VERIFIED


def test_an_identity_ends_when_idle(service, maria, deadline, clock):
    service.identify(maria, MARIA, deadline)
    for _ in range(3):
        clock.now += 3600
        assert service.current(maria)
    clock.now += 3601
    assert service.current(maria) is None
    clock.now -= 3601
    assert service.current(maria) is None


def test_an_identity_ends_at_its_age_however_used(service, maria, deadline, clock):
    service.identify(maria, MARIA, deadline)
    for _ in range(12):
        clock.now += 3600
        assert service.current(maria)
    clock.now += 1
    assert service.current(maria) is None


def test_another_customer_takes_the_place(service, maria, deadline):
    service.identify(maria, MARIA, deadline)
    service.identify(maria, COMPANY, deadline)

    assert service.current(maria).owns("201")
    assert not service.current(maria).owns("101")


def test_a_refusal_ends_the_identity(service, maria, deadline):
    service.identify(maria, MARIA, deadline)
    service.identify(maria, UNKNOWN, deadline)

    assert service.current(maria) is None


def test_forgetting(service, maria, deadline):
    service.identify(maria, MARIA, deadline)
    service.forget(maria)

    assert service.current(maria) is None


def test_a_demo_identity_does_not_survive_a_real_erp(engine, vault, sgp, contacts, service, deadline, clock):
    sender = contacts.remember("whatsapp:+5511987654321", Proof.DEMO)
    service.identify(sender, MARIA, deadline)
    real = ContactBook(engine, vault, demo_allowed=False, clock=clock)

    assert IdentityService(engine, vault, real, sgp, clock=clock).current(sender) is None


def test_a_customer_whose_contracts_are_all_over_is_verified_all_the_same(service, maria, deadline, sgp):
    sgp.customers[MARIA.digits] = (contract("101", status=ContractStatus.CANCELLED),)
    assert service.identify(maria, MARIA, deadline) is Identification.VERIFIED
    assert service.current(maria).contracts == ()

    sgp.titles_of["101"] = (title(),)
    service.identify(maria, MARIA, deadline)
    assert service.current(maria).owns("101")
