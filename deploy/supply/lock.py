"""Reads the hash-pinned requirements that `make lock` compiles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from pathlib import Path

SERVED = PROJECT_ROOT / "requirements.txt"
"""What production installs."""

EVERYTHING = PROJECT_ROOT / "requirements-dev.txt"
"""What production, sandbox and tests install; the other locks are parts of it."""

_ENTRY = re.compile(r"^([a-z0-9][a-z0-9-]*)==([^\s;]+)(?: ; (.+?))?(?: \\)?$")
_HASH = re.compile(r"^ {4}--hash=sha256:([0-9a-f]{64})(?: \\)?$")
_PARENT = re.compile(r"^ {4}# (?:via |  )([a-z0-9][a-z0-9-]*)(?: \(pyproject\.toml\))?$")


@dataclass(frozen=True)
class Package:
    """One locked version.

    Attributes:
        name: Normalised, as PEP 503 has it.
        version: Exact.
        marker: For which machines (PEP 508), "" for all.
        hashes: SHA-256 of each file of it that may be installed, in hexadecimal.
        needed_by: Names of what asks for it; the project's own among them.
    """

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    needed_by: tuple[str, ...]


def read_lock(path: Path) -> list[Package]:
    """The packages of a lock, in its order; one with several versions comes several times.

    Args:
        path: A file compiled by `uv pip compile --generate-hashes`.

    Raises:
        ValueError: At a line that such a file does not have, or an entry without a hash.
    """
    packages: list[Package] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if entry := _ENTRY.match(line):
            packages.append(Package(entry[1], entry[2], entry[3] or "", (), ()))
        elif packages:
            packages[-1] = _with_line(packages[-1], line)
        elif not line.startswith("#"):
            raise ValueError(f"{path.name}: {line!r} is no line of a lock")
    bare = [package.name for package in packages if not package.hashes]
    if bare:
        raise ValueError(f"{path.name}: no hash for {', '.join(bare)}")
    return packages


def _with_line(package: Package, line: str) -> Package:
    hashes, parents = package.hashes, package.needed_by
    if found := _HASH.match(line):
        hashes = (*hashes, found[1])
    elif found := _PARENT.match(line):
        parents = (*parents, found[1])
    elif not re.match(r"^ {4}#(?: via$|\s+-c )", line):
        raise ValueError(f"{line!r} is no line of {package.name} in a lock")
    return Package(package.name, package.version, package.marker, hashes, parents)
