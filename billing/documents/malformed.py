"""Attempts at a document that are none, so that the customer hears what is wrong with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from billing.documents.chains import numeric_chains, spoken_chains
from billing.documents.lookalikes import (
    hide_dates_and_amounts,
    hide_lookalikes,
    named_as_document,
    named_as_something_else,
)
from billing.documents.model import DocumentError, parse
from billing.documents.search import find_documents
from billing.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from billing.documents.chains import Chain

_FEWEST_DIGITS, _MOST_DIGITS = 9, 16
_FEWEST_NAMED_DIGITS = 3
_NAMED_CNPJ = re.compile(r"\bcnpj\b[^0-9a-z]{0,5}([0-9a-z][0-9a-z.\-/ ]{9,20}[0-9])(?![0-9a-z])")


def find_malformed(text: str) -> DocumentError | None:
    """Say why a message that is evidently meant as a document holds none.

    Evident are 9 to 16 digits in a message of little else, and digits announced as "cpf" or "cnpj".

    Args:
        text: The customer's message.

    Returns:
        What is wrong with the attempt, or ``None`` when there is a valid document or no attempt.
    """
    if find_documents(text):
        return None
    folded = hide_lookalikes(fold(text))
    attempt = next(_attempts(folded), None)
    if attempt is None:
        return None
    try:
        parse(attempt)
    except DocumentError as reason:
        return reason
    # Right check digits in a shape that the search does not trust, such as a list of short numbers.
    return None


def _attempts(folded: str) -> Iterator[str]:
    named = _NAMED_CNPJ.search(folded)
    if named and re.search(r"[a-z]", named[1]) and len(re.sub(r"[^0-9a-z]", "", named[1])) == 14:  # noqa: PLR2004 - a CNPJ's length
        yield named[1]
    for chain in (*numeric_chains(hide_dates_and_amounts(folded)), *spoken_chains(folded)):
        if _is_attempt(folded, chain):
            yield chain.digits


def _is_attempt(folded: str, chain: Chain) -> bool:
    if named_as_something_else(folded, chain.start):
        return False
    if named_as_document(folded, chain.start):
        return _FEWEST_NAMED_DIGITS <= len(chain.digits) <= 2 * _MOST_DIGITS
    if not _FEWEST_DIGITS <= len(chain.digits) <= _MOST_DIGITS:
        return False
    other_letters = sum(map(str.isalpha, folded[: chain.start] + folded[chain.end :]))
    return other_letters <= len(chain.digits)
