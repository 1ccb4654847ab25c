"""The command line: export, erase, rotate, rotate-index, purge."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from addons.whatsapp.retention import Retention
from billing.audit import NotIntact
from billing.privacy import rotation
from billing.privacy.export import Export
from billing.privacy.index_rotation import StillServing, rotate_index
from billing.privacy.person import related
from deploy.database_command import carry_out
from deploy.person import Unusable, add_arguments, people_named
from deploy.privacy.erasure import erase, report
from deploy.processes import HOST, answers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Engine

    from billing.privacy.person import Related
    from billing.settings import Settings
    from billing.vault import Vault

UNFINISHED = 1
OWNER_ONLY = 0o600
STILL_SERVING = (
    "Nada foi mudado: o robô está no ar, ou algo ainda espera resposta ou entrega. Deixe-o terminar "
    "e pare todos os servidores."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says.

    Args:
        arguments: Instead of the process's own.

    Returns:
        0 when all is done, 1 when something is left to do, 2 when nothing could be done.
    """
    return carry_out(_parser(), arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.privacy", description="Dados pessoais.")
    commands = parser.add_subparsers(required=True, metavar="COMANDO")
    export = commands.add_parser("export", help="mostra tudo o que está guardado de uma pessoa, em JSON")
    add_arguments(export)
    export.add_argument("--output", metavar="ARQUIVO", help="novo, só para quem o cria; sem ele, vai à tela")
    export.set_defaults(work=_export)
    erasing = commands.add_parser("erase", help="apaga tudo de uma pessoa e diz o que ficou e por quê")
    add_arguments(erasing)
    erasing.set_defaults(work=_erase)
    rotating = commands.add_parser("rotate", help="cifra tudo de novo com a chave mais nova")
    rotating.set_defaults(work=_rotate)
    indexing = commands.add_parser(
        "rotate-index", help="passa os índices para a chave nova, com o robô parado"
    )
    indexing.set_defaults(work=_rotate_index)
    purge = commands.add_parser("purge", help="apaga agora o que passou do prazo")
    purge.set_defaults(work=_purge)
    return parser


def _export(given: argparse.Namespace, configured: Settings, engine: Engine, vault: Vault) -> int:
    person = _person(given, engine, vault)
    kept = Export(engine, vault, zone=configured.timezone).of(person)
    text = f"{json.dumps(kept, ensure_ascii=False, indent=2)}\n"
    if given.output:
        _write_new(Path(given.output), text)
        sys.stdout.write(f"Gravado em {given.output}, que só você pode ler. Apague depois de entregar.\n")
    else:
        sys.stdout.write(text)
    return 0


def _erase(given: argparse.Namespace, configured: Settings, engine: Engine, vault: Vault) -> int:
    erased = erase(engine, vault, _person(given, engine, vault), zone=configured.timezone)
    sys.stdout.write(report(erased))
    return UNFINISHED if erased.busy else 0


def _rotate(_given: argparse.Namespace, _settings: Settings, engine: Engine, vault: Vault) -> int:
    ends: dict[str, Any] = {}
    for progress in rotation.rotate(engine, vault):
        ends[progress.name] = progress
        if sys.stdout.isatty():
            sys.stdout.write(f"\r{progress.name}: {progress.moved}")
    for name, end in ends.items():
        sys.stdout.write(f"{name}: {end.moved} cifrados de novo\n")
    left = rotation.left(engine, vault)
    if not left:
        sys.stdout.write("Tudo está com a chave mais nova; as outras podem sair de PII_ENCRYPTION_KEYS.\n")
        return 0
    for name, count in left.items():
        unreadable = ends[name].unreadable
        sys.stdout.write(f"Falta {name}: {count} com outra chave, {unreadable} que nenhuma abre\n")
    sys.stdout.write(
        "NÃO tire as chaves antigas: confira se todos os processos já têm a nova, e rode de novo.\n"
    )
    return UNFINISHED


def _rotate_index(_given: argparse.Namespace, configured: Settings, engine: Engine, vault: Vault) -> int:
    if not configured.previous_index_keys:
        raise Unusable("Ponha a chave antiga em PII_INDEX_KEY_PREVIOUS e a nova em PII_INDEX_KEY.")
    # At night a running bot is often idle, and then the database does not tell of it.
    if any(map(answers, (configured.actions_health, f"http://{HOST}:{configured.bot_port}/"))):
        raise Unusable(STILL_SERVING)
    try:
        moved = rotate_index(engine, vault, time.time())
    except StillServing:
        raise Unusable(STILL_SERVING) from None
    lines = [f"{name}: {count} movidos\n" for name, count in sorted(moved.items())]
    sys.stdout.write("".join(lines) or "Tudo já estava com a chave nova.\n")
    return 0


def _purge(_given: argparse.Namespace, configured: Settings, engine: Engine, vault: Vault) -> int:
    try:
        gone = Retention.from_settings(configured, engine, vault).purge()
    except NotIntact:
        sys.stdout.write(
            "As conversas foram apagadas no prazo, mas a trilha de auditoria NÃO está íntegra e ficou; "
            "veja `python -m deploy.audit verify`.\n"
        )
        return UNFINISHED
    lines = [f"{name}: {count} apagados\n" for name, count in sorted(gone.items())]
    sys.stdout.write("".join(lines) or "Nada passou do prazo.\n")
    return 0


def _person(given: argparse.Namespace, engine: Engine, vault: Vault) -> Related:
    people = people_named(given, vault)
    with engine.connect() as connection:
        return related(connection, people)


def _write_new(path: Path, text: str) -> None:
    try:
        # Never over a file that somebody else may be able to read.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except OSError as error:
        raise Unusable(f"Não consegui criar {path}: {error.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    sys.exit(main())
