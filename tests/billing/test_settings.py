"""Every mistake an operator can make is named, all in one go."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest
from pydantic import SecretStr

from billing.hours import BusinessHours, Period
from billing.settings import (
    PROJECT_ROOT,
    ServingSettings,
    Settings,
    SettingsError,
    keys,
    load_settings,
    normalise_sgp_url,
)
from tests.stack import KEYS

PRODUCTION = {"SGP_BASE_URL": "https://provedor.sgp.example", "SGP_TOKEN": "t", "SGP_APP": "bot", **KEYS}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch, tmp_path):
    """None of this machine's settings; keys of the sandbox go to the test's folder."""
    for name in Settings.__fields__:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(keys, "VAR_DIR", tmp_path / "var")


@pytest.fixture
def load(monkeypatch):
    def from_environment(env_file=None, **variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return load_settings(_env_file=env_file)

    return from_environment


def test_a_complete_environment(load):
    made = load(**PRODUCTION)

    assert (made.sandbox, made.sgp_url) == (False, "https://provedor.sgp.example")
    assert made.encryption_keys == (KEYS["PII_ENCRYPTION_KEYS"],)


@pytest.mark.parametrize("missing", sorted(set(PRODUCTION) - {"SGP_BASE_URL"}))
def test_a_missing_variable_is_named(load, missing):
    with pytest.raises(SettingsError) as error:
        load(**{name: value for name, value in PRODUCTION.items() if name != missing})

    assert [problem.split(":")[0] for problem in error.value.problems] == [missing]


def test_all_missing_variables_are_named_at_once(load):
    with pytest.raises(SettingsError) as error:
        load(SGP_BASE_URL="https://provedor.sgp.example")

    named = {problem.split(":")[0] for problem in error.value.problems}
    assert named == set(PRODUCTION) - {"SGP_BASE_URL"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((key, "curta") for key in KEYS),
        ("PII_ENCRYPTION_KEYS", KEYS["PII_ENCRYPTION_KEYS"] + ",curta"),
        ("PII_INDEX_KEY_PREVIOUS", "curta"),
        ("PRIVACY_URL", "http://provedor.example/privacidade"),
        ("RETENTION_DAYS", "0"),
        ("AUDIT_RETENTION_DAYS", "-1"),
        ("SGP_BASE_URL", "http://provedor.sgp.example"),
        ("SGP_BASE_URL", "provedor.sgp.example"),
        ("SGP_BASE_URL", "https://user:senha@provedor.sgp.example"),
        ("ACTIONS_URL", "http://acoes.example/webhook"),
        ("HANDOFF_WEBHOOK_URL", "http://central.example/robo"),
        ("HANDOFF_WEBHOOK_URL", "central.example/robo"),
        ("HANDOFF_TIMEOUT", "0"),
        ("HANDOFF_TIMEOUT", "2h"),
        ("BUSINESS_HOURS", "seg-sex 08:00-18:00"),
        ("BUSINESS_HOURS", "mon-fri 18:00-08:00"),
        ("TZ_PROVIDER", "Brasilia"),
        ("DATABASE_URL", "banco"),
        ("BOT_PORT", "70000"),
        ("ACTIONS_PORT", "0"),
        ("SANDBOX_PORT", "porta"),
        ("DEFAULT_PAYMENT_FORMAT", "cartao"),
        ("TRUST_UNBLOCK_ENABLED", "talvez"),
        ("EMAIL_BILL_ENABLED", "talvez"),
        ("LOCKOUT_FAILURES", "0"),
        ("LOCKOUT_MINUTES", "-1"),
        ("IDENTITY_IDLE_MINUTES", "0"),
        ("IDENTITY_MAX_HOURS", "0"),
        *(("SGP_MAX_RATE", value) for value in ("rápido", "0", "-1", "0.05", "2000", "nan", "inf")),
        *(("REDIS_URL", value) for value in ("127.0.0.1:6379", "http://a.example", "redis://", "u:senha@x")),
        *(("ERP_BUDGET_SECONDS", value) for value in ("doze", "0", "-5", "nan", "inf")),
    ],
)
def test_a_wrong_value_is_named_and_not_repeated(load, name, value):
    with pytest.raises(SettingsError) as error:
        load(**PRODUCTION | {name: value})

    assert [problem.split(":")[0] for problem in error.value.problems] == [name]
    assert "senha@" not in str(error.value)
    assert str(error.value).startswith("Configuração inválida.")


def test_a_desk_needs_its_secret(load):
    with pytest.raises(SettingsError) as error:
        load(HANDOFF_WEBHOOK_URL="https://central.example/robo")

    assert [problem.split(":")[0] for problem in error.value.problems] == ["HANDOFF_WEBHOOK_SECRET"]


@pytest.mark.parametrize("url", ["https://central.example/robo?token=t", "http://127.0.0.1:9000/robo"])
def test_a_desk_with_its_secret(load, url):
    made = load(HANDOFF_WEBHOOK_URL=url, HANDOFF_WEBHOOK_SECRET="segredo-plantado", HANDOFF_TIMEOUT="600")

    assert (made.handoff_webhook_url, made.handoff_timeout) == (url, 600)
    assert "segredo-plantado" not in repr(made)


@pytest.mark.parametrize(
    "pasted",
    [
        "https://provedor.sgp.example",
        "https://provedor.sgp.example/",
        "https://provedor.sgp.example/admin/",
        "https://provedor.sgp.example/accounts/login/?next=/admin/",
        " https://provedor.sgp.example/api/ura ",
    ],
)
def test_what_operators_paste(pasted):
    assert normalise_sgp_url(pasted) == "https://provedor.sgp.example"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8010", "http://localhost:8010"])
def test_plain_http_only_on_loopback(url):
    assert normalise_sgp_url(url + "/admin/") == url


@pytest.mark.parametrize(
    ("variables", "attribute", "expected"),
    [
        ({"DEFAULT_PAYMENT_FORMAT": ""}, "default_payment_format", None),
        ({"DEFAULT_PAYMENT_FORMAT": "pdf"}, "default_payment_format", "pdf"),
        ({"SLIP_HOSTS": "a.example, B.example ,"}, "slip_hosts", ("a.example", "b.example")),
        ({"SLIP_HOSTS": ""}, "slip_hosts", ()),
        ({"SGP_BASE_URL": "  "}, "sandbox", True),
        ({}, "email_bill_enabled", False),
        ({}, "birth_date_proof", False),
        ({"BIRTH_DATE_PROOF": "true"}, "birth_date_proof", True),
        ({}, "sgp_max_rate", None),
        ({"SGP_MAX_RATE": ""}, "sgp_max_rate", None),
        ({"SGP_MAX_RATE": "0.25"}, "sgp_max_rate", 0.25),
        (
            {"REDIS_URL": "rediss://redis.example:6380/1"},
            "redis_url",
            SecretStr("rediss://redis.example:6380/1"),
        ),
        ({"ACTIONS_PORT": "6055"}, "actions_webhook", "http://127.0.0.1:6055/webhook"),
        ({"TRUST_UNBLOCK_ENABLED": "false"}, "trust_unblock_enabled", False),
        ({}, "handoff_timeout", 7200),
        ({}, "opening_hours", BusinessHours()),
        ({"BUSINESS_HOURS": "sat 08:00-12:00"}, "opening_hours", BusinessHours((Period(5, 480, 720),))),
    ],
)
def test_values(load, variables, attribute, expected):
    assert getattr(load(**variables), attribute) == expected


def test_the_environment_wins_over_the_file(load, tmp_path):
    env_file = tmp_path / ".env"
    env_file.write_text("BOT_PORT=6001\nACTIONS_PORT=6002\n", "utf-8")

    made = load(env_file=env_file, BOT_PORT="7001")

    assert (made.bot_port, made.actions_port) == (7001, 6002)


def test_no_secret_in_the_repr(load):
    text = repr(load(**PRODUCTION | {"SGP_TOKEN": "segredo-plantado"}))

    assert not [value for value in ("segredo-plantado", *KEYS.values()) if value in text]


def test_sandbox_keys_are_made_once_and_are_private(load, tmp_path):
    first = load()

    path = tmp_path / "var" / "sandbox-keys.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load() == first
    assert [each.name for each in path.parent.iterdir()] == [path.name]


RACE = """
import secrets, sys
from pathlib import Path
from billing import settings
settings.keys.VAR_DIR = Path(sys.argv[1])
token_bytes = secrets.token_bytes
def all_together(count):
    secrets.token_bytes = token_bytes
    print("ready", flush=True)
    sys.stdin.readline()
    return token_bytes(count)
