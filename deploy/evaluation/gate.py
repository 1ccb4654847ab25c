"""The figures below which a model is not to be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml
from pydantic import BaseModel, Extra, confloat

from billing.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from deploy.evaluation.figures import Figures

FILE = PROJECT_ROOT / "tests" / "nlu" / "gate.yml"

if TYPE_CHECKING:
    Fraction = float
else:
    Fraction = confloat(ge=0, le=1)


class Gate(BaseModel):
    """Least figures on the development part.

    Attributes:
        macro_f1: Mean F1 over the intents.
        recall: Share understood, by intent.
        documents_exact: Share of the messages with documents in which all are found exactly.
    """

    macro_f1: Fraction
    recall: dict[str, Fraction]
    documents_exact: Fraction

    class Config:
        """A misspelt figure would gate nothing."""

        extra = Extra.forbid

    def complaints(self, figures: Figures) -> list[str]:
        """What falls short, a sentence each, for the trainer; nothing when the model may be used."""
        found = []
        if figures.macro_f1 < self.macro_f1:
            found.append(_sentence("F1 médio das intenções", figures.macro_f1, self.macro_f1))
        for intent, least in self.recall.items():
            share = figures.recalls.get(intent)
            if share is None:
                found.append(f"Não há mensagens de teste para {intent}.")
            elif share.value < least:
                found.append(_sentence(f"Mensagens de {intent} entendidas", share.value, least))
        if figures.documents_exact.value < self.documents_exact:
            found.append(
                _sentence("CPF e CNPJ lidos exatamente", figures.documents_exact.value, self.documents_exact)
            )
        return found


def load_gate(path: Path = FILE) -> Gate:
    """Read the committed figures."""
    return Gate.parse_obj(yaml.safe_load(path.read_text(encoding="utf-8")))


def _sentence(what: str, value: float, least: float) -> str:
    return f"{what}: {_percent(value)}, o mínimo é {_percent(least)}."


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %".replace(".", ",")
