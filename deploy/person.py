"""Whom a command is about: a document, a phone or both, as an operator writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.audit import Person
from billing.documents import DocumentError, parse
from billing.phones import spellings

if TYPE_CHECKING:
    import argparse

    from billing.vault import Vault


class Unusable(Exception):
    """The command line asks for what there is not; the text says so to the operator."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Give a command `--document` and `--phone`."""
    command.add_argument("--document", metavar="CPF_OU_CNPJ")
    command.add_argument("--phone", metavar="TELEFONE", help="com DDD")


def people_named(given: argparse.Namespace, vault: Vault) -> list[Person]:
    """Those whom the command line names: a phone in each of its spellings, under every index key.

    Args:
        given: With what `add_arguments` added.
        vault: Makes the look-up hashes.

    Raises:
        Unusable: When nobody is named, or not rightly.
    """
    people = []
    if given.document:
        try:
            digits = parse(given.document).digits
        except DocumentError:
            raise Unusable("Esse não é um CPF ou CNPJ válido.") from None
        people += [Person("document", index) for index in vault.indexes("document", digits)]
    if given.phone:
        numbers = spellings(given.phone)
        if not numbers:
            raise Unusable("Esse número não está completo; escreva com DDD, como 11 98765-4321.")
        people += [
            Person("sender", index)
            for number in numbers
            for index in vault.indexes("address", f"whatsapp:{number}")
        ]
    if not people:
        raise Unusable("Diga de quem: --document, --phone ou ambos.")
    return people
