"""Bare digits that are a CPF and a mobile number at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phonenumbers import NumberParseException, PhoneNumberType, number_type
from phonenumbers import parse as parse_phone

from billing.documents.chains import numeric_chains
from billing.documents.lookalikes import named_as_document, named_as_document_after
from billing.documents.model import CPF_LENGTH
from billing.documents.search import PHONE_SHAPES, find_documents
from billing.folding import fold

if TYPE_CHECKING:
    from billing.documents.model import Document
    from billing.documents.search import FoundDocument

_UNGROUPED = (CPF_LENGTH,)
_NINTH_DIGIT = slice(2, 3)  # after the area code; Anatel's Resolution 553/2010


def could_be_mobile(text: str, document: Document) -> bool:
    """Whether a message that holds a CPF may just as well give a phone.

    About 1 % of mobile numbers have the check digits of a CPF. Nothing but the writing tells them apart: the
    punctuation of a CPF, or the word before or after it. Who has just asked for the CPF need not ask this.

    Args:
        text: The customer's message, in which :func:`find_documents` found the document.
        document: What it found.

    Returns:
        True when its digits are a Brazilian mobile with an existing area code and, wherever they stand, are
        bare or grouped like a phone and called no document.
    """
    if document.kind != "cpf" or not _is_mobile(document.digits):
        return False
    folded = fold(text)
    places = [found for found in find_documents(text) if found.document == document]
    return bool(places) and all(_is_ambiguous(folded, place) for place in places)


def _is_ambiguous(folded: str, place: FoundDocument) -> bool:
    shapes = [chain.shape for chain in numeric_chains(folded[place.start : place.end])]
    looks_like_a_phone = shapes == [_UNGROUPED] or (len(shapes) == 1 and shapes[0] in PHONE_SHAPES)
    return (
        looks_like_a_phone
        and not named_as_document(folded, place.start)
        and not named_as_document_after(folded, place.end)
    )


def _is_mobile(digits: str) -> bool:
    try:
        number = parse_phone(digits, "BR")
    except NumberParseException:
        return False
    return digits[_NINTH_DIGIT] == "9" and number_type(number) == PhoneNumberType.MOBILE
