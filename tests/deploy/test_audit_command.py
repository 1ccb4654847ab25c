"""`python -m deploy.audit`, as an operator calls it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from billing.audit import Audit, AuditEvent
from billing.database import open_database
from billing.settings import SettingsError, load_settings
from billing.tables import audit_rows
from billing.vault import Vault
from deploy import audit as command
from deploy import database_command
from tests.stack import KEYS

if TYPE_CHECKING:
    from pathlib import Path

ZONE = ZoneInfo("America/Sao_Paulo")
BEGAN = datetime(2026, 11, 20, 10, 30, tzinfo=ZONE)
CPF = "529.982.247-25"
WHOLE = "A trilha está íntegra.\n"


@dataclass
class Operator:
    """Somebody at the terminal, and a trail of two days: a delivery on the first, a handoff on the second."""

    engine: Any
    capsys: Any

    def says(self, *arguments: str) -> tuple[int, str]:
        """Exit status, and what was printed."""
        status = command.main(arguments)
        printed = self.capsys.readouterr()
        return status, printed.out + printed.err


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Any:
    settings = load_settings(
        _env_file=None,
        database_url=f"sqlite:///{tmp_path / 'bot.db'}",
        **{name.lower(): value for name, value in KEYS.items()},
    )
    monkeypatch.setattr(database_command, "settings", lambda: settings)
    engine = open_database(settings.database_url)
    vault = Vault.from_settings(settings)
    now = [BEGAN.timestamp()]
    audit = Audit(engine, vault, zone=ZONE, clock=lambda: now[0])
    sender = vault.index("address", "whatsapp:+5511987654321")
    document = vault.index("document", "52998224725")
    audit.record(AuditEvent("delivery", sender, document, "101", ("5001", "5002"), outcome="pix"))
    now[0] += timedelta(days=1).total_seconds()
    audit.record(AuditEvent("handoff", sender, outcome="noted"))
    yield Operator(engine, capsys)
    engine.dispose()


def test_a_whole_trail(operator: Operator) -> None:
    assert operator.says("verify") == (0, f"2 cadeias, 2 linhas; última cadeia: 2.\n{WHOLE}")


def test_a_changed_row_is_named_in_portuguese(operator: Operator) -> None:
    with operator.engine.begin() as connection:
        connection.execute(sa.update(audit_rows).where(audit_rows.c.action == "handoff").values(outcome="x"))

    status, text = operator.says("verify")

    assert status == 1
    assert "NÃO está íntegra:\n  - cadeia 2 (21/11/2026): a linha 1 foi alterada\n" in text


def test_everything_that_can_be_wrong_has_words() -> None:
    assert set(command.WRONG) == set(command.Fault)
    assert set(command.STEPS) == set(command.Step)


def test_a_document_shows_what_was_seen(operator: Operator) -> None:
    status, text = operator.says("show", "--document", CPF)

    assert status == 0
    assert text.startswith(
        "20/11/2026 10:30:00 | entrega de cobrança | feito | pix | contrato 101 | "
        "títulos 5001, 5002 | aparelho "
    )


@pytest.mark.parametrize("phone", ["+5511987654321", "(11) 98765-4321", "11 8765-4321"])
def test_a_phone_shows_what_it_did(operator: Operator, phone: str) -> None:
    status, text = operator.says("show", "--phone", phone)

    assert status == 0
    assert text.count("\n") == 2
    assert "21/11/2026 10:30:00 | passagem para uma pessoa | feito | noted" in text


def test_who_was_erased_is_not_found_any_more(operator: Operator) -> None:
    assert operator.says("erase", "--document", CPF)[0] == 0

    assert "Nenhuma linha" in operator.says("show", "--document", CPF)[1]
    assert "cliente apagado da trilha" in operator.says("show", "--phone", "+5511987654321")[1]
    assert operator.says("verify")[0] == 0
    assert "não aparece" in operator.says("erase", "--document", CPF)[1]


def test_a_broken_trail_is_told_beside_the_rows(operator: Operator) -> None:
    with operator.engine.begin() as connection:
        connection.execute(sa.delete(audit_rows).where(audit_rows.c.action == "handoff"))

    status, text = operator.says("show", "--document", CPF)

    assert (status, "NÃO está íntegra" in text) == (1, True)


def test_old_days_are_dropped(operator: Operator) -> None:
    assert operator.says("drop", "--before", "21/11/2026") == (
        0,
        "1 linhas de antes de 21/11/2026 foram removidas; os fechos ficaram.\n",
    )
    assert operator.says("verify") == (0, f"2 cadeias, 1 linhas; última cadeia: 2.\n{WHOLE}")


def test_a_day_that_was_tampered_with_is_not_dropped(operator: Operator) -> None:
    with operator.engine.begin() as connection:
        connection.execute(sa.delete(audit_rows).where(audit_rows.c.action == "delivery"))

    status, text = operator.says("drop", "--before", "21/11/2026")

    assert status == 1
    assert "Nada foi removido" in text
    assert "cadeia 1 (20/11/2026): falta a linha 1" in text


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["show"], "Diga de quem"),
        (["show", "--document", "123"], "não é um CPF ou CNPJ válido"),
        (["erase", "--phone", "123"], "não está completo"),
        (["drop", "--before", "31/02/2026"], "A data não existe"),
        (["drop", "--before", "31/12/2999"], "futuro"),
    ],
)
def test_bad_input_is_answered_in_portuguese(operator: Operator, arguments: list[str], answer: str) -> None:
    status, text = operator.says(*arguments)

    assert status == 2
    assert answer in text
    assert "Traceback" not in text


def test_a_database_that_is_not_there_is_told_without_its_address(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = database_command.settings().copy(update={"database_url": "sqlite:////nowhere/segredo/bot.db"})
    monkeypatch.setattr(database_command, "settings", lambda: broken)

    status, text = operator.says("verify")

    assert status == 2
    assert "O banco de dados não respondeu" in text
    assert "segredo" not in text


def test_wrong_settings_are_told(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise SettingsError(["PII_INDEX_KEY: falta"])

    monkeypatch.setattr(database_command, "settings", refuse)

    assert operator.says("verify")[0] == 2
