"""Inputs that come near what a parser takes, and then go wrong somewhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

NASTY = (
    "",
    "\0",
    "\ud800",
    "\u202e",
    "\u200b",
    "\uff0f",
    "\u0663",
    "²",
    "İ",
    "ß",
    "\u0301" * 50,
    "\U0001f9fe",
    "{",
    "}",
    "{x}",
    "%00",
    "%0d%0a",
    "\r\n",
    "';--",
    "../",
    "1e999999999",
    "-0",
    "9" * 400,
    "a" * 2000,
    "1 " * 500,
    "000201",
    "@",
    "*_~`",
    "=",
    "&",
    ";",
)
"""Pieces at which parsers break."""

NUMBERS = st.sampled_from(
    ["1E+999999999", "1E-999999999", "-1", "0", "1e3", "0.005", "9" * 30, "1" + "0" * 4000, "NaN", "Infinity"]
)

pieces = st.one_of(st.sampled_from(NASTY), st.text(max_size=20), st.characters())


@st.composite
def mutated(draw: Any, originals: Sequence[str]) -> str:
    """One of the texts with up to six places cut out, repeated or replaced."""
    text = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 8)))
        middle = draw(st.one_of(pieces, st.just(text[start:end] * 3), st.just("")))
        text = text[:start] + middle + text[end:]
    return text


def texts_near(*originals: str) -> st.SearchStrategy[str]:
    """Mutations of the originals, any text, and pieces joined."""
    return st.one_of(mutated(originals), st.text(max_size=200), st.lists(pieces, max_size=30).map("".join))


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**20), 10**20),
        st.floats(),
        st.text(max_size=20),
        st.sampled_from(NASTY),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


@st.composite
def json_near(draw: Any, originals: Sequence[Any]) -> bytes:
    """One of the JSON values with up to four values replaced, moved or dropped, sometimes cut or nested."""
    content = json.loads(json.dumps(draw(st.sampled_from(originals))))
    for _ in range(draw(st.integers(1, 4))):
        content = _replaced(draw, content)
    written = json.dumps(content, ensure_ascii=draw(st.booleans()))
    if draw(st.integers(0, 3)) == 0:
        # Numbers that Python would not write.
        written = written.replace('"@number"', draw(NUMBERS))
    kind = draw(st.integers(0, 19))
    if kind == 0:
        written = written[: draw(st.integers(0, len(written)))]
    elif kind == 1:
        depth = draw(st.sampled_from([50, 900, 5000, 100_000]))
        written = '{"a":' * depth + written
    return written.encode(errors="replace" if draw(st.booleans()) else "surrogatepass")


def _replaced(draw: Any, content: Any) -> Any:
    """The content with one value on a random way down replaced."""
    if isinstance(content, dict) and content and draw(st.integers(0, 5)):
        key = draw(st.sampled_from(sorted(content)))
        if draw(st.integers(0, 9)) == 0:
            return {name: value for name, value in content.items() if name != key}
        return {**content, key: _replaced(draw, content[key])}
    if isinstance(content, list) and content and draw(st.integers(0, 5)):
        place = draw(st.integers(0, min(len(content), 5) - 1))
        return [*content[:place], _replaced(draw, content[place]), *content[place + 1 :]]
    return draw(
        st.one_of(json_values, st.just("@number"), st.just(content), st.lists(st.just(content), max_size=3))
    )
