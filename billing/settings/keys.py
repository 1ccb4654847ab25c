"""Keys and tokens of the bot's own; in the sandbox they are made once."""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
from typing import Any

from pydantic import SecretStr

from billing.settings.group import Group, plain
from billing.settings.paths import VAR_DIR

KEY_NAMES = ("PII_ENCRYPTION_KEYS", "PII_INDEX_KEY", "MEDIA_SIGNING_KEY", "ACTIONS_TOKEN")
KEY_BYTES = 32

MAKE_A_KEY = (
    "gere uma com: python -c 'import base64,secrets;"
    "print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())'"
)


class KeySettings(Group):
    """What seals, hashes, signs and opens doors."""

    pii_encryption_keys: SecretStr = SecretStr("")
    pii_index_key: SecretStr = SecretStr("")
    pii_index_key_previous: SecretStr = SecretStr("")
    """Keys that PII_INDEX_KEY replaced, newest first."""
    media_signing_key: SecretStr = SecretStr("")
    actions_token: SecretStr = SecretStr("")
    admin_token: SecretStr = SecretStr("")

    @property
    def encryption_keys(self) -> tuple[str, ...]:
        """Fernet keys, newest first."""
        return tuple(key.strip() for key in self.pii_encryption_keys.get_secret_value().split(","))

    @property
    def previous_index_keys(self) -> tuple[str, ...]:
        """Keys of look-up hashes that were replaced, newest first."""
        keys = self.pii_index_key_previous.get_secret_value().split(",")
        return tuple(key.strip() for key in keys if key.strip())


def key_problems(values: dict[str, Any], missing: list[str]) -> list[str]:
    """What is wrong with the keys that are given.

    Args:
        values: Settings by attribute name.
        missing: Attribute names that are complained of already.
    """
    return [
        f"{name.upper()}: precisa ser base64 (URL-safe) de {KEY_BYTES} bytes; {MAKE_A_KEY}"
        for name in (key_name.lower() for key_name in (*KEY_NAMES, "PII_INDEX_KEY_PREVIOUS"))
        if name not in missing
        and plain(values[name])
        and not all(map(_is_key, plain(values[name]).split(",")))
    ]


def sandbox_keys(values: dict[str, Any]) -> dict[str, str]:
    """Keys that the environment left out, made once and kept so that all processes agree."""
    wanted = [name.lower() for name in KEY_NAMES if not plain(values[name.lower()])]
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


def _is_key(text: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(text.strip().encode("ascii"))) == KEY_BYTES
    except (binascii.Error, ValueError):
        return False
