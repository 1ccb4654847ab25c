"""`python -m deploy.evaluation MODEL`: measure a model, write the report, and refuse it below the gate."""

from __future__ import annotations

import sys
import warnings
from argparse import ArgumentParser
from pathlib import Path

import yaml

# Rasa and its libraries turn warnings on when they are imported; none of them is for the trainer.
warnings.showwarning = lambda *_, **__: None

from billing.settings import PROJECT_ROOT
from deploy.evaluation.figures import Figures
from deploy.evaluation.gate import load_gate
from deploy.evaluation.messages import DEVELOPMENT, SEALED, leaks, load, training_texts
from deploy.evaluation.predictions import predict
from deploy.evaluation.report import percent, write_report
from deploy.manifest import Manifest, ModelRefused
from deploy.model import MODELS

PROGRESS_STEP = 100


def main() -> int:
    """Returns 0 when the model may be used, 1 when it falls short."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--training-seconds", type=float, help="for the report")
    arguments = parser.parse_args()

    try:
        Manifest(MODELS).require(arguments.model)
    except ModelRefused as error:
        sys.stderr.write(f"{error}\n")
        return 1
    development, sealed = load(*DEVELOPMENT), load(*SEALED)
    texts = [example.text for example in (*development, *sealed)]
    predictions = predict(arguments.model, texts, lambda done: _show(done, len(texts)))
    here = Figures(development, predictions[: len(development)])
    there = Figures(sealed, predictions[len(development) :])
    complaints = load_gate().complaints(here)
    leaked = leaks(training_texts(PROJECT_ROOT / "data" / "nlu"), texts)
    facts = {"Modelo": arguments.model.name}
    if arguments.training_seconds is not None:
        facts["Treino"] = f"{arguments.training_seconds:.0f} s"
    page = write_report(
        development=here,
        sealed=there,
        threshold=fallback_threshold(),
        complaints=complaints,
        leaks=leaked,
        facts=facts,
    )
    sys.stdout.write(
        f"  desenvolvimento: {percent(here.accuracy.value)} entendidas de primeira,"
        f" F1 {percent(here.macro_f1)}; lacrada: {percent(there.accuracy.value)}\n"
        f"  relatório: {page.relative_to(PROJECT_ROOT)}\n"
    )
    if leaked:
        sys.stdout.write(f"  atenção: {len(leaked)} mensagens do treino estão também no teste\n")
    if complaints:
        sys.stderr.write("\n".join(["Modelo reprovado:", *(f"  - {each}" for each in complaints), ""]))
        return 1
    return 0


def fallback_threshold() -> float:
    """The confidence below which `config.yml` makes the bot ask back."""
    config = yaml.safe_load((PROJECT_ROOT / "config.yml").read_text(encoding="utf-8"))
    fallback = next(part for part in config["pipeline"] if part["name"] == "FallbackClassifier")
    return float(fallback["threshold"])


def _show(done: int, total: int) -> None:
    if done % PROGRESS_STEP == 0 or done == total:
        sys.stdout.write(f"\r  {done} de {total} mensagens" + ("\n" if done == total else ""))
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
