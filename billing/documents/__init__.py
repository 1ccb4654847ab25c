"""CPF and CNPJ: what a document is, and where one stands in free text."""

from __future__ import annotations

from billing.documents.malformed import find_malformed
from billing.documents.mobiles import could_be_mobile
from billing.documents.model import (
    Document,
    DocumentError,
    NotADocument,
    RepeatedDigits,
    WrongCheckDigits,
    WrongLength,
    parse,
)
from billing.documents.search import FoundDocument, find_documents

__all__ = [
    "Document",
    "DocumentError",
    "FoundDocument",
    "NotADocument",
    "RepeatedDigits",
    "WrongCheckDigits",
    "WrongLength",
    "could_be_mobile",
    "find_documents",
    "find_malformed",
    "parse",
]
