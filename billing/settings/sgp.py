"""The ERP."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import SecretStr, validator

from billing.settings.group import Group, blank_is_none, https_or_loopback, tcp_port

SGP_NAMES = ("SGP_BASE_URL", "SGP_TOKEN", "SGP_APP")
SLOWEST_RATE = 0.1
FASTEST_RATE = 1000
"""Calls a second to SGP that make sense: a turn makes up to three calls in its budget."""


class SgpSettings(Group):
    """How SGP is reached; without an address it is the sandbox on this machine."""

    sgp_base_url: str = ""
    sgp_token: SecretStr = SecretStr("")
    sgp_app: str = ""
    sgp_max_rate: float | None = None
    """Calls a second to SGP, of all processes together; None for as many as SGP bears."""
    slip_hosts: tuple[str, ...] = ()
    sandbox_port: int = 8010
    erp_budget_seconds: float = 12.0

    _port = validator("sandbox_port", allow_reuse=True)(tcp_port)
    _blank_rate = validator("sgp_max_rate", pre=True, allow_reuse=True)(blank_is_none)

    @property
    def sandbox(self) -> bool:
        """True when no real SGP is configured."""
        return not self.sgp_base_url

    @property
    def sgp_url(self) -> str:
        """Address of the ERP without a trailing slash."""
        return self.sgp_base_url or f"http://127.0.0.1:{self.sandbox_port}"

    @validator("sgp_base_url")
    def _normalise_sgp_url(cls, value: str) -> str:  # noqa: N805 - pydantic validators take the class
        return normalise_sgp_url(value) if value.strip() else ""

    @validator("sgp_max_rate")
    def _check_rate(cls, value: float | None) -> float | None:  # noqa: N805 - as above
        if value is not None and not SLOWEST_RATE <= value <= FASTEST_RATE:
            raise ValueError(f"vai de {SLOWEST_RATE} a {FASTEST_RATE} consultas por segundo")
        return value

    @validator("erp_budget_seconds")
    def _check_budget(cls, value: float) -> float:  # noqa: N805 - as above
        if not 1 <= value <= 60:  # noqa: PLR2004 - from one call's time to what a customer waits for
            raise ValueError("vai de 1 a 60")
        return value


def normalise_sgp_url(url: str) -> str:
    """Reduce what operators paste to the address that paths hang from.

    Args:
        url: The provider's SGP address, maybe with `/admin/`, `/api` or a login page at its end.

    Returns:
        `scheme://host[:port]`, no trailing slash.

    Raises:
        ValueError: When it is no https address (http is accepted on loopback only).
    """
    url = url.strip()
    parts = urlsplit(https_or_loopback(url))
    if parts.username or parts.password:
        raise ValueError("não ponha usuário nem senha no endereço")
    return f"{parts.scheme}://{parts.netloc}"
