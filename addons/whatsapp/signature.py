"""Whether a request is Twilio's: its signature over the public address and every form field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twilio.request_validator import RequestValidator

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
        self._validators = [RequestValidator(token) for token in tokens if token]
        self._public_base_url = public_base_url

    def accepts(self, path_and_query: str, form: Mapping[str, list[str]], header: str | None) -> bool:
        """Whether the request was signed with one of the tokens.

        Args:
            path_and_query: As it was requested, below the public address.
            form: Every field with all its values, blank ones too: they are signed as well.
            header: The signature, or None when it is missing.
        """
        if not header:
            return False
        url, fields = f"{self._public_base_url}{path_and_query}", _Fields(form)
        return any(validator.validate(url, fields, header) for validator in self._validators)


class _Fields(dict[str, list[str]]):
    """A form whose fields may come several times, in the shape that Twilio's library reads."""

    def getall(self, name: str) -> list[str]:
        return self[name]
