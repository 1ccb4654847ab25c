"""`python -m deploy.privacy`, as an operator calls it."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from billing.database import open_database
from billing.settings import SettingsError, load_settings
from billing.tables import events
from deploy import database_command
from deploy.privacy import __main__ as command
from tests.billing.conftest import Clock
from tests.privacy.conftest import ANA, DAY, MARIA, NEW_KEY, World
from tests.stack import KEYS, free_ports

if TYPE_CHECKING:
    from pathlib import Path

CPF = "529.982.247-25"


@pytest.fixture
def world(tmp_path: Path) -> Any:
    engine = open_database(f"sqlite:///{tmp_path / 'bot.db'}")
    made = World(engine, Clock())
    made.live(MARIA, "quero meu boleto")
    yield made
    engine.dispose()


@pytest.fixture
def says(world: World, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Any:
    """Calls the command; exit status, and what was printed."""

    bot, actions = free_ports(2)

    def call(*arguments: str, **changes: Any) -> tuple[int, str]:
        given = {name.lower(): value for name, value in KEYS.items()}
        given |= {"database_url": str(world.engine.url), "bot_port": bot, "actions_port": actions, **changes}
        made = load_settings(_env_file=None, **given)
        monkeypatch.setattr(database_command, "settings", lambda: made)
        status = command.main(arguments)
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return call


def test_an_export_on_the_screen(says: Any) -> None:
    status, text = says("export", "--phone", "(11) 98765-4321")

    assert status == 0
    assert json.loads(text)["por telefone"][1]["telefone"][0]["endereço"] == MARIA.address


def test_an_export_into_a_file_is_its_owner_s_alone_and_never_over_another(says: Any, tmp_path: Path) -> None:
    path = tmp_path / "maria.json"

    assert says("export", "--document", CPF, "--output", str(path))[0] == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "quero meu boleto" in path.read_text(encoding="utf-8")

    status, text = says("export", "--document", CPF, "--output", str(path))
    assert status == 2
    assert "Não consegui criar" in text


def test_erasing_prints_the_report(says: Any) -> None:
    status, text = says("erase", "--document", CPF, "--phone", MARIA.phone)

    assert status == 0
    assert "Apagado (registros):" in text
    assert "Mantido, e por quê:" in text
    assert "não havia nada desta pessoa" in says("erase", "--document", CPF)[1]


def test_a_rotation_says_when_the_old_key_may_go(says: Any) -> None:
    both = SecretStr(f"{NEW_KEY},{KEYS['PII_ENCRYPTION_KEYS']}")

    status, text = says("rotate", pii_encryption_keys=both)

    assert status == 0
    assert "events.data: 3 cifrados de novo\n" in text
    assert "podem sair" in text
    assert says("export", "--phone", MARIA.phone, pii_encryption_keys=SecretStr(NEW_KEY))[0] == 0


def test_a_rotation_that_lacks_a_key_says_that_the_old_one_must_stay(says: Any) -> None:
    status, text = says("rotate", pii_encryption_keys=SecretStr(NEW_KEY))

    assert status == 1
    assert "Falta events.data: 3 com outra chave, 3 que nenhuma abre\n" in text
    assert "NÃO tire as chaves antigas" in text


def test_a_purge_says_what_went(says: Any, world: World) -> None:
    world.clock.now -= 400 * DAY
    world.live(ANA, "oi")

    status, text = says("purge")

    assert status == 0
    assert "contacts: 1 apagados" in text
    assert "Nada passou do prazo." in says("purge")[1]


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["export"], "Diga de quem"),
        (["export", "--document", "123"], "não é um CPF ou CNPJ válido"),
        (["erase", "--phone", "123"], "não está completo"),
    ],
)
def test_bad_input_is_answered_in_portuguese(says: Any, arguments: list[str], answer: str) -> None:
    status, text = says(*arguments)

    assert status == 2
    assert answer in text


def test_a_database_that_is_not_there_is_told_without_its_address(says: Any) -> None:
    status, text = says("purge", database_url="sqlite:////nowhere/segredo/bot.db")

    assert status == 2
    assert "segredo" not in text


def test_wrong_settings_are_told(says: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    says("purge")

    def refuse() -> None:
        raise SettingsError(["PII_INDEX_KEY: falta"])

    monkeypatch.setattr(database_command, "settings", refuse)
    assert command.main(["purge"]) == 2


def test_the_index_key_is_changed(says: Any, world: World) -> None:
    keys = {
        "pii_index_key": SecretStr(NEW_KEY),
        "pii_index_key_previous": SecretStr(KEYS["PII_INDEX_KEY"]),
    }
    world.clock.now += 60

    status, text = says("rotate-index", **keys)

    assert status == 0
    assert "events: 3 movidos\n" in text
    assert "Tudo já estava" in says("rotate-index", **keys)[1]
    assert "quero meu boleto" in says("export", "--phone", MARIA.phone, **keys)[1]


def test_the_index_key_is_not_changed_without_the_old_one_or_in_service(says: Any, world: World) -> None:
    assert "PII_INDEX_KEY_PREVIOUS" in says("rotate-index")[1]
    world.replica.write("oi", sender=MARIA.address)
    status, text = says("rotate-index", pii_index_key_previous=SecretStr(NEW_KEY))

    assert status == 2
    assert "Nada foi mudado" in text


@pytest.mark.parametrize("path", ["/", "/health"])
def test_the_index_key_is_not_changed_under_an_idle_bot(
    says: Any, world: World, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(command, "answers", lambda url: urlsplit(url).path == path)
    keys = {
        "pii_index_key": SecretStr(NEW_KEY),
        "pii_index_key_previous": SecretStr(KEYS["PII_INDEX_KEY"]),
    }
    world.clock.now += 60

    status, text = says("rotate-index", **keys)

    assert status == 2
    assert "Nada foi mudado" in text
    assert world.rows(events, MARIA)
