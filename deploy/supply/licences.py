"""The licence of each locked package, and whether it is one that we accept."""

from __future__ import annotations

import importlib.metadata
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from importlib.metadata import PackageMetadata

    from deploy.supply.lock import Package

POLICY = Path(__file__).with_name("licences.yml")
LONGEST_NAME = 60
"""What is longer in the field for the licence's name is its text."""


@dataclass(frozen=True)
class Policy:
    """What the reviewers accept.

    Attributes:
        allowed: SPDX identifiers.
        spellings: SPDX expression by what older packages write; "" says nothing.
        reviewed: SPDX expression by package and version, each read by a person.
    """

    allowed: frozenset[str]
    spellings: Mapping[str, str]
    reviewed: Mapping[tuple[str, str], str]

    @classmethod
    def load(cls, path: Path = POLICY) -> Policy:
        """Read the policy.

        Args:
            path: The YAML file.

        Raises:
            ValueError: When an entry of the reviewed gives no reason.
        """
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
        reviewed = {}
        for entry in given["reviewed"]:
            if not str(entry.get("reason") or "").strip():
                raise ValueError(f"{path.name}: no reason given for {entry['package']}")
            reviewed[entry["package"], entry["version"]] = entry["licence"]
        return cls(frozenset(given["allowed"]), given["spellings"], reviewed)

    def licence_of(self, package: Package) -> str:
        """The licence as an SPDX expression, or in the package's own words where none fits, or ""."""
        reviewed = self.reviewed.get((package.name, package.version))
        if reviewed is not None:
            return reviewed
        try:
            installed = importlib.metadata.distribution(package.name)
        except importlib.metadata.PackageNotFoundError:
            return ""
        return self.declared(installed.metadata) if installed.version == package.version else ""

    def declared(self, metadata: PackageMetadata) -> str:
        """What a package says of itself, all its statements together.

        Args:
            metadata: Its core metadata: licence expression (PEP 639), or the older name and classifiers.
        """
        if "License-Expression" in metadata:
            return metadata["License-Expression"]
        name = metadata["License"].strip() if "License" in metadata else ""
        said = [] if "\n" in name or len(name) > LONGEST_NAME else [name]
        said += [
            classifier.split(" :: ")[-1]
            for classifier in metadata.get_all("Classifier") or ()
            if classifier.startswith("License ::")
        ]
        meant = dict.fromkeys(self.spellings.get(each, each) for each in said)
        meant.pop("", None)
        if any(each.startswith("BSD-") for each in meant):
            meant.pop("LicenseRef-BSD", None)
        if len(meant) > 1:
            # An alternative beside something else is for a person to read: parentheses are never accepted.
            return " AND ".join(f"({each})" if " OR " in each else each for each in meant)
        return "".join(meant)

    def accepts(self, licence: str) -> bool:
        """Whether every part of an SPDX expression is allowed, or of one of its alternatives."""
        return any(
            all(part in self.allowed for part in re.split(r"\s+AND\s+", alternative.strip()))
            for alternative in re.split(r"\s+OR\s+", licence)
        )

    def refused(self, packages: Iterable[Package]) -> list[tuple[Package, str]]:
        """The packages whose licence nobody accepted, with it."""
        found = [(package, self.licence_of(package)) for package in packages]
        return [
            (package, licence)
            for package, licence in found
            if (package.name, package.version) not in self.reviewed and not self.accepts(licence)
        ]

    def outdated(self, packages: Iterable[Package]) -> list[tuple[str, str]]:
        """Reviewed names and versions that are no longer locked."""
        return sorted(set(self.reviewed) - {(package.name, package.version) for package in packages})
