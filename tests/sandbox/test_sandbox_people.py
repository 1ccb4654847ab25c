"""The demo customers: valid, distinct, and each with its story."""

from __future__ import annotations

import re

import pytest

KEYS = {
    "maria",
    "ana",
    "carlos",
    "joao",
    "empresa",
    "alfa",
    "paula",
    "bruno",
    "rita",
    "sebastiao",
    "tiago",
    "lucia",
    "helena",
    "otavio",
    "padaria",
}


def document_is_valid(formatted: str) -> bool:
    """Receita Federal's modulo 11; CNPJ characters count as ASCII code minus 48 since July 2026."""
    values = [ord(character) - 48 for character in formatted if character.isalnum()]
    cycle = {11: range(2, 12), 14: [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5, 6]}.get(len(values))
    if cycle is None:
        return False
    for position in (len(values) - 2, len(values) - 1):
        total = sum(v * w for v, w in zip(reversed(values[:position]), cycle, strict=False))
        if values[position] != (0 if total % 11 < 2 else 11 - total % 11):
            return False
    return True


@pytest.mark.parametrize(
    ("document", "valid"),
    [
        ("111.444.777-35", True),
        ("111.444.777-36", False),
        ("12.ABC.345/01DE-35", True),
        ("12.ABC.345/01DF-35", False),
        ("111.444.777-3", False),
    ],
)
def test_the_document_check_itself(document, valid):
    assert document_is_valid(document) is valid


async def test_fifteen_customers_with_valid_and_distinct_identities(sgp):
    customers = await sgp.control("GET", "customers")
    assert {customer["key"] for customer in customers} == KEYS
    assert all(document_is_valid(customer["document"]) for customer in customers)
    assert all(re.fullmatch(r"\+55[1-9][1-9]\d{8,9}", customer["phone"]) for customer in customers)
    assert all(customer["name"] and customer["story"].endswith(".") for customer in customers)
    for field in ("document", "phone", "name", "story"):
        assert len({customer[field] for customer in customers}) == 15


async def test_registered_phones_are_distinct_and_match_the_sender(sgp):
    seen = []
    for customer in await sgp.control("GET", "customers"):
        contracts = (await sgp.ura("consultacliente", cpfcnpj=customer["document"]))["contratos"]
        raw = {item["contato"] if isinstance(item, dict) else item for item in contracts[0]["telefones"]}
        phones = {re.sub(r"\D", "", phone) for phone in raw}
        seen += phones
        sender = customer["phone"].removeprefix("+55")
        matching = {sender} & phones
        if customer["key"] == "sebastiao":
            assert phones == set()
        elif customer["key"] == "otavio":
            assert (phones, sender) == ({"8188880013"}, "81988880013")
        else:
            assert matching, customer["key"]
        if len(sender) == 11:
            assert re.fullmatch(r"\d\d9[6-9]\d{7}", sender)
    assert len(seen) == len(set(seen))
    assert "4733330015" in seen
