"""Texts without personal data: numbers, codes, addresses and secrets are recognised and masked.

Used for whatever may quote anything: log lines, exceptions, events, summaries for people. The patterns rather
take a number too many than one too few. What logs do about names is in `billing/logs`.
"""

from __future__ import annotations

import re

from billing.documents import DocumentError, find_documents, parse

SLIP_DIGITS = {44, 47, 48}
"""Barcode of a bank slip, its linha digitável, and the linha digitável of an arrecadação (FEBRABAN)."""

PHONE_DIGITS = range(10, 14)
"""Area code and number, with or without the ninth digit and the country code."""

# One pass over the text: at each place the first alternative that fits wins. Every quantifier is bounded, or
# is the last thing of its alternative and so never tried twice; that keeps the time linear.
_SENSITIVE = re.compile(
    r"""
    # BR Code from its format indicator to the CRC; a broken one up to the next space. Random PIX keys.
    (?P<pix>000201[^\n]{20,600}?6304[\da-f]{4}(?![\da-f])
      |000201[^\s"']{20,}
      |(?<![\da-f])[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}(?![\da-f]))
    # pages of SGP and our own media that open for whoever has the address
    |(?P<link>(?:https?:\\?/\\?/[^\s/\\"'<>]{1,255})?\\?/(?:boleto|cobranca|recibo|pix|quitacao|media)\\?/
        [^\s"'<>?]*)
    |(?P<secret>gAAAA[\w=-]{16,}
      |(?<=bearer[ ])[^\s"',]+
      |(?<=basic[ ])[a-z\d+/=]{8,})
    |(?P<name>(?:token|senha|password|secret|api_?key|authorization)
        \\{0,3}["']?[ ]{0,2}[=:][ ]{0,2}\\{0,3}["']?(?!bearer[ ]|basic[ ]|\[segredo\]))[^\s"'\\&,;)}\]]+
    |(?P<email>[\w.%+-]{1,64}(?:@|%40)[a-z\d.-]{1,255})
    |(?P<boleto>(?<!\d)\d(?:[ .-]{0,2}\d){43,47}(?!\d))
    |(?P<phone>whatsapp:[^\s"'<>,;)}\]\\]+
      |\+\d(?:[ ().-]{0,2}\d){7,14}(?!\d)
      |(?<!\d)(?:55[ ]?)?\([ ]?0?\d{2}[ ]?\)[ ]?(?:9[ .]?)?\d{4}[ .-]?\d{4}(?!\d)
      |(?<![\d.])(?:55[ .-]?)?(?:0?\d{2}[ .-])?9?[ .]?\d{4}-\d{4}(?![\d-])
      |(?<![\d.])(?:55[ .-]?)?0?\d{2}[ .-](?:9[ .]?)?\d{4}[ .]?\d{4}(?![\d-])
      |(?<![\d.])9[ .]?\d{4}[ .]?\d{4}(?![\d-]))
    |(?P<document>(?<!\d)\d{3}[ .-]{1,3}\d{3}[ .-]{1,3}\d{3}[ ./-]{0,3}\d{2}(?!\d)
      |(?<!\d)\d{9}[ ./-]{1,2}\d{2}(?!\d)
      |(?:(?<![\da-z])|(?<=\\[nrt]))
        [\da-z]{2}[ .]{1,2}[\da-z]{3}[ .]{1,2}[\da-z]{3}[ /-]{0,2}[\da-z]{4}[ -]{0,2}\d{2}(?![\da-z])
      |(?<!\d)\d{8}[ ./-]{1,2}\d{4}[ -]{0,2}\d{2}(?!\d)
      |(?<!\d)\d(?P<gap>[ .-])\d(?:(?P=gap)\d){9,12}(?!\d))
    # a CNPJ with letters, bare or half punctuated: a word like any other until its check digits are looked at
    |(?:(?<![\da-z])|(?<=\\[nrt]))(?P<word>(?=[\d./-]{0,15}[a-z])
        [\da-z]{2}[./-]?[\da-z]{3}[./-]?[\da-z]{3}[./-]?[\da-z]{4}[./-]?\d{2})(?![\da-z])
    # not the fraction of a confidence (0.…), not a time stamp (10 digits and a fraction)
    |(?<!\d)(?<!0\.)(?P<number>\d{11,}|\d{10}(?!\d|\.\d{1,7}(?!\d)))
    """,
    re.VERBOSE | re.IGNORECASE,
)

_LONG_NUMBER = re.compile(r"\d{10,}")

_LABELS = {
    "pix": "[pix]",
    "link": "[link]",
    "secret": "[segredo]",
    "email": "[email]",
    "boleto": "[boleto]",
    "phone": "[telefone]",
    "document": "[documento]",
}


def redact(text: str) -> str:
    """Mask personal data, payment codes and secrets.

    Args:
        text: Anything, also JSON or a traceback. The time is linear in its length.

    Returns:
        The text with "[documento]", "[telefone]", "[pix]", "[boleto]", "[email]", "[link]", "[segredo]" or
        "[número]" in the places. Names and streets are not recognised: never log them.
    """
    return _SENSITIVE.sub(_label, text)


def mask_documents(text: str) -> str:
    """Mask CPFs and CNPJs and leave everything else, for a reader who needs the rest.

    Args:
        text: What a customer wrote. The time is linear in its length.

    Returns:
        The text with "[documento]" in the place of each valid document and of what is written like one.
        Digits inside a payment code or a link are no document.
    """
    codes = [
        match.span() for match in _SENSITIVE.finditer(text) if match.lastgroup in {"pix", "boleto", "link"}
    ]
    for found in reversed(find_documents(text)):
        if not any(start <= found.start and found.end <= end for start, end in codes):
            text = f"{text[: found.start]}[documento]{text[found.end :]}"
    return _SENSITIVE.sub(_document_label, text)


def _document_label(match: re.Match[str]) -> str:
    return _LABELS["document"] if match.lastgroup == "document" else match.group()


def _label(match: re.Match[str]) -> str:
    kind = match.lastgroup or ""
    if match["name"] is not None:
        return f"{match['name']}[segredo]"
    if match["word"] is not None:
        if _is_document(match["word"]):
            return "[documento]"
        # "CPF52998224725" has the length as well.
        return _LONG_NUMBER.sub(lambda digits: _number_label(digits.group()), match["word"])
    if match["number"] is not None:
        return _number_label(match["number"])
    return _LABELS[kind]


def _number_label(digits: str) -> str:
    if len(digits) in SLIP_DIGITS:
        return "[boleto]"
    if _is_document(digits):
        return "[documento]"
    return "[telefone]" if len(digits) in PHONE_DIGITS else "[número]"


def _is_document(text: str) -> bool:
    try:
        parse(text)
    except DocumentError:
        return False
    return True
