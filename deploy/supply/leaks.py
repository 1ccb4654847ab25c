"""Looks through the repository's files for what must not be there: secrets, names of one machine or mirror.

No library: none is locked, each would be one more package to trust with every file, and this is a page. It
finds what looks like a secret by its form; a password that is a word it can't find.
"""

from __future__ import annotations

import hashlib
import math
import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PLANTED = Path(__file__).with_name("planted.yml")

RULES = {
    "private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    "Twilio account or key": re.compile(r"\b(?:AC|SK)[0-9a-f]{32}\b"),
    "password in an address": re.compile(r"[a-z][a-z0-9+]*://[^\s/:@'\"<>{}]*:[^\s/@'\"<>{}]+@"),
    "key of a known service": re.compile(
        r"\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}|\bxox[baprs]-[\w-]{10,}|\bAIza[\w-]{35}|\beyJ[\w-]{10,}\.eyJ"
    ),
    "random hexadecimal": re.compile(r"(?<![0-9a-zA-Z])[0-9a-fA-F]{32,}(?![0-9a-zA-Z])"),
    "random characters": re.compile(r"(?<![\w+/=-])[\w+/-]{32,}={0,2}(?![\w+/=-])"),
    "host of a registry": re.compile(
        # Brackets keep this file from naming them itself.
        r"\b(?:[p]ypi[.]org|[p]ythonhosted[.]org|registry[.][n]pmjs[.]org|deb[.][d]ebian[.]org)\b",
        re.IGNORECASE,
    ),
    "path of one machine": re.compile(r"(?<![\w.~-])/(?:(?:work|root)\b|tmp/w/|home/\w)"),
}
KINDS = {"random hexadecimal": ("[0-9]", "[a-fA-F]"), "random characters": ("[0-9]", "[a-z]", "[A-Z]")}
"""What a random text has some of; so a slip's 47 digits and a constant's name are none."""

LEAST_BITS = {"random hexadecimal": 2.8, "random characters": 4.0}
"""Entropy per character, in bits, below which a text is not random: repeated digits, long names."""


@dataclass(frozen=True)
class Leak:
    """Something that must not be in the repository.

    Attributes:
        path: The file, from the repository's root.
        line: Counted from 1.
        rule: Key of `RULES`.
        value: What was found. Never print it: it may be a real secret.
    """

    path: str
    line: int
    rule: str
    value: str

    @property
    def fingerprint(self) -> str:
        """Enough of its SHA-256 to tell it from others, and nothing that leads to it."""
        return hashlib.sha256(self.value.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Planted:
    """What may be there, because it is invented or public.

    Attributes:
        values: Fingerprints.
        files: Rules that don't count in files of a pattern.
    """

    values: frozenset[str]
    files: Mapping[str, frozenset[str]]

    @classmethod
    def load(cls, path: Path = PLANTED) -> Planted:
        """Read the reviewed list.

        Args:
            path: The YAML file.

        Raises:
            ValueError: At an entry without a reason, or of an unknown rule.
        """
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
        for entry in (*given["values"], *given["files"]):
            if not str(entry.get("reason") or "").strip():
                raise ValueError(f"{path.name}: {entry} needs a reason")
            if unknown := set(entry.get("rules", ())) - set(RULES):
                raise ValueError(f"{path.name}: no rule {', '.join(sorted(unknown))}")
        return cls(
            frozenset(entry["fingerprint"] for entry in given["values"]),
            {entry["pattern"]: frozenset(entry["rules"]) for entry in given["files"]},
        )

    def covers(self, leak: Leak) -> bool:
        """Whether somebody said that this one is harmless."""
        return leak.fingerprint in self.values or any(
            leak.rule in rules and fnmatch(leak.path, pattern) for pattern, rules in self.files.items()
        )


def leaks_in(repository: Path, planted: Planted) -> list[Leak]:
    """Everything in the files that git has or would take.

    Args:
        repository: Its root.
        planted: What may be there.

    Raises:
        subprocess.CalledProcessError: When it is no git repository.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True).stdout
    paths = sorted({name for name in listed.split("\0") if name and (repository / name).is_file()})
    return [leak for name in paths for leak in _leaks(repository, name) if not planted.covers(leak)]


def _leaks(repository: Path, name: str) -> Iterator[Leak]:
    # Read as text also where it is none: a key in a binary file is a key.
    text = (repository / name).read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        for rule, pattern in RULES.items():
            for found in pattern.finditer(line):
                if _is_random(found[0], rule):
                    yield Leak(name, number, rule, found[0])


def _is_random(value: str, rule: str) -> bool:
    if rule not in KINDS:
        return True
    if not all(re.search(kind, value) for kind in KINDS[rule]):
        return False
    shares = [count / len(value) for count in Counter(value).values()]
    return -sum(share * math.log2(share) for share in shares) >= LEAST_BITS[rule]
