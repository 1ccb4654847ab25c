"""Whether a request is Twilio's: its signature over the public address and every form field.

Source: Twilio's "Validating signatures from Twilio". The same answers as its library's `RequestValidator`,
which joins the fields anew for each token and each spelling of the address, and would have us do ten
times the work for whoever posts large forms. A test compares the two.
"""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from twilio.request_validator import add_port, remove_port

if TYPE_CHECKING:
    from collections.abc import Mapping


class SignatureCheck:
    """Checks `X-Twilio-Signature`.

    Args:
        tokens: The account's auth tokens, the primary and during a rotation the secondary; blank ones and
            API keys' secrets verify nothing.
        public_base_url: What Twilio was told to call. What the request says of its host is not looked at:
            behind a proxy it is another one, and a forger chooses it.
    """

    def __init__(self, tokens: tuple[str, ...], public_base_url: str) -> None:
        self._tokens = [token.encode() for token in tokens if token]
        base = urlsplit(public_base_url)
        # Twilio is not consistent about the port.
        self._bases = {remove_port(base), add_port(base)}

    def accepts(self, path_and_query: str, form: Mapping[str, list[str]], header: str | None) -> bool:
        """Whether the request was signed with one of the tokens.

        Args:
            path_and_query: As it was requested, below the public address.
            form: Every field with all its values, blank ones too: they are signed as well.
            header: The signature, or None when it is missing.
        """
        if not header:
            return False
        given = header.encode(errors="replace")
        fields = "".join(name + value for name in sorted(form) for value in _each_once(form[name]))
        rest = f"{path_and_query}{fields}".encode()
        return any(
            hmac.compare_digest(base64.b64encode(hmac.digest(token, base.encode() + rest, "sha1")), given)
            for token in self._tokens
            for base in self._bases
        )


def _each_once(values: list[str]) -> list[str]:
    # A set would hash the text, which for a long one costs as much as the signature.
    return values if len(values) == 1 else sorted(set(values))
