"""`python -m deploy.supply`: licences, bill of materials and known holes of the locked libraries."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from billing.settings import PROJECT_ROOT
from deploy.supply.audit import REVIEWED, NotAsked, ask, complaints, load_exemptions
from deploy.supply.leaks import Planted, leaks_in
from deploy.supply.licences import POLICY, Policy
from deploy.supply.lock import EVERYTHING, SERVED, read_lock
from deploy.supply.sbom import SBOM, bill_of_materials

if TYPE_CHECKING:
    from collections.abc import Sequence

UNKNOWN = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says.

    Args:
        arguments: Instead of the process's own.

    Returns:
        0 when all is well, 1 when something must be looked at, 2 when nothing could be found out.
    """
    parser = argparse.ArgumentParser(prog="python -m deploy.supply", description="Bibliotecas do robô.")
    commands = parser.add_subparsers(required=True, metavar="COMANDO")
    for name, work, text in (
        ("licences", _licences, "confere a licença de cada biblioteca travada"),
        ("audit", _audit, "procura vulnerabilidades conhecidas (usa a Internet)"),
        ("secrets", _secrets, "procura segredos nos arquivos do repositório"),
        ("sbom", _sbom, "escreve a lista de materiais (CycloneDX)"),
    ):
        commands.add_parser(name, help=text).set_defaults(work=work)
    status: int = parser.parse_args(arguments).work()
    return status


def _licences() -> int:
    policy, packages = Policy.load(), read_lock(EVERYTHING)
    counts = Counter(policy.licence_of(package) for package in packages)
    for licence, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        sys.stdout.write(f"{count:4}  {licence or '(não informada)'}\n")
    refused, outdated = policy.refused(packages), policy.outdated(packages)
    for package, licence in refused:
        sys.stderr.write(
            f"{package.name} {package.version}: licença não aceita: {licence or 'não informada'}\n"
        )
    for name, version in outdated:
        sys.stderr.write(f"{name} {version}: revisada em {POLICY.name}, mas não está mais travada\n")
    return 1 if refused or outdated else 0


def _audit() -> int:
    today = datetime.now(timezone.utc).date()
    packages, exemptions = read_lock(EVERYTHING), load_exemptions()
    problems = [f"{REVIEWED.name}: {each}" for each in complaints(exemptions, packages, today)]
    try:
        report = ask(EVERYTHING)
    except NotAsked as error:
        sys.stderr.write("".join(f"{line}\n" for line in [*problems, error]))
        return UNKNOWN
    problems += [
        f"{finding.package} {finding.version}: {', '.join(finding.ids)};"
        f" corrigida em: {', '.join(finding.fixed_in) or 'nenhuma versão'}"
        for finding in report.findings
        if not any(each.covers(finding, today) for each in exemptions)
    ]
    sys.stdout.write(f"{len(report.findings)} vulnerabilidades conhecidas.\n")
    sys.stderr.write("".join(f"{line}\n" for line in problems))
    if report.unchecked:
        count, first = len(report.unchecked), report.unchecked[0]
        sys.stderr.write(f"{count} bibliotecas não puderam ser conferidas; a primeira: {first}\n")
        return UNKNOWN
    return 1 if problems else 0


def _secrets() -> int:
    leaks = leaks_in(PROJECT_ROOT, Planted.load())
    for leak in leaks:
        # Not the value: this may be read in a log of CI.
        sys.stderr.write(f"{leak.path}:{leak.line}: {leak.rule} (fingerprint {leak.fingerprint})\n")
    return 1 if leaks else 0


def _sbom() -> int:
    packages = read_lock(SERVED)
    SBOM.write_text(bill_of_materials(packages, Policy.load()), encoding="utf-8")
    sys.stdout.write(f"{SBOM.relative_to(PROJECT_ROOT)}: {len(packages)} bibliotecas.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
