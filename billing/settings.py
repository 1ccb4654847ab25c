"""The only reader of the environment: typed settings, checked at start.

Values come from the process environment, then from `.env` in the project root, then from the
defaults below. Without `SGP_BASE_URL` the project talks to its own sandbox SGP and makes the keys
it needs under `var/`; with one, every key and credential must be given.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import secrets
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseSettings, SecretStr, ValidationError, root_validator, validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from billing.hours import BusinessHours

if TYPE_CHECKING:
    from pydantic.fields import ModelField

PROJECT_ROOT = Path(__file__).resolve().parent.parent
VAR_DIR = PROJECT_ROOT / "var"

KEY_NAMES = ("PII_ENCRYPTION_KEYS", "PII_INDEX_KEY", "MEDIA_SIGNING_KEY", "ACTIONS_TOKEN")
KEY_BYTES = 32
SLOWEST_RATE = 0.1
FASTEST_RATE = 1000
"""Calls a second to SGP that make sense: a turn makes up to three calls in its budget."""

MAKE_A_KEY = (
    "gere uma com: python -c 'import base64,secrets;"
    "print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())'"
)

SGP_NAMES = ("SGP_BASE_URL", "SGP_TOKEN", "SGP_APP")
WHATSAPP_NAMES = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_WHATSAPP_NUMBER", "PUBLIC_BASE_URL")

_HOW_TO = {
    **dict.fromkeys(KEY_NAMES, MAKE_A_KEY),
    "SGP_BASE_URL": "o endereço (https) do seu SGP, por exemplo https://seu-provedor.sgp.net.br",
    "SGP_TOKEN": "o token de API criado no SGP para o robô",
    "SGP_APP": "o nome do aplicativo desse token no SGP",
    "TWILIO_ACCOUNT_SID": "está na primeira página do console da Twilio; começa com AC",
    "TWILIO_AUTH_TOKEN": "está ao lado do Account SID no console da Twilio; confere as assinaturas",
    "TWILIO_WHATSAPP_NUMBER": "o número do robô, por exemplo whatsapp:+5511300000000",
    "PUBLIC_BASE_URL": "o endereço (https) em que a Twilio alcança este servidor",
}

PaymentFormat = Literal["pix", "qr_code", "pdf", "barcode"]
LogFormat = Literal["text", "json"]


class SettingsError(Exception):
    """The environment is incomplete or wrong; the text lists every problem, for the operator."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"Configuração inválida. Corrija no ambiente ou no arquivo .env:\n{lines}")


