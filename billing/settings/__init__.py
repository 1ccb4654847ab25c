"""The only reader of the environment: typed settings, checked at start.

Values come from the process environment, then from `.env` in the project root, then from the
defaults of the groups. Without `SGP_BASE_URL` the project talks to its own sandbox SGP and makes the keys
it needs under `var/`; with one, every key and credential must be given.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

from pydantic import SecretStr, ValidationError, root_validator

from billing.settings.group import plain
from billing.settings.keys import KEY_NAMES, MAKE_A_KEY, KeySettings, key_problems, sandbox_keys
from billing.settings.paths import PROJECT_ROOT, VAR_DIR
from billing.settings.processes import LogFormat, ProcessSettings
from billing.settings.service import PaymentFormat, ServiceSettings
from billing.settings.sgp import SGP_NAMES, SgpSettings, normalise_sgp_url
from billing.settings.whatsapp import WHATSAPP_NAMES, WhatsAppSettings

__all__ = [
    "PROJECT_ROOT",
    "VAR_DIR",
    "LogFormat",
    "PaymentFormat",
    "ServingSettings",
    "Settings",
    "SettingsError",
    "load_settings",
    "normalise_sgp_url",
    "settings",
]

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


class SettingsError(Exception):
    """The environment is incomplete or wrong; the text lists every problem, for the operator."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"Configuração inválida. Corrija no ambiente ou no arquivo .env:\n{lines}")


class Settings(SgpSettings, KeySettings, WhatsAppSettings, ServiceSettings, ProcessSettings):
    """Everything that is configured from outside; attribute names are the variables in lower case."""

    required: ClassVar[tuple[str, ...]] = ()
    """Variables without which these settings are incomplete in any case."""

    def require_whatsapp(self) -> None:
        """Refuse to serve WhatsApp without what that needs.

        Raises:
            SettingsError: Naming what is missing.
        """
        missing = [name for name in WHATSAPP_NAMES if not plain(getattr(self, name.lower()))]
        if missing:
            raise SettingsError([_how_to_set(name) for name in missing])

    @root_validator(skip_on_failure=True)
    def _check_together(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 - pydantic validators take the class
        required = cls.required or ((*SGP_NAMES, *KEY_NAMES) if values["sgp_base_url"] else ())
        missing = [name.lower() for name in required if not plain(values[name.lower()])]
        if not required:
            values["sgp_token"] = SecretStr("sandbox-token")
            values["sgp_app"] = "sandbox-bot"
            for name, key in sandbox_keys(values).items():
                values[name] = SecretStr(key)
        problems = [_how_to_set(name) for name in missing]
        if bool(values["twilio_api_key_sid"]) != bool(plain(values["twilio_api_key_secret"])):
            problems.append("TWILIO_API_KEY_SID, TWILIO_API_KEY_SECRET: defina as duas ou nenhuma")
        if values["handoff_webhook_url"] and not plain(values["handoff_webhook_secret"]):
            problems.append(
                "HANDOFF_WEBHOOK_SECRET: falta; obrigatória quando HANDOFF_WEBHOOK_URL está definida"
            )
        problems += key_problems(values, missing)
        if problems:
            raise ValueError("\n".join(problems))
        return values


class ServingSettings(Settings):
    """Settings of a real installation: a real SGP, keys that outlive this machine, and WhatsApp."""

    required = (*SGP_NAMES, *KEY_NAMES, *WHATSAPP_NAMES)

    log_format: LogFormat = "json"


def _how_to_set(name: str) -> str:
    return f"{name.upper()}: falta; {_HOW_TO[name.upper()]}"


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
