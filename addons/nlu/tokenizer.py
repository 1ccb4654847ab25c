"""Tokens of Brazilian customer messages, with a normalised lemma for the classifier."""

from __future__ import annotations

import re
from itertools import dropwhile, islice
from typing import TYPE_CHECKING

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer
from rasa.shared.nlu.training_data.message import Message

from addons.nlu.slang import EMOJI, GREETINGS, PHRASES, WORDS
from billing.documents import find_documents
from billing.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

# Longer numbers are codes of some kind; the classifier need not tell 30 digits from 47.
_LONGEST_NUMBER = 15
# A thousand characters hold two hundred words, but a thousand emoji.
_MOST_TOKENS = 300
_EMPTY_LEMMA = "__empty__"

_TOKEN = re.compile(
    r"(?P<url>(?:https?://|(?<![a-z0-9.])www\.)\S+)"
    r"|(?P<email>[a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,100})"
    r"|(?P<money>r\$[ ]?[0-9][0-9.,]{0,12}|(?<![0-9])[0-9]{1,4},[0-9]{2}(?![0-9])"
    r"|(?<![0-9])[0-9]{1,4}[ ]?(?:reais|real|conto|pila)\b)"
    r"|(?P<cnpj>(?<![0-9])[0-9]{2}[. ]?[0-9]{3}[. ]?[0-9]{3}[/ ]?[0-9]{4}[- ]?[0-9]{2}(?![0-9]))"
    r"|(?P<cpf>(?<![0-9])[0-9]{3}[. -]?[0-9]{3}[. -]?[0-9]{3}[-/. ]?[0-9]{2}(?![0-9]))"
    r"|(?P<date>(?<![0-9])[0-3]?[0-9][/-][01]?[0-9](?:[/-](?:20)?[0-9]{2})?(?![0-9]))"
    r"|(?P<phrase>" + "|".join(f"(?:{pattern})" for pattern, _ in PHRASES) + r")"
    r"|(?P<number>[0-9]+(?:[.,/-][0-9]+){0,12})"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<emoji>[\u2600-\u27bf\u2b50\U0001f300-\U0001faff][\ufe0f\u200d\U0001f3fb-\U0001f3ff]{0,4})"
)
_REPEATED = re.compile(r"([^\W\d_])\1+")
_PHRASE_LEMMAS = tuple((re.compile(pattern), lemma) for pattern, lemma in PHRASES)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class BrazilianTokenizer(WhitespaceTokenizer):
    """Splits a message into words, figures and emoji.

    A token's text, start and end are the customer's; its lemma, which CountVectorsFeaturizer counts, is the
    normalised form: lower case without accents, slang written out, long letter runs squeezed, and figures
    replaced by their shape (``__cpf__``, ``__money__``, ``__num2__``), so that the classifier learns shapes
    and the model holds nobody's number. A greeting before a request is left out, because the request is the
    intent; a message that only greets keeps it.
    """

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Split one attribute of a message.

        Args:
            message: A message that has the attribute.
            attribute: Usually ``"text"``.

        Returns:
            At least one token, because the featurizers expect one: the whole text when it has no words.
        """
        text: str = message.get(attribute)
        tokens = list(islice(_tokens(text), _MOST_TOKENS))
        request = list(dropwhile(lambda token: token.lemma in GREETINGS, tokens))
        return request or tokens or [Token(text, 0, len(text), lemma=text.strip() or _EMPTY_LEMMA)]


def _tokens(text: str) -> Iterator[Token]:
    folded = fold(text)
    position = 0
    for found in find_documents(text):
        yield from _between(text, folded, position, found.start)
        yield Token(text[found.start : found.end], found.start, lemma=f"__{found.document.kind}__")
        position = found.end
    yield from _between(text, folded, position, len(text))


def _between(text: str, folded: str, start: int, end: int) -> Iterator[Token]:
    for match in _TOKEN.finditer(folded, start, end):
        yield Token(text[match.start() : match.end()], match.start(), lemma=_lemma(match))


def _lemma(match: re.Match[str]) -> str:
    kind, written = match.lastgroup, match.group()
    if kind == "word":
        squeezed = _REPEATED.sub(r"\1", written)
        return WORDS.get(written) or WORDS.get(squeezed, squeezed)
    if kind == "number":
        return f"__num{min(sum(map(str.isdigit, written)), _LONGEST_NUMBER)}__"
    if kind == "emoji":
        return f"__{EMOJI.get(written[0], 'emoji')}__"
    if kind == "phrase":
        return next(lemma for pattern, lemma in _PHRASE_LEMMAS if pattern.fullmatch(written))
    return f"__{kind}__"
