"""WhatsApp through Twilio."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic import SecretStr, validator

from billing.settings.group import Group, https_or_loopback, positive

if TYPE_CHECKING:
    from pydantic.fields import ModelField

WHATSAPP_NAMES = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_WHATSAPP_NUMBER", "PUBLIC_BASE_URL")


class WhatsAppSettings(Group):
    """The account, the number, and what customers see of the channel."""

    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    """Checks signatures, and sends too when there is no API key."""
    twilio_auth_token_secondary: SecretStr = SecretStr("")
    """Also accepted in signatures, while the token is being changed."""
    twilio_api_key_sid: str = ""
    twilio_api_key_secret: SecretStr = SecretStr("")
    twilio_whatsapp_number: str = ""
    twilio_api_base_url: str = ""
    """Where all calls to Twilio go; blank for Twilio itself."""
    twilio_max_rate: float = 80.0
    """Messages a second from our number; Meta's limit for a new one."""
    whatsapp_buttons_enabled: bool = False
    """Whether choices are shown as WhatsApp's buttons and lists, and not as numbered lines alone."""
    whatsapp_typing_enabled: bool = False
    """Whether customers see "digitando…"; Twilio calls it a beta."""
    turn_deadline_seconds: float = 25.0
    """After this long a customer is told that the answer takes longer."""
    public_base_url: str = ""
    messages_per_minute: int = 30
    """Of one sender that are answered; what is more waits."""

    _positive = validator("messages_per_minute", allow_reuse=True)(positive)

    @validator("twilio_account_sid", "twilio_api_key_sid")
    def _check_sid(cls, value: str, field: ModelField) -> str:  # noqa: N805 - pydantic validators take the class
        prefix = "AC" if field.name == "twilio_account_sid" else "SK"
        if value and not re.fullmatch(rf"{prefix}[0-9A-Za-z]+", value):
            raise ValueError(f"começa com {prefix}, copie do console da Twilio")
        return value

    @validator("twilio_whatsapp_number")
    def _check_number(cls, value: str) -> str:  # noqa: N805 - as above
        if value and not re.fullmatch(r"whatsapp:\+[1-9][0-9]{7,14}", value):
            raise ValueError("escreva como whatsapp:+5511300000000")
        return value

    @validator("twilio_api_base_url")
    def _check_twilio_url(cls, value: str) -> str:  # noqa: N805 - as above
        return https_or_loopback(value.strip().rstrip("/"))

    @validator("twilio_max_rate")
    def _check_twilio_rate(cls, value: float) -> float:  # noqa: N805 - as above
        if not 1 <= value <= 1000:  # noqa: PLR2004 - Meta's range for one number
            raise ValueError("vai de 1 a 1000")
        return value

    @validator("turn_deadline_seconds")
    def _check_deadline(cls, value: float) -> float:  # noqa: N805 - as above
        if not 5 <= value <= 120:  # noqa: PLR2004 - from one call to SGP to what a customer waits for
            raise ValueError("vai de 5 a 120")
        return value

    @validator("public_base_url")
    def _normalise_public_url(cls, value: str) -> str:  # noqa: N805 - as above
        value = https_or_loopback(value.strip().rstrip("/"))
        if set("?#@") & set(value):
            raise ValueError("só o endereço, sem usuário, senha, ? nem #")
        return value