class Settings(BaseSettings):
    """Everything that is configured from outside; attribute names are the variables in lower case."""

    sgp_base_url: str = ""
    sgp_token: SecretStr = SecretStr("")
    sgp_app: str = ""
    sgp_max_rate: float | None = None
    """Calls a second to SGP, of all processes together; None for as many as SGP bears."""
    slip_hosts: tuple[str, ...] = ()
    sandbox_port: int = 8010

    database_url: str = f"sqlite:///{VAR_DIR / 'bot.db'}"
    redis_url: SecretStr = SecretStr("")
    """What several processes share; may hold a password."""
    pii_encryption_keys: SecretStr = SecretStr("")
    pii_index_key: SecretStr = SecretStr("")
    pii_index_key_previous: SecretStr = SecretStr("")
    """Keys that PII_INDEX_KEY replaced, newest first."""
    media_signing_key: SecretStr = SecretStr("")
    actions_token: SecretStr = SecretStr("")
    admin_token: SecretStr = SecretStr("")

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
    bot_port: int = 5005
    actions_port: int = 5055
    actions_url: str = ""

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
    messages_per_minute: int = 30
    """Of one sender that are answered; what is more waits."""
    erp_budget_seconds: float = 12.0

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: LogFormat = "text"
    retention_days: int = 90
    """How long conversations are kept; docs/privacidade.md argues the default."""
    audit_retention_days: int = 5 * 365 + 2
    """How long rows of the audit trail are kept: five years with their leap days."""
    privacy_url: str = ""
    """The provider's privacy policy, which the notice at first contact links."""

    required: ClassVar[tuple[str, ...]] = ()
    """Variables without which these settings are incomplete in any case."""

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

    @property
    def sandbox(self) -> bool:
        """True when no real SGP is configured."""
        return not self.sgp_base_url

    @property
    def sgp_url(self) -> str:
        """Address of the ERP without a trailing slash."""
        return self.sgp_base_url or f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def actions_webhook(self) -> str:
        """Where the Rasa server posts its action calls."""
        return self.actions_url or f"http://127.0.0.1:{self.actions_port}/webhook"

    @property
    def timezone(self) -> ZoneInfo:
        """The provider's time zone: due dates and "today" are read in it."""
        return ZoneInfo(self.tz_provider)

    @property
    def opening_hours(self) -> BusinessHours:
        """The times at which the provider's people answer."""
        return BusinessHours.parse(self.business_hours)

    @property
    def actions_health(self) -> str:
        """Where the action server says that it is there."""
        return f"{self.actions_webhook.rsplit('/', 1)[0]}/health"

    def require_whatsapp(self) -> None:
        """Refuse to serve WhatsApp without what that needs.

        Raises:
            SettingsError: Naming what is missing.
        """
        missing = [name for name in WHATSAPP_NAMES if not _plain(getattr(self, name.lower()))]
        if missing:
            raise SettingsError([_how_to_set(name) for name in missing])

    @property
    def encryption_keys(self) -> tuple[str, ...]:
        """Fernet keys, newest first."""
        return tuple(key.strip() for key in self.pii_encryption_keys.get_secret_value().split(","))

    @property
    def previous_index_keys(self) -> tuple[str, ...]:
        """Keys of look-up hashes that were replaced, newest first."""
        keys = self.pii_index_key_previous.get_secret_value().split(",")
        return tuple(key.strip() for key in keys if key.strip())

    @validator("default_payment_format", "sgp_max_rate", pre=True)
    def _blank_is_none(cls, value: object) -> object:  # noqa: N805 - pydantic validators take the class
        return value or None

    @validator("twilio_account_sid", "twilio_api_key_sid")
    def _check_sid(cls, value: str, field: ModelField) -> str:  # noqa: N805 - as above
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
        value = value.strip().rstrip("/")
        if value:
            _require_https_or_loopback(value)
        return value

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

    @validator("sgp_base_url")
    def _normalise_sgp_url(cls, value: str) -> str:  # noqa: N805 - as above
        return normalise_sgp_url(value) if value.strip() else ""

    @validator("actions_url", "handoff_webhook_url", "privacy_url")
    def _check_url(cls, value: str) -> str:  # noqa: N805 - as above
        if value:
            _require_https_or_loopback(value)
        return value

    @validator("public_base_url")
    def _normalise_public_url(cls, value: str) -> str:  # noqa: N805 - as above
        value = value.strip().rstrip("/")
        if value:
            _require_https_or_loopback(value)
            if set("?#@") & set(value):
                raise ValueError("só o endereço, sem usuário, senha, ? nem #")
        return value

    @validator("tz_provider")
    def _check_timezone(cls, value: str) -> str:  # noqa: N805 - as above
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder, like America, or no file name at all
            raise ValueError("fuso horário desconhecido, use por exemplo America/Sao_Paulo") from None
        return value

    @validator("business_hours")
    def _check_business_hours(cls, value: str) -> str:  # noqa: N805 - as above
        BusinessHours.parse(value)
        return value

    @validator("database_url")
    def _check_database_url(cls, value: str) -> str:  # noqa: N805 - as above
        try:
            make_url(value)
        except ArgumentError:
            raise ValueError(
                "use a forma do SQLAlchemy, por exemplo postgresql://usuario@servidor/banco"
            ) from None
        return value

    @validator("sgp_max_rate")
    def _check_rate(cls, value: float | None) -> float | None:  # noqa: N805 - as above
        if value is not None and not SLOWEST_RATE <= value <= FASTEST_RATE:
            raise ValueError(f"vai de {SLOWEST_RATE} a {FASTEST_RATE} consultas por segundo")
        return value

    @validator("redis_url")
    def _check_redis_url(cls, value: SecretStr) -> SecretStr:  # noqa: N805 - as above
        parts = urlsplit(value.get_secret_value())
        if value.get_secret_value() and not (parts.scheme in {"redis", "rediss"} and parts.hostname):
            raise ValueError("use a forma redis://servidor:6379/0, ou rediss:// com TLS")
        return value

    @validator("sandbox_port", "bot_port", "actions_port")
    def _check_port(cls, value: int) -> int:  # noqa: N805 - as above
        if not 1 <= value <= 65535:  # noqa: PLR2004 - the range of TCP ports
            raise ValueError("a porta vai de 1 a 65535")
        return value

    @validator(
        "identity_idle_minutes",
        "identity_max_hours",
        "lockout_failures",
        "lockout_minutes",
        "identification_failures_per_minute",
        "messages_per_minute",
        "handoff_timeout",
        "retention_days",
        "audit_retention_days",
    )
    def _check_positive(cls, value: int) -> int:  # noqa: N805 - as above
        if value < 1:
            raise ValueError("precisa ser 1 ou mais")
        return value

    @validator("erp_budget_seconds")
    def _check_budget(cls, value: float) -> float:  # noqa: N805 - as above
        if not 1 <= value <= 60:  # noqa: PLR2004 - from one call's time to what a customer waits for
            raise ValueError("vai de 1 a 60")
        return value

    @root_validator(skip_on_failure=True)
    def _check_together(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 - as above
        required = cls.required or ((*SGP_NAMES, *KEY_NAMES) if values["sgp_base_url"] else ())
        missing = [name.lower() for name in required if not _plain(values[name.lower()])]
        if not required:
            values["sgp_token"] = SecretStr("sandbox-token")
            values["sgp_app"] = "sandbox-bot"
            for name, key in _sandbox_keys(values).items():
                values[name] = SecretStr(key)
        problems = [_how_to_set(name) for name in missing]
        if bool(values["twilio_api_key_sid"]) != bool(_plain(values["twilio_api_key_secret"])):
            problems.append("TWILIO_API_KEY_SID, TWILIO_API_KEY_SECRET: defina as duas ou nenhuma")
        if values["handoff_webhook_url"] and not _plain(values["handoff_webhook_secret"]):
            problems.append(
                "HANDOFF_WEBHOOK_SECRET: falta; obrigatória quando HANDOFF_WEBHOOK_URL está definida"
            )
        problems += [
            f"{name.upper()}: precisa ser base64 (URL-safe) de {KEY_BYTES} bytes; {MAKE_A_KEY}"
            for name in (key_name.lower() for key_name in (*KEY_NAMES, "PII_INDEX_KEY_PREVIOUS"))
            if name not in missing
            and _plain(values[name])
            and not all(map(_is_key, _plain(values[name]).split(",")))
        ]
        if problems:
            raise ValueError("\n".join(problems))
        return values


class ServingSettings(Settings):
    """Settings of a real installation: a real SGP, keys that outlive this machine, and WhatsApp."""

    required = (*SGP_NAMES, *KEY_NAMES, *WHATSAPP_NAMES)

    log_format: LogFormat = "json"


def _plain(value: SecretStr | str) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _how_to_set(name: str) -> str:
    return f"{name.upper()}: falta; {_HOW_TO[name.upper()]}"


def _is_key(text: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(text.strip().encode("ascii"))) == KEY_BYTES
    except (binascii.Error, ValueError):
        return False


def _sandbox_keys(values: dict[str, Any]) -> dict[str, str]:
    """Keys that the environment left out, made once and kept so that all processes agree."""
    wanted = [name.lower() for name in KEY_NAMES if not _plain(values[name.lower()])]
    if not wanted:
        return {}
    path = VAR_DIR / "sandbox-keys.json"
    if not path.exists():
        VAR_DIR.mkdir(exist_ok=True)
        fresh = {
            name.lower(): base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()
            for name in KEY_NAMES
        }
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(fresh), encoding="utf-8")
        try:
            # A hard link fails when another process was first, so that nobody's keys are replaced.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return {name: kept[name] for name in wanted}


def _require_https_or_loopback(url: str) -> None:
    parts = urlsplit(url)
    loopback = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and loopback)):
        raise ValueError("precisa começar com https:// (http só em 127.0.0.1)")


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
    _require_https_or_loopback(url)
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise ValueError("não ponha usuário nem senha no endereço")
    return f"{parts.scheme}://{parts.netloc}"


def load_settings(kind: type[Settings] = Settings, **overrides: Any) -> Settings:
    """Read the environment once.

    Args:
        kind: What must be complete.
        **overrides: Values by attribute name that win over the environment (for tests).

    Returns:
        The checked settings.

    Raises:
        SettingsError: Naming every variable that is missing or wrong.
    """
    try:
        return kind(**overrides)
    except ValidationError as error:
        problems: list[str] = []
        for item in error.errors():
            name = str(item["loc"][0])
            if name == "__root__":
                problems += str(item["msg"]).splitlines()
            else:
                problems.append(f"{name.upper()}: {item['msg']}")
    raise SettingsError(problems)


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The process's settings, read at the first call."""
    return load_settings()
