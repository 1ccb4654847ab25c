"""Where the processes listen, what they keep and for how long, and what they write."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr, validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from billing.settings.group import Group, https_or_loopback, positive, tcp_port
from billing.settings.paths import VAR_DIR

LogFormat = Literal["text", "json"]


class ProcessSettings(Group):
    """Databases, ports, logs and retention."""

    database_url: str = f"sqlite:///{VAR_DIR / 'bot.db'}"
    redis_url: SecretStr = SecretStr("")
    """What several processes share; may hold a password."""
    bot_port: int = 5005
    actions_port: int = 5055
    actions_url: str = ""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: LogFormat = "text"
    retention_days: int = 90
    """How long conversations are kept; docs/privacidade.md argues the default."""
    audit_retention_days: int = 5 * 365 + 2
    """How long rows of the audit trail are kept: five years with their leap days."""

    _ports = validator("bot_port", "actions_port", allow_reuse=True)(tcp_port)
    _urls = validator("actions_url", allow_reuse=True)(https_or_loopback)
    _positive = validator("retention_days", "audit_retention_days", allow_reuse=True)(positive)

    @property
    def actions_webhook(self) -> str:
        """Where the Rasa server posts its action calls."""
        return self.actions_url or f"http://127.0.0.1:{self.actions_port}/webhook"

    @property
    def actions_health(self) -> str:
        """Where the action server says that it is there."""
        return f"{self.actions_webhook.rsplit('/', 1)[0]}/health"

    @validator("database_url")
    def _check_database_url(cls, value: str) -> str:  # noqa: N805 - pydantic validators take the class
        try:
            make_url(value)
        except ArgumentError:
            raise ValueError(
                "use a forma do SQLAlchemy, por exemplo postgresql://usuario@servidor/banco"
            ) from None
        return value

    @validator("redis_url")
    def _check_redis_url(cls, value: SecretStr) -> SecretStr:  # noqa: N805 - as above
        parts = urlsplit(value.get_secret_value())
        if value.get_secret_value() and not (parts.scheme in {"redis", "rediss"} and parts.hostname):
            raise ValueError("use a forma redis://servidor:6379/0, ou rediss:// com TLS")
        return value
