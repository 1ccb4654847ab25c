"""`python -m deploy.audit`: check the audit trail, show one person's rows, erase a person, drop old days."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from billing.audit import (
    Audit,
    Fault,
    Finding,
    NotIntact,
    PersonRegister,
    Step,
    drop_before,
    verify,
)
from deploy.database_command import carry_out
from deploy.person import Unusable, add_arguments, people_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.engine import Engine

    from billing.audit.trail import Seen
    from billing.settings import Settings
    from billing.vault import Vault

BROKEN = 1

WRONG = {
    Fault.ALTERED: "a linha {position} foi alterada",
    Fault.MISSING: "falta a linha {position}",
    Fault.REORDERED: "a linha {position} está fora de ordem",
    Fault.CHECKPOINT_ALTERED: "o fecho foi alterado",
    Fault.CHECKPOINT_MISSING: "há linhas de uma cadeia cujo fecho sumiu",
    Fault.CHAIN_MISSING: "a cadeia inteira sumiu",
    Fault.LEFT_OVER: "a linha {position} apareceu depois que a cadeia foi removida",
}

STEPS = {
    Step.ASKED: "pedido",
    Step.ALLOWED: "permitido",
    Step.DENIED: "recusado",
    Step.DONE: "feito",
    Step.FAILED: "falhou",
}

ACTIONS = {
    "identification": "identificação",
    "invoice_list": "lista de faturas",
    "invoice": "fatura",
    "payment_check": "confirmação de pagamento",
    "statement": "declaração de quitação",
    "delivery": "entrega de cobrança",
    "trust_unblock": "desbloqueio em confiança",
    "ticket": "chamado",
    "email_bill": "fatura por e-mail",
    "without_identity": "consulta sem identificação",
    "handoff": "passagem para uma pessoa",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says.

    Args:
        arguments: Instead of the process's own.

    Returns:
        0 when all is well, 1 when the trail is not whole, 2 when nothing could be done.
    """
    return carry_out(_parser(), arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.audit", description="Trilha de auditoria.")
    commands = parser.add_subparsers(required=True, metavar="COMANDO")
    check = commands.add_parser("verify", help="confere todas as cadeias")
    check.set_defaults(work=_verify)
    for name, work, text in (
        ("show", _show, "mostra as linhas de uma pessoa, da mais antiga à mais nova"),
        (
            "erase",
            _erase,
            "esquece para sempre de quem são as linhas de um documento, de um telefone ou de ambos",
        ),
    ):
        command = commands.add_parser(name, help=text)
        add_arguments(command)
        command.set_defaults(work=work)
    drop = commands.add_parser("drop", help="remove os dias anteriores a uma data")
    drop.add_argument("--before", metavar="DATA", required=True, help="dd/mm/aaaa; esse dia fica")
    drop.set_defaults(work=_drop)
    return parser


def _verify(_given: argparse.Namespace, _settings: Settings, engine: Engine, vault: Vault) -> int:
    report = verify(engine, vault)
    sys.stdout.write(f"{report.chains} cadeias, {report.rows} linhas; última cadeia: {report.last_number}.\n")
    if report.findings:
        sys.stdout.write(f"A trilha NÃO está íntegra:\n{_findings(report.findings)}")
        return BROKEN
    sys.stdout.write("A trilha está íntegra.\n")
    return 0


def _show(given: argparse.Namespace, configured: Settings, engine: Engine, vault: Vault) -> int:
    people = people_named(given, vault)
    audit = Audit(engine, vault, zone=configured.timezone)
    count = 0
    for seen in audit.seen_of(people):
        sys.stdout.write(f"{_line(seen, configured)}\n")
        count += 1
    if not count:
        sys.stdout.write("Nenhuma linha: a pessoa não aparece na trilha, ou foi apagada dela.\n")
    if verify(engine, vault).findings:
        sys.stdout.write("Atenção: a trilha NÃO está íntegra; veja `python -m deploy.audit verify`.\n")
        return BROKEN
    return 0


def _erase(given: argparse.Namespace, _settings: Settings, engine: Engine, vault: Vault) -> int:
    register = PersonRegister(engine, vault)
    erased = [register.erase(person) for person in people_named(given, vault)]
    sys.stdout.write(
        "Ninguém mais pode dizer de quem são essas linhas; a trilha continua íntegra.\n"
        if any(erased)
        else "Essa pessoa não aparece na trilha.\n"
    )
    return 0


def _drop(given: argparse.Namespace, configured: Settings, engine: Engine, vault: Vault) -> int:
    try:
        day = datetime.strptime(given.before, "%d/%m/%Y").replace(tzinfo=configured.timezone)
    except ValueError:
        raise Unusable("A data não existe; escreva como 31/12/2026.") from None
    if day > datetime.now(configured.timezone):
        raise Unusable("A data está no futuro; só dias que já passaram podem ser removidos.")
    try:
        count = drop_before(engine, vault, day)
    except NotIntact as error:
        sys.stdout.write(f"Nada foi removido, porque a trilha NÃO está íntegra:\n{_findings(error.findings)}")
        return BROKEN
    sys.stdout.write(f"{count} linhas de antes de {given.before} foram removidas; os fechos ficaram.\n")
    return 0


def _findings(findings: Iterable[Finding]) -> str:
    return "".join(
        f"  - {_where(each)}{WRONG[each.fault].format(position=each.position)}\n" for each in findings
    )


def _where(finding: Finding) -> str:
    if finding.number is None:
        return ""
    # Reversed as text: an altered one need not be a date.
    day = f" ({'/'.join(reversed(finding.day.split('-')))})" if finding.day else ""
    return f"cadeia {finding.number}{day}: "


def _line(seen: Seen, configured: Settings) -> str:
    details = seen.details or {}
    titles = ", ".join(details.get("titles", ()))
    parts = [
        f"{datetime.fromtimestamp(seen.at, configured.timezone):%d/%m/%Y %H:%M:%S}",
        ACTIONS.get(seen.action, seen.action),
        STEPS[seen.step],
        seen.outcome,
        f"contrato {details['contract']}" if details.get("contract") else "",
        f"títulos {titles}" if titles else "",
        "cliente apagado da trilha" if seen.details is None else "",
        # Enough to tell two phones apart, and nothing that leads to one.
        f"aparelho {seen.device[:8]}",
    ]
    return " | ".join(part for part in parts if part)


if __name__ == "__main__":
    sys.exit(main())
