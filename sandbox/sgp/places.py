"""Where the demo customers live, and what they subscribe to."""

from __future__ import annotations

from sandbox.sgp.model import Address, Contact, Pop

FIBRE = "FIBRA 500 MEGA"
FIBRE_BUSINESS = "FIBRA EMPRESARIAL 1 GIGA"

CENTRE = Pop(12, "Cidade Exemplo/SP")
COAST = Pop(31, "Outra Cidade/SP")


def premises(street: str, number: int, pop: Pop = CENTRE) -> Address:
    """An installation address in the town that the POP serves."""
    city = pop.name.split("/")[0].upper()
    return Address(street, number, "BAIRRO FICTÍCIO", city, "SP", "00000-000")


def email(name: str, kind: str | None = "E-Mail") -> tuple[Contact, ...]:
    """The one e-mail address of a customer; `kind` None writes it as a bare string."""
    return (Contact(f"{name}@cliente.example", kind),)
