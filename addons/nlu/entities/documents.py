"""CPF and CNPJ, by the check digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.nlu.entities.mention import Mention
from billing.documents import find_documents

if TYPE_CHECKING:
    from collections.abc import Iterator


def find(text: str) -> Iterator[Mention]:
    """Find documents; the value is their digits (upper-case characters for an alphanumeric CNPJ)."""
    for found in find_documents(text):
        yield Mention(found.start, found.end, "document", found.document.digits)
