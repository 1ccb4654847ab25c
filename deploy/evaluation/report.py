"""The page on which a trainer sees what the model understands and what it confuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from billing.settings import PROJECT_ROOT
from deploy.evaluation import pictures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from deploy.evaluation.figures import Figures, Share

FOLDER = PROJECT_ROOT / "reports"
TEMPLATE_FOLDER = PROJECT_ROOT / "deploy" / "evaluation"
SHOWN_CONFUSIONS = 15
THRESHOLDS = [step / 20 for step in range(20)]


def write_report(
    *,
    development: Figures,
    sealed: Figures,
    threshold: float,
    complaints: Sequence[str],
    leaks: Sequence[tuple[str, str]],
    facts: dict[str, str],
) -> Path:
    """Write `reports/nlu.html`.

    Args:
        development: Figures of the part that may be looked at: its messages are shown.
        sealed: Figures of the sealed part: only numbers are shown.
        threshold: Confidence below which the bot asks back.
        complaints: What the gate found.
        leaks: Training messages that also stand in the test, with the tested ones.
        facts: Lines about the run itself, such as the training time.

    Returns:
        The page's path.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(percent=percent, interval=interval, shade=shade)
    page = environment.get_template("report.html").render(
        development=development,
        sealed=sealed,
        threshold=threshold,
        here=development.threshold(threshold),
        there=sealed.threshold(threshold),
        complaints=complaints,
        leaks=leaks,
        facts=facts,
        confusions=development.confusions[:SHOWN_CONFUSIONS],
        columns=sorted({predicted for _, predicted in development.matrix} | set(development.recalls)),
        charts=_charts(development, sealed, threshold),
    )
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / "nlu.html"
    path.write_text(page, encoding="utf-8")
    return path


def _charts(development: Figures, sealed: Figures, threshold: float) -> list[tuple[str, str]]:
    return [
        (
            "Calibração: quando o modelo diz 80 %, acerta 80 %?",
            pictures.reliability({"desenvolvimento": development.bins, "lacrada": sealed.bins}),
        ),
        (
            "Confiança das respostas (desenvolvimento)",
            pictures.confidence_histogram(*development.confidences, threshold),
        ),
        (
            "O preço de perguntar e o de errar (desenvolvimento)",
            pictures.cost_of_asking([development.threshold(each) for each in THRESHOLDS], threshold),
        ),
    ]


def percent(value: float, places: int = 1) -> str:
    """A fraction as Brazilians write it: `0.945` is "94,5 %"."""
    return f"{100 * value:.{places}f} %".replace(".", ",")


def interval(share: Share) -> str:
    """The 95 % interval of a share: "93 a 96 %"."""
    low, high = share.interval
    return f"{100 * low:.0f} a {100 * high:.0f} %"


def shade(count: int, row_total: int, *, right: bool) -> Any:
    """Background of a cell of the confusion matrix: stronger the larger its part of the row."""
    strength = 0.15 + 0.85 * count / max(row_total, 1)
    return f"rgba({'26,127,90' if right else '192,57,43'},{strength:.2f})"
