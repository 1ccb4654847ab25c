"""Known vulnerabilities of the locked libraries, less those that somebody read and gave a reason for.

pip-audit asks the advisories of the Python Package Index. It lives in an environment of its own (`.audit`),
because Rasa holds back a library that it needs. A package that it could not ask about counts as unchecked,
not as safe.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from billing.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from deploy.supply.lock import Package

REVIEWED = Path(__file__).with_name("vulnerabilities.yml")
PIP_AUDIT = PROJECT_ROOT / ".audit" / "bin" / "pip-audit"
LONGEST = timedelta(days=366)


class NotAsked(Exception):
    """No report of vulnerabilities could be had; the text says why."""


@dataclass(frozen=True)
class Finding:
    """A known vulnerability of a locked version.

    Attributes:
        package: Its name.
        version: As locked.
        ids: All names of the vulnerability (CVE, GHSA, PYSEC), the service's own first.
        fixed_in: Versions without it; none when there is no such version.
    """

    package: str
    version: str
    ids: tuple[str, ...]
    fixed_in: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """What the advisories say.

    Attributes:
        findings: All known vulnerabilities.
        unchecked: Packages of which nothing could be learnt, with the reason.
    """

    findings: tuple[Finding, ...]
    unchecked: tuple[str, ...]

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> Report:
        """Read pip-audit's JSON (`--format json`).

        Raises:
            ValueError: When it tells of no package at all.
        """
        findings, unchecked = [], []
        if not answer["dependencies"]:
            raise ValueError("a report on nothing")
        for item in answer["dependencies"]:
            if "skip_reason" in item:
                unchecked.append(item["skip_reason"])
            findings += [
                Finding(
                    item["name"],
                    item["version"],
                    (each["id"], *each.get("aliases", ())),
                    tuple(each["fix_versions"]),
                )
                for each in item.get("vulns", ())
            ]
        return cls(tuple(findings), tuple(unchecked))


@dataclass(frozen=True)
class Exemption:
    """Vulnerabilities of one package that we live with.

    Attributes:
        package: Its name.
        ids: Any of the names that each one has.
        reason: Why they can't be used against this bot.
        expires: The first day on which it no longer counts.
    """

    package: str
    ids: frozenset[str]
    reason: str
    expires: date

    def covers(self, finding: Finding, today: date) -> bool:
        """Whether the finding was read, and not too long ago."""
        return (
            finding.package == self.package and today < self.expires and not self.ids.isdisjoint(finding.ids)
        )


def load_exemptions(path: Path = REVIEWED) -> list[Exemption]:
    """Read the reviewed list.

    Args:
        path: The YAML file.

    Raises:
        ValueError: At an entry without ids, reason or day.
    """
    exemptions = []
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
        ids, reason, expires = entry.get("ids"), str(entry.get("reason") or "").strip(), entry.get("expires")
        if not ids or not reason or not isinstance(expires, date):
            raise ValueError(
                f"{path.name}: {entry['package']} needs ids, a reason and a day on which it expires"
            )
        exemptions.append(Exemption(entry["package"], frozenset(ids), reason, expires))
    return exemptions


def complaints(exemptions: Iterable[Exemption], packages: Sequence[Package], today: date) -> list[str]:
    """What is wrong with the reviewed list itself, for the operator.

    Args:
        exemptions: The list.
        packages: All that is locked.
        today: The present day, UTC.
    """
    locked = {package.name for package in packages}
    found = []
    for each in exemptions:
        if each.package not in locked:
            found.append(f"{each.package}: não está mais travada; tire-a da lista")
        if each.expires <= today:
            found.append(f"{each.package}: a revisão venceu em {each.expires:%d/%m/%Y}; leia de novo")
        elif each.expires > today + LONGEST:
            found.append(f"{each.package}: a revisão vale por mais de um ano; encurte")
    return found


def ask(lock: Path, tool: Path = PIP_AUDIT) -> Report:
    """Have pip-audit ask the advisories about every package of a lock for this machine.

    Args:
        lock: Hash-pinned requirements.
        tool: The program.

    Raises:
        NotAsked: When it is missing or gave no report.
    """
    command = [
        str(tool),
        "--requirement",
        str(lock),
        "--disable-pip",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise NotAsked("O pip-audit não está instalado; rode `make supply`.") from None
    try:
        # It ends with 1 both on findings and on failures; only the former leave a report.
        return Report.read(json.loads(done.stdout))
    except (ValueError, KeyError, TypeError):
        raise NotAsked(f"O pip-audit não conseguiu consultar:\n{done.stderr.strip()[-2000:]}") from None
