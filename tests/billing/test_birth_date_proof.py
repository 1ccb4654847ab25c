"""A hidden number proves the birth date: a weak identity, where the provider allows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from billing.contacts import Proof
from billing.documents import parse
from billing.identity import Identification, IdentityService
from billing.sgp.errors import SgpTimeout
from billing.tables import metadata
from tests.billing.fake_sgp import contract

MARIA = parse("52998224725")
COMPANY = parse("11222333000181")
UNKNOWN = parse("11144477735")
BORN = date(1985, 4, 12)
OTHER_DAY = date(1985, 12, 4)


def service_of(engine, vault, contacts, sgp, clock, **more):
    sgp.customers = {
        MARIA.digits: (replace(contract("101"), birth_date=BORN), replace(contract("102"), birth_date=BORN)),
        COMPANY.digits: (contract("201", name="EMPRESA LTDA", document=COMPANY.digits, birth_date=BORN),),
    }
    return IdentityService(engine, vault, contacts, sgp, clock=clock, **more)


@pytest.fixture
def service(engine, vault, contacts, sgp, clock):
    return service_of(engine, vault, contacts, sgp, clock, birth_date_proof=True)


@pytest.fixture
def switched_off(engine, vault, contacts, sgp, clock):
    return service_of(engine, vault, contacts, sgp, clock)


@pytest.fixture
def hidden(contacts):
    return contacts.remember("whatsapp:BR.13491208655302741918", Proof.CHANNEL)


@pytest.fixture
def maria(contacts):
    return contacts.remember("whatsapp:+5511987654321", Proof.CHANNEL)


def rows(engine):
    """How much is kept, by table."""
    with engine.connect() as connection:
        return {
            table.name: len(connection.execute(sa.select(table)).all()) for table in metadata.sorted_tables
        }


def test_the_right_date_gives_a_weak_identity(service, hidden, deadline):
    assert service.identify(hidden, MARIA, deadline, BORN) is Identification.VERIFIED

    identity = service.current(hidden)
    assert identity.weak
    assert (identity.owns("101"), identity.owns("201")) == (True, False)


def test_the_registered_phone_gives_a_full_one_whatever_date_is_said(service, maria, deadline):
    assert service.identify(maria, MARIA, deadline, OTHER_DAY) is Identification.VERIFIED
    assert not service.current(maria).weak


def test_a_date_proves_nothing_for_a_number_that_is_shown(service, contacts, deadline):
    stranger = contacts.remember("whatsapp:+5521988887777", Proof.CHANNEL)

    assert not service.asks_birth_date(stranger)
    assert service.identify(stranger, MARIA, deadline, BORN) is Identification.NOT_MATCHED


def test_wrong_date_unknown_document_and_company_cannot_be_told_apart(
    service, contacts, deadline, engine, sgp
):
    seen = []
    for number, (document, given) in enumerate([(MARIA, OTHER_DAY), (UNKNOWN, BORN), (COMPANY, BORN)]):
        sender = contacts.remember(f"whatsapp:BR.{number}", Proof.CHANNEL)
        before = rows(engine)
        sgp.calls.clear()
        result = service.identify(sender, document, deadline, given)
        after = rows(engine)
        written = {name: after[name] - before[name] for name in after if after[name] != before[name]}
        seen.append((result, sgp.names(), written))

    assert (
        seen
        == [
            (Identification.NOT_MATCHED, ["find_contracts"], {"identification_failures": 1}),
        ]
        * 3
    )


def test_a_customer_without_birth_date_is_never_proved(service, hidden, deadline, sgp):
    sgp.customers[MARIA.digits] = (contract("101"),)

    assert service.identify(hidden, MARIA, deadline, BORN) is Identification.NOT_MATCHED


def test_without_a_date_the_erp_is_not_asked(service, hidden, deadline, sgp):
    assert service.identify(hidden, MARIA, deadline) is Identification.NO_ADDRESS
    assert sgp.calls == []


def test_it_is_off_by_default(switched_off, hidden, deadline, sgp):
    assert not switched_off.asks_birth_date(hidden)
    assert switched_off.identify(hidden, MARIA, deadline, BORN) is Identification.NO_ADDRESS
    assert sgp.calls == []


def test_switched_off_it_ends_what_it_opened(service, switched_off, hidden, maria, deadline):
    service.identify(hidden, MARIA, deadline, BORN)
    service.identify(maria, MARIA, deadline)

    assert switched_off.current(hidden) is None
    assert switched_off.current(maria) is not None


def test_nobody_is_asked_whose_address_is_unknown(service):
    assert not service.asks_birth_date("0" * 32)


def test_three_wrong_dates_lock_out_without_the_erp(service, hidden, deadline, sgp):
    results = [service.identify(hidden, MARIA, deadline, OTHER_DAY) for _ in range(3)]
    sgp.calls.clear()

    assert results == [Identification.NOT_MATCHED] * 3
    assert service.identify(hidden, MARIA, deadline, BORN) is Identification.LOCKED
    assert sgp.calls == []


def test_proving_oneself_in_between_does_not_reset_the_count(service, hidden, deadline, sgp):
    own = parse("11144477735")
    sgp.customers[own.digits] = (contract("301", document=own.digits, birth_date=BORN),)
    for _ in range(2):
        service.identify(hidden, MARIA, deadline, OTHER_DAY)
    assert service.identify(hidden, own, deadline, BORN) is Identification.VERIFIED
    service.identify(hidden, MARIA, deadline, OTHER_DAY)

    assert service.identify(hidden, MARIA, deadline, BORN) is Identification.LOCKED


def test_it_makes_no_device_trusted(service, hidden, deadline, engine):
    service.identify(hidden, MARIA, deadline, BORN)

    assert rows(engine)["verifications"] == 0


def test_it_ends_like_any_identity(service, hidden, deadline, clock):
    service.identify(hidden, MARIA, deadline, BORN)
    clock.now += 3601

    assert service.current(hidden) is None


def test_an_erp_failure_is_no_failed_attempt(service, hidden, deadline, sgp, engine):
    sgp.failing["find_contracts"] = SgpTimeout("consultacliente", "too slow")
    with pytest.raises(SgpTimeout):
        service.identify(hidden, MARIA, deadline, BORN)

    assert rows(engine)["identification_failures"] == 0


def test_the_date_is_kept_nowhere(service, hidden, deadline, engine):
    service.identify(hidden, MARIA, deadline, BORN)
    service.identify(hidden, MARIA, deadline, OTHER_DAY)

    with engine.connect() as connection:
        kept = str([connection.execute(sa.select(table)).all() for table in metadata.sorted_tables])
    assert "1985" not in kept
    assert "1985" not in repr(contract(birth_date=BORN))
