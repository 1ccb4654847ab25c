"""The list of models that may be opened: opening a model file runs what is in it, so the list comes first.

A Rasa model names the classes that read its parts. Whoever puts a file there could run code in the bot,
so a model is opened only when its SHA-256 stands in `models/MANIFEST.json`, where training wrote it.
Between this check and Rasa's own reading the file could still be exchanged by somebody who may write in
the folder; such a person could change the list too. In production both belong on a volume that the
servers only read.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "MANIFEST.json"


class ModelRefused(Exception):
    """The model must not be opened; the text says which, why and what to do."""


@dataclass(frozen=True)
class Entry:
    """What is known of one model.

    Attributes:
        sha256: Of the file, in hexadecimal.
        ingredients: SHA-256 of all that it was trained from, in hexadecimal.
        trained_at: ISO 8601, UTC.
    """

    sha256: str
    ingredients: str
    trained_at: str


class Manifest:
    """The models of one folder.

    Args:
        folder: Where the models and the list are.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME

    def enter(self, model: Path, ingredients: str) -> None:
        """Write a model down that was just trained here.

        Args:
            model: The file; its name is its key, and a later one of that name takes its place.
            ingredients: SHA-256 of all that it was trained from, in hexadecimal.
        """
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        entries = {**self._entries(), model.name: Entry(_sha256(model), ingredients, now)}
        text = json.dumps({name: asdict(entry) for name, entry in entries.items()}, indent=2, sort_keys=True)
        unfinished = self._path.with_suffix(f".{os.getpid()}")
        unfinished.write_text(f"{text}\n", encoding="utf-8")
        # At once: who reads meanwhile finds the old list or the new one.
        unfinished.replace(self._path)

    def lists(self, model: Path) -> bool:
        """Whether a model of this name was ever written down; its content is not looked at."""
        return model.name in self._entries()

    def kept(self) -> list[Path]:
        """The listed models that are still in the folder, newest first; their content is not looked at."""
        entries = self._entries()
        names = sorted(entries, key=lambda name: (entries[name].trained_at, name), reverse=True)
        return [path for path in map(self._path.with_name, names) if path.exists()]

    def require(self, model: Path) -> None:
        """Refuse a model that training did not write down, or that changed since.

        Raises:
            ModelRefused: With the reason, for the operator.
        """
        entry = self._entries().get(model.name)
        if entry is None:
            raise ModelRefused(
                f"O modelo {model.name} não está em {FILE_NAME}, a lista do que foi treinado aqui, e não "
                "será aberto: abrir um modelo executa o que há nele. `make train` faz um com os dados atuais."
            )
        try:
            found = _sha256(model)
        except OSError as error:
            raise ModelRefused(f"Não consegui ler o modelo {model.name}: {error.strerror}.") from None
        if found != entry.sha256:
            raise ModelRefused(
                f"O modelo {model.name} mudou depois do treino e não será aberto: abrir um modelo executa o "
                "que há nele. Se ninguém sabe por que mudou, trate como invasão. Para outro, apague o "
                "arquivo e rode `make train`."
            )

    def _entries(self) -> dict[str, Entry]:
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        try:
            return {name: Entry(**fields) for name, fields in json.loads(text).items()}
        except (ValueError, TypeError, AttributeError):
            raise ModelRefused(
                f"{self._path.name} não está legível, e sem ele nenhum modelo será aberto. "
                "Recupere a cópia dele, ou apague-o e rode `make train`."
            ) from None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.sha256()
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()
