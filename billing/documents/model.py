"""One CPF or CNPJ and the rules by which it is valid."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from stdnum.br import cnpj, cpf
from stdnum.exceptions import ValidationError

Kind = Literal["cpf", "cnpj"]

CPF_LENGTH = 11
CNPJ_LENGTH = 14

_PUNCTUATION = re.compile(r"[\s.,\-/\u2010-\u2015_]+")
_CNPJ_SHAPE = re.compile(r"[0-9A-Z]{12}[0-9]{2}")


class DocumentError(ValueError):
    """The text is no valid CPF or CNPJ. Messages never repeat what was written."""


class NotADocument(DocumentError):
    """The text holds something else than digits and the punctuation of documents."""

    def __init__(self) -> None:
        super().__init__("not a document")


class WrongLength(DocumentError):
    """Neither the 11 digits of a CPF nor the 14 of a CNPJ.

    Args:
        count: How many digits were written.
    """

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} digits instead of {CPF_LENGTH} or {CNPJ_LENGTH}")
        self.count = count


class WrongCheckDigits(DocumentError):
    """The last two digits do not follow from the others.

    Args:
        kind: What the length says was meant.
    """

    def __init__(self, kind: Kind) -> None:
        super().__init__(f"wrong check digits for a {kind}")
        self.kind: Kind = kind


class RepeatedDigits(DocumentError):
    """One digit all along, which passes the arithmetic and belongs to nobody."""

    def __init__(self) -> None:
        super().__init__("all digits are the same")


@dataclass(frozen=True, repr=False)
class Document:
    """A valid CPF or CNPJ, built by :func:`parse`.

    Attributes:
        kind: ``"cpf"`` or ``"cnpj"``.
        digits: 11 digits, or 14 characters (upper-case letters and digits since the alphanumeric CNPJ of
            Receita Federal's IN RFB 2.229/2024); leading zeros kept.
    """

    kind: Kind
    digits: str

    @property
    def formatted(self) -> str:
        """The document as it is printed: ``529.982.247-25`` or ``12.ABC.345/01DE-35``."""
        written: str = cpf.format(self.digits) if self.kind == "cpf" else cnpj.format(self.digits)
        return written

    @property
    def masked(self) -> str:
        """The printed form with all but the check digits hidden, fit for logs and customers."""
        return re.sub(r"[0-9A-Z]", "*", self.formatted[:-2]) + self.formatted[-2:]

    def __repr__(self) -> str:
        return f"Document({self.kind} {self.masked})"


def parse(text: str) -> Document:
    """Read a text that is meant to be one document and nothing else.

    Args:
        text: Digits with or without dots, dashes, slashes and spaces; full-width digits are accepted.

    Returns:
        The valid document.

    Raises:
        NotADocument: There are other characters, or nothing at all.
        WrongLength: The number of digits is neither 11 nor 14.
        RepeatedDigits: All digits are the same.
        WrongCheckDigits: The check digits are wrong.
    """
    compact = _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text)).upper()
    if not re.fullmatch(r"[0-9]+", compact) and not _CNPJ_SHAPE.fullmatch(compact):
        raise NotADocument
    if len(compact) not in (CPF_LENGTH, CNPJ_LENGTH):
        raise WrongLength(len(compact))
    if len(set(compact)) == 1:
        raise RepeatedDigits
    kind: Kind = "cpf" if len(compact) == CPF_LENGTH else "cnpj"
    try:
        (cpf if kind == "cpf" else cnpj).validate(compact)
    except ValidationError:
        raise WrongCheckDigits(kind) from None
    return Document(kind, compact)
