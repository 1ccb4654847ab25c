"""Numbers in customer messages that are long enough for a document and are something else."""

from __future__ import annotations

import re

# Each pattern works on folded text (lower case, no accents) and has no nested quantifier.
_NEVER_A_DOCUMENT = re.compile(
    # PIX copia e cola: BR Code from its format indicator "000201" to the CRC "6304xxxx" (BACEN, EMV QRCPS)
    r"000201[^\n]{20,600}6304[0-9a-f]{4}"
    r"|000201\S{20,}"
    # random PIX key
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|(?:https?://|(?<![a-z0-9.])www\.)\S+"
    r"|[a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,100}"
    # phone with country code or area code in parentheses
    r"|\+[ ]?[0-9]{1,3}[\s.-]{0,2}\(?[0-9]{2}\)?[\s.-]{0,2}[0-9]{4,5}[\s.-]{0,2}[0-9]{4}(?![0-9])"
    r"|\([ ]?0?[0-9]{2}[ ]?\)[\s.-]{0,2}[0-9][\s.-]?[0-9]{3,4}[\s.-]{0,2}[0-9]{4}(?![0-9])"
)
_DATE_OR_POSTCODE = re.compile(
    r"(?<![0-9./-])(?:0?[1-9]|[12][0-9]|3[01])/(?:0?[1-9]|1[0-2])/(?:[12][0-9]{3}|[0-9]{2})(?![0-9./-])"
    r"|(?<![0-9./-])(?:0?[1-9]|[12][0-9]|3[01])([.-])(?:0?[1-9]|1[0-2])\1[12][0-9]{3}(?![0-9./-])"
    r"|(?<![0-9./-])[0-9]{5}-[0-9]{3}(?![0-9./-])"
)
_MONEY = re.compile(r"r\$[ ]?[0-9][0-9.,]{0,12}|(?<![0-9./-])[0-9]{1,4},[0-9]{2}(?![0-9./,-])")

_DOCUMENT_WORD = re.compile(r"\b(?:cpf|cnpj|cpnj|cpg|cfp|c\.p\.f|documento|doc|identificacao)\b")
_PHONE_WORD = re.compile(
    r"\b(?:meu n(?:umero|um|ro)?|telefone|fone|tel|celular|cel|whats|whatsapp|wpp|zap|zapzap|contato"
    r"|ligar|liga)\b"
)
_OTHER_NUMBER_WORD = re.compile(
    r"\b(?:contrato|protocolo|chamado|pedido|matricula|cep|rg|cnh|pis|nis|nosso numero|codigo|agencia"
    r"|conta corrente)\b"
)
_WORDING_REACH = 40

_FILL = "\x00"


def hide_lookalikes(folded: str) -> str:
    """Blank out what can never be a document: PIX codes and keys, addresses, explicit phones.

    Args:
        folded: Text from :func:`billing.folding.fold`.

    Returns:
        Text of the same length, in which those spans join no digits.
    """
    return _blank(_NEVER_A_DOCUMENT, folded)


def hide_dates_and_amounts(folded: str) -> str:
    """Blank out dates, postcodes (CEP) and amounts, which glue onto loosely written digits.

    Args:
        folded: Text from :func:`hide_lookalikes`.

    Returns:
        Text of the same length.
    """
    return _blank(_MONEY, _blank(_DATE_OR_POSTCODE, folded))


def named_as_document(folded: str, start: int) -> bool:
    """Whether the words before ``start`` announce a document ("meu cpf é ...")."""
    return _DOCUMENT_WORD.search(_wording_before(folded, start)) is not None


def named_as_document_after(folded: str, end: int) -> bool:
    """Whether the words after ``end`` call it a document ("... é meu cpf"), not the number that follows."""
    wording, *next_number = re.split(r"[0-9]", folded[end : end + _WORDING_REACH], maxsplit=1)
    named = _DOCUMENT_WORD.search(wording)
    if named is None:
        return False
    announces_the_next = next_number and not re.search(r"[,.;!?\n]", wording[named.end() :])
    return not announces_the_next


def named_as_something_else(folded: str, start: int) -> bool:
    """Whether the words before ``start`` announce a phone, contract or other number instead."""
    wording = _wording_before(folded, start)
    document = _last_position(_DOCUMENT_WORD, wording)
    if _last_position(_PHONE_WORD, wording) > document:
        return True
    return document < 0 and _OTHER_NUMBER_WORD.search(wording) is not None


def _wording_before(folded: str, start: int) -> str:
    """The words that introduce a number: they reach back to the number before it."""
    return re.split(r"[0-9]", folded[max(0, start - _WORDING_REACH) : start])[-1]


def _last_position(pattern: re.Pattern[str], text: str) -> int:
    return max((match.start() for match in pattern.finditer(text)), default=-1)


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: _FILL * len(match.group()), text)
