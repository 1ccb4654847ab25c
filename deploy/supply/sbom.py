"""The software bill of materials: CycloneDX 1.5 in JSON, of what production installs.

Written with the standard library: it is one page of JSON, and a library for it would add its own packages to
the lock that this file is about. No date and no serial number, so that the same lock always gives the same
bytes, and a test can tell when the file was forgotten.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from billing.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deploy.supply.licences import Policy
    from deploy.supply.lock import Package

SBOM = PROJECT_ROOT / "docs" / "sbom.cdx.json"
PROJECT = "sgp-billing-bot"


def bill_of_materials(packages: Sequence[Package], policy: Policy) -> str:
    """The bill, one component a line.

    Args:
        packages: What the bot is made of.
        policy: Tells their licences.

    Returns:
        JSON as https://cyclonedx.org/docs/1.5/json/ has it.
    """
    pyproject = (PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.+)"$', pyproject, re.MULTILINE)
    application = {
        "type": "application",
        "bom-ref": PROJECT,
        "name": PROJECT,
        "version": version[1] if version else "",
    }
    head = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": application},
    }
    components = [_component(package, policy.licence_of(package)) for package in packages]
    parents = [PROJECT, *dict.fromkeys(package.name for package in packages)]
    dependencies = [
        {"ref": ref, "dependsOn": [_purl(package) for package in packages if name in package.needed_by]}
        for name in parents
        for ref in _references(name, packages)
    ]
    parts = [json.dumps(head)[1:-1], _rows("components", components), _rows("dependencies", dependencies)]
    return "{" + ",\n".join(parts) + "}\n"


def _rows(name: str, items: Sequence[dict[str, Any]]) -> str:
    return f'"{name}": [\n' + ",\n".join(json.dumps(item) for item in items) + "\n]"


def _component(package: Package, licence: str) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": _purl(package),
        "name": package.name,
        "version": package.version,
        "purl": _purl(package),
        "licenses": [_licence(licence)],
        "hashes": [{"alg": "SHA-256", "content": content} for content in package.hashes],
    }
    if package.marker:
        component["properties"] = [{"name": "python:marker", "value": package.marker}]
    return component


def _licence(expression: str) -> dict[str, Any]:
    if re.search(r" (AND|OR) |^LicenseRef-", expression):
        return {"expression": expression}
    return {"license": {"id": expression}}


def _references(name: str, packages: Sequence[Package]) -> list[str]:
    return [name] if name == PROJECT else [_purl(package) for package in packages if package.name == name]


def _purl(package: Package) -> str:
    return f"pkg:pypi/{package.name}@{package.version}"
