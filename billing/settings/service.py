"""What the provider offers, and how long who is who."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import SecretStr, validator

from billing.hours import BusinessHours
from billing.settings.group import Group, blank_is_none, https_or_loopback, positive

PaymentFormat = Literal["pix", "qr_code", "pdf", "barcode"]


class ServiceSettings(Group):
    """Offers, people, hours, identity and its limits."""

    support_contact: str = ""
    handoff_webhook_url: str = ""
    """The desk of the provider's people, which is told of every handoff."""
    handoff_webhook_secret: SecretStr = SecretStr("")
    handoff_timeout: int = 7200
    """Seconds after a handoff in which the bot is silent, if nobody ends it before."""
    business_hours: str = ""
    """Times at which people answer, as `BusinessHours.parse` takes them; blank is always."""
    tz_provider: str = "America/Sao_Paulo"
    trust_unblock_enabled: bool = True
    email_bill_enabled: bool = False
    """Whether SGP may be asked to send slips by e-mail; not every installation can."""
    default_payment_format: PaymentFormat | None = None

    birth_date_proof: bool = False
    """Whether senders whose number WhatsApp hides may prove the birth date, to get their bills."""
    identity_idle_minutes: int = 60
    identity_max_hours: int = 12
    lockout_failures: int = 3
    lockout_minutes: int = 15
    identification_failures_per_minute: int = 60
    """Of all senders together; with more, only who verified a document before is looked up with it."""
    privacy_url: str = ""
    """The provider's privacy policy, which the notice at first contact links."""

    _blank_format = validator("default_payment_format", pre=True, allow_reuse=True)(blank_is_none)
    _urls = validator("handoff_webhook_url", "privacy_url", allow_reuse=True)(https_or_loopback)
    _positive = validator(
        "identity_idle_minutes",
        "identity_max_hours",
        "lockout_failures",
        "lockout_minutes",
        "identification_failures_per_minute",
        "handoff_timeout",
        allow_reuse=True,
    )(positive)

    @property
    def timezone(self) -> ZoneInfo:
        """The provider's time zone: due dates and "today" are read in it."""
        return ZoneInfo(self.tz_provider)

    @property
    def opening_hours(self) -> BusinessHours:
        """The times at which the provider's people answer."""
        return BusinessHours.parse(self.business_hours)

    @validator("tz_provider")
    def _check_timezone(cls, value: str) -> str:  # noqa: N805 - pydantic validators take the class
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder, like America, or no file name at all
            raise ValueError("fuso horário desconhecido, use por exemplo America/Sao_Paulo") from None
        return value

    @validator("business_hours")
    def _check_business_hours(cls, value: str) -> str:  # noqa: N805 - as above
        BusinessHours.parse(value)
        return value
