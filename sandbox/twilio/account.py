"""The one account of this sandbox: its credentials, and the senders it owns."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from sandbox.twilio.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT_SID = "AC" + "5a" * 16
AUTH_TOKEN = "sandbox-auth-token"  # noqa: S105 - opens nothing but this sandbox
API_KEY_SID = "SK" + "5a" * 16
API_KEY_SECRET = "sandbox-api-key-secret"  # noqa: S105 - the same
MESSAGING_SERVICE_SID = "MG" + "5a" * 16
WHATSAPP_NUMBER = "whatsapp:+551140000000"

_LOGINS = {(ACCOUNT_SID, AUTH_TOKEN), (API_KEY_SID, API_KEY_SECRET)}


def authenticate(headers: Mapping[str, str]) -> None:
    """Checks HTTP basic authentication: account SID with token, or API key with secret.

    Raises:
        Refusal: 401 with 20003, whatever was wrong.
    """
    scheme, _, encoded = headers.get("Authorization", "").partition(" ")
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        user = password = ""
    if scheme.lower() != "basic" or (user, password) not in _LOGINS:
        raise Refusal(20003, status=401)
