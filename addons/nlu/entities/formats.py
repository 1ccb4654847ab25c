"""Ways to pay that a customer names; "boleto" alone is the bill and none of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from addons.nlu.entities.mention import Mention

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIX = r"(?:pi+x+|pics|piks|piqs|piquis|pikis|px)"
_QR = r"(?:q[ ]?r[ -]?(?:code|cod|codi|coude|kode|codigo)|qr|quer code|cuar code|kiar code|codigo qr)"
_FORMAT = re.compile(
    # a QR code of PIX is one wish
    rf"\b(?:(?P<qr_code>{_QR}(?: (?:do |de |no |com |para |pra )?{_PIX})?"
    rf"|{_PIX} (?:(?:por|no|com|via|em|pelo) )?{_QR})"
    rf"|(?P<pix>(?:codigo (?:do |de )?|chave (?:do |de )?)?{_PIX}(?: (?:no |em |por )?copia (?:e |i )?cola)?"
    r"|copia (?:e |i )?cola|copiar? e colar?)"
    r"|(?P<pdf>pdf|pdff|pfd|p\.d\.f|arquivo|(?:pra|para) (?:eu )?imprimir)"
    r"|(?P<barcode>linha[s]? digit[a-z]{1,8}|linha digi"
    r"|(?:codigo|cod|codg|codico|cogido)s? (?:de |do |da )?(?:bar+as?|bars|bara)"
    r"|(?:numeros?|numeracao|digitos|codigo numerico)(?: (?:de|do|da) (?:barras?|boleto|fatura|conta))"
    r"|numeracao|codigo (?:do|da) (?:boleto|fatura|conta)))\b"
)


def find(folded: str) -> Iterator[Mention]:
    """Find payment formats: pix, qr_code, pdf or barcode (linha digitável)."""
    for match in _FORMAT.finditer(folded):
        yield Mention(match.start(), match.end(), "payment_format", str(match.lastgroup))
