"""Ways to pay that a customer names; "boleto" alone is the bill and none of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from addons.nlu.entities.mention import Mention

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIX = r"(?:pi+x+|pics|piks|piqs|piquis|pikis|px)"
_COPY = r"(?:copia ?(?:e |i |& )?cola|copi[ei]? ?cola|copiar? e colar?)"
_CODE = r"(?:code|coude|coudi|kode|koude)"
_QR = (
    r"(?:q[ ]?r[ -]?(?:code|cod|codi|coude|kode|codigo)|qr|codigo qr"
    # as it sounds: "kiu ar code", "cuê erre code"
    rf"|(?:q|qu|que|qui|quiu|ke|kue|ki|kiu|kyu|cu|cue)[ -]?(?:r|ar|erre|ere|er)[ -]?{_CODE}"
    r"|(?:cue|kue|kiu|quiu)[ ](?:ar|erre))"
)
_AIM = r"(?:ler|le|leia|escanear|escaneia|scanear|apontar|aponta)"
_CAMERA = r"(?:(?:com|pel[ao]|n[ao]|d[ao])[ ])?(?:a[ ]|o[ ])?(?:camera|celular|cel)"
_SQUARE = (
    rf"(?:quadrad(?:inho|inhos|im|ins)(?:[ ](?:de|pra|para|que|q)[ ](?:eu[ ])?{_AIM}(?:[ ]{_CAMERA})?)?"
    # the router has lights and buttons of that shape
    r"(?![ ](?:d[oa]|n[oa])[ ](?:roteador|modem|aparelho|tomada|parede|tv|onu))"
    rf"|quadrado[ ](?:de|pra|para|que|q)[ ]{_AIM}(?:[ ]{_CAMERA})?|(?:desenho|codigo) quadrado"
    rf"|{_AIM}[ ](?:com[ ])?a[ ]camera)"
)
_LONG = r"(?:grande|grandes|grandao|comprid[ao]s?|compridao|long[ao]s?|enormes?)"
_TO_TYPE = r"(?:de|pra|para|p|que|q)[ ](?:eu[ ])?digit(?:ar|a|o)"
_NUMBERS = (
    rf"(?:(?:numer(?:o|oa)?zinh[oa]s|numerinhos|(?<=[oe]s )numerozinho)(?:[ ]{_LONG})?(?:[ ]{_TO_TYPE})?"
    rf"|(?:numeros?|numerao|numeracao|sequencia)[ ]{_LONG}(?:[ ]{_TO_TYPE})?"
    rf"|(?:numeros?|codigo|linha|linha do boleto)[ ]{_TO_TYPE}"
    r"|codigo (?:de|dos|com|com os|em|so de) numeros?|codigo numerico|(?:codigo d[eo]s? )?risquinhos)"
)
_FORMAT = re.compile(
    # a QR code of PIX is one wish
    rf"\b(?:(?P<qr_code>{_QR}(?: (?:do |de |no |com |para |pra )?{_PIX})?"
    rf"|{_PIX} (?:(?:por|no|com|via|em|pelo) )?{_QR}|{_SQUARE})"
    rf"|(?P<pix>(?:codigo (?:do |de )?|chave (?:do |de )?)?{_PIX}(?: (?:no |em |por )?{_COPY})?|{_COPY})"
    r"|(?P<pdf>pdf|pdff|pfd|p\.d\.f|arquivo|(?:pra|para) (?:eu )?imprimir)"
    rf"|(?P<barcode>{_NUMBERS}|linha[s]? digit[a-z]{{1,8}}|linha digi|digitavel"
    r"|(?:codigo|cod|codg|codico|cogido)s? (?:de |do |da )?(?:bar+as?|bars|bara)"
    r"|(?:numeros?|numeracao|digitos|codigo numerico)(?: (?:de|do|da) (?:barras?|boleto|fatura|conta))"
    r"|numeracao|codigo (?:do|da) (?:boleto|fatura|conta)))\b"
)


def find(folded: str) -> Iterator[Mention]:
    """Find payment formats: pix, qr_code, pdf or barcode (linha digitável)."""
    for match in _FORMAT.finditer(folded):
        yield Mention(match.start(), match.end(), "payment_format", str(match.lastgroup))
