"""What all groups of settings have in common: where they are read from, and checks that several need."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseSettings, SecretStr

from billing.settings.paths import PROJECT_ROOT


class Group(BaseSettings):
    """Settings that change for one reason; attribute names are the variables in lower case."""

    class Config:
        """How pydantic reads the environment."""

        env_file = PROJECT_ROOT / ".env"
        env_file_encoding = "utf-8"
        frozen = True

        @classmethod
        def parse_env_var(cls, field_name: str, raw_val: str) -> Any:
            """Split lists at commas instead of asking operators for JSON."""
            if field_name == "slip_hosts":
                return tuple(host.strip().lower() for host in raw_val.split(",") if host.strip())
            return raw_val


def plain(value: SecretStr | str) -> str:
    """The value itself, secret or not."""
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def blank_is_none(value: object) -> object:
    """An empty variable counts as one that is not there."""
    return value or None


def positive(value: int) -> int:
    """Raises ValueError below 1."""
    if value < 1:
        raise ValueError("precisa ser 1 ou mais")
    return value


def tcp_port(value: int) -> int:
    """Raises ValueError for what is no port."""
    if not 1 <= value <= 65535:  # noqa: PLR2004 - the range of TCP ports
        raise ValueError("a porta vai de 1 a 65535")
    return value


def https_or_loopback(url: str) -> str:
    """An address that nobody on the way can read; blank passes.

    Raises:
        ValueError: When it is neither https nor on loopback.
    """
    if url:
        parts = urlsplit(url)
        loopback = parts.hostname in {"127.0.0.1", "localhost", "::1"}
        if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and loopback)):
            raise ValueError("precisa começar com https:// (http só em 127.0.0.1)")
    return url
