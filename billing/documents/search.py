"""Where documents stand in a customer's message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.documents.chains import Chain, Group, numeric_chains, spoken_chains
from billing.documents.lookalikes import (
    hide_dates_and_amounts,
    hide_lookalikes,
    named_as_document,
    named_as_something_else,
)
from billing.documents.model import CNPJ_LENGTH, CPF_LENGTH, Document, DocumentError, parse
from billing.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

# From here on a chain is a payment code: a linha digitável has 47 or 48 digits and its barcode 44 (FEBRABAN).
_PAYMENT_CODE_DIGITS = 40

_BARE_CPF = (CPF_LENGTH,)
# How people group a document on purpose; other groupings count only when nothing else is in the chain.
_WRITTEN_SHAPES = {
    _BARE_CPF,
    (9, 2),
    (3, 3, 3, 2),
    (3, 3, 5),
    (6, 3, 2),
    (CNPJ_LENGTH,),
    (12, 2),
    (8, 6),
    (8, 4, 2),
    (2, 3, 3, 4, 2),
    (2, 3, 3, 6),
}
# Area code and mobile number: (11) 9 8765 4321 without its parentheses.
PHONE_SHAPES = {(2, 9), (2, 5, 4), (2, 1, 4, 4), (7, 4), (3, 4, 4), (3, 8)}

# Any of the separators may be missing: "12abc345/01DE-35". Words after one another have such shapes too, so
# every start is tried by a lookahead that takes nothing away from the next one.
_BETWEEN = r"(?P<gap{}>[ ]?[.,\-/ ][ ]?)?"
_LETTERED_CNPJ = re.compile(
    r"(?<![0-9a-z])(?=(?P<written>"
    + "".join(f"[0-9a-z]{{{count}}}" + _BETWEEN.format(place) for place, count in enumerate((2, 3, 3, 4)))
    + r"[0-9]{2})(?![0-9a-z]))"
)
_GAPS = ("gap0", "gap1", "gap2", "gap3")
_GLUE = re.compile(r"[.\-/]")


@dataclass(frozen=True)
class FoundDocument:
    """A document and its place.

    Attributes:
        start: Position of its first character in the text.
        end: Position after its last character.
        document: What stands there.
    """

    start: int
    end: int
    document: Document


def find_documents(text: str) -> list[FoundDocument]:
    """Find every valid CPF and CNPJ in free text.

    Punctuated, spaced, split over lines, full-width, spelled out digit by digit. Phones, dates, postcodes,
    contract numbers, payment codes and PIX keys that are no document are passed over. Eleven bare digits
    with right check digits count, although about 1 % of mobile numbers look like that, unless the words
    before them announce a phone or another number.

    Args:
        text: At most some thousand characters; the time is linear in them.

    Returns:
        Documents by position, without overlaps; a document written twice stands there twice.
    """
    folded = fold(text)
    visible = hide_lookalikes(folded)
    found: list[FoundDocument] = []
    for candidate in (*_figures(visible), *_lettered(visible), *_spelled(visible)):
        if not any(candidate.start < other.end and other.start < candidate.end for other in found):
            found.append(candidate)
    return sorted(found, key=lambda each: each.start)


def _figures(visible: str) -> Iterator[FoundDocument]:
    """Documents in figures: first as printed, then whatever digits remain alone."""
    taken: list[tuple[int, int]] = []
    for chain in numeric_chains(visible):
        if len(chain.digits) >= _PAYMENT_CODE_DIGITS:
            taken.append((chain.start, chain.end))
            continue
        for window in _written_windows(chain):
            if window.start >= (taken[-1][1] if taken else 0) and _is_free(visible, window):
                found = _validated(window)
                if found:
                    taken.append((found.start, found.end))
                    yield found
    rest = visible
    for start, end in taken:
        rest = rest[:start] + "\x00" * (end - start) + rest[end:]
    for chain in numeric_chains(hide_dates_and_amounts(rest)):
        if _is_loose_document(rest, chain):
            found = _validated(chain)
            if found:
                yield found


def _written_windows(chain: Chain) -> Iterator[Chain]:
    """Runs of groups inside a chain that are grouped like a document."""
    longest = max(map(len, _WRITTEN_SHAPES))
    for first in range(len(chain.groups)):
        for last in range(first + 1, min(first + longest, len(chain.groups)) + 1):
            window = Chain(chain.groups[first:last])
            if window.shape in _WRITTEN_SHAPES:
                yield window


def _is_free(visible: str, window: Chain) -> bool:
    """Whether the digits stand for themselves: not glued to others, not announced as something else."""
    if _is_glued(visible, window.start, window.end):
        return False
    if len(window.groups) > 1:
        return True
    # "55 11987654321" is a phone with its country code.
    country_code = re.search(r"(?<![0-9])55\s?$", visible[max(0, window.start - 4) : window.start])
    if country_code and window.shape == _BARE_CPF:
        return False
    return not named_as_something_else(visible, window.start)


def _is_glued(visible: str, start: int, end: int) -> bool:
    before, after = visible[max(0, start - 2) : start], visible[end : end + 2]
    return bool(
        (before[-1:].isalpha() and not visible[max(0, start - 4) : start].endswith(("cpf", "cnpj")))
        or after[:1].isalpha()
        or re.fullmatch(r"[0-9][.\-/]", before)
        or re.fullmatch(r"[.\-/][0-9]", after)
    )


def _is_loose_document(visible: str, chain: Chain) -> bool:
    """Whether digits in an unusual grouping are meant as a document."""
    if len(chain.digits) not in (CPF_LENGTH, CNPJ_LENGTH) or len(chain.groups) == 1:
        return False
    if _is_glued(visible, chain.start, chain.end) or named_as_something_else(visible, chain.start):
        return False
    if named_as_document(visible, chain.start):
        return True
    if chain.shape in PHONE_SHAPES and "9" in (chain.digits[2], chain.digits[3]):
        return False
    alone = not re.search(r"[a-z0-9]", visible[: chain.start] + visible[chain.end :])
    return alone or max(chain.shape) <= 2  # noqa: PLR2004 - digit by digit, or in pairs


def _lettered(visible: str) -> Iterator[FoundDocument]:
    """Alphanumeric CNPJs; words that happen to have their shape need the name or punctuation."""
    for match in _LETTERED_CNPJ.finditer(visible):
        written, (start, end) = match["written"], match.span("written")
        compact = re.sub(r"[^0-9a-z]", "", written)
        if compact.isdigit() or _is_glued(visible, start, end):
            continue
        has_digit = re.search(r"[0-9]", compact[:12]) is not None
        if named_as_document(visible, start) or (has_digit and _is_written_as_one(match)):
            try:
                yield FoundDocument(start, end, parse(written))
            except DocumentError:
                continue


def _is_written_as_one(match: re.Match[str]) -> bool:
    """Whether the parts of a lettered CNPJ belong together: one word, or joined by more than spaces."""
    gaps = [match[gap] for gap in _GAPS]
    written = [gap for gap in gaps if gap]
    punctuated = [gap for gap in written if _GLUE.search(gap)]
    return len(punctuated) == len(written) or (all(gaps) and bool(punctuated))


def _spelled(visible: str) -> Iterator[FoundDocument]:
    for chain in spoken_chains(visible):
        if not named_as_something_else(visible, chain.start):
            found = _validated(chain)
            if found:
                yield found


def _validated(chain: Chain | Group) -> FoundDocument | None:
    try:
        return FoundDocument(chain.start, chain.end, parse(chain.digits))
    except DocumentError:
        return None