secrets.token_bytes = all_together
print(settings.load_settings(_env_file=None).actions_token.get_secret_value())
"""
"""Waits where it is about to make keys, having found none."""


def test_processes_that_start_together_agree_on_the_keys(tmp_path):
    command = [sys.executable, "-c", RACE, str(tmp_path / "var")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    racers = [subprocess.Popen(command, cwd=PROJECT_ROOT, env=dict(os.environ), **pipes) for _ in range(4)]
    assert {racer.stdout.readline() for racer in racers} == {"ready\n"}
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    keys = {racer.communicate(timeout=60)[0].strip() for racer in racers}

    assert [racer.returncode for racer in racers] == [0, 0, 0, 0]
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        ("https://bot.provedor.example/", "https://bot.provedor.example"),
        (" https://provedor.example/bot/ ", "https://provedor.example/bot"),
        ("http://127.0.0.1:5005", "http://127.0.0.1:5005"),
    ],
)
def test_the_public_address_loses_its_last_slash(load, given, kept):
    assert load(**PRODUCTION, PUBLIC_BASE_URL=given).public_base_url == kept


@pytest.mark.parametrize(
    "given",
    [
        "bot.provedor.example",
        "http://bot.provedor.example",
        "https://a:b@x.example",
        "https://x.example/?a=1",
    ],
)
def test_a_wrong_public_address_is_named(load, given):
    with pytest.raises(SettingsError, match="PUBLIC_BASE_URL"):
        load(**PRODUCTION, PUBLIC_BASE_URL=given)


WHATSAPP = {
    "TWILIO_ACCOUNT_SID": "AC" + "0a" * 16,
    "TWILIO_AUTH_TOKEN": "secret",
    "TWILIO_WHATSAPP_NUMBER": "whatsapp:+5511300000000",
    "PUBLIC_BASE_URL": "https://bot.provedor.example",
}


def test_whatever_serving_needs_is_named_at_once_and_how_to_get_it():
    with pytest.raises(SettingsError) as error:
        load_settings(ServingSettings, _env_file=None)

    named = {problem.split(":")[0]: problem for problem in error.value.problems}
    assert set(named) == set(PRODUCTION) | set(WHATSAPP)
    assert all("token_bytes(32)" in named[name] for name in KEYS)
    assert "console da Twilio" in named["TWILIO_AUTH_TOKEN"]


def test_serving_makes_no_keys_of_its_own(tmp_path):
    with pytest.raises(SettingsError):
        load_settings(ServingSettings, _env_file=None)

    assert not (tmp_path / "var").exists()


def test_a_complete_environment_for_serving(load):
    load(**PRODUCTION, **WHATSAPP)

    load_settings(ServingSettings, _env_file=None).require_whatsapp()


def test_whatsapp_with_the_sandbox_needs_what_whatsapp_needs(load):
    with pytest.raises(SettingsError) as error:
        load(TWILIO_ACCOUNT_SID=WHATSAPP["TWILIO_ACCOUNT_SID"]).require_whatsapp()

    named = {problem.split(":")[0] for problem in error.value.problems}
    assert named == set(WHATSAPP) - {"TWILIO_ACCOUNT_SID"}
    load(**WHATSAPP).require_whatsapp()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TWILIO_ACCOUNT_SID", "SK123"),
        ("TWILIO_API_KEY_SID", "AC123"),
        ("TWILIO_WHATSAPP_NUMBER", "+5511300000000"),
        ("TWILIO_WHATSAPP_NUMBER", "whatsapp:11300000000x"),
        ("TWILIO_API_BASE_URL", "http://api.twilio.com"),
        ("TWILIO_MAX_RATE", "0"),
        ("TURN_DEADLINE_SECONDS", "1"),
        ("TURN_DEADLINE_SECONDS", "depressa"),
    ],
)
def test_a_wrong_value_for_whatsapp_is_named(load, name, value):
    with pytest.raises(SettingsError) as error:
        load(**{name: value})

    assert [problem.split(":")[0] for problem in error.value.problems] == [name]


@pytest.mark.parametrize("alone", ["TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET"])
def test_half_an_api_key_is_refused(load, alone):
    with pytest.raises(SettingsError, match="defina as duas ou nenhuma"):
        load(**{alone: "SK123"})
