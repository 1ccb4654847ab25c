"""Charts of the report, as SVG text to stand inside the page."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from deploy.evaluation.figures import COST_OF_WRONG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from deploy.evaluation.figures import Bin, Threshold

RIGHT, WRONG, GREY = "#1a7f5a", "#c0392b", "#777777"


def reliability(parts: Mapping[str, Sequence[Bin]]) -> str:
    """Confidence against accuracy; a calibrated model lies on the diagonal.

    Args:
        parts: Bins of each part of the test messages, by its name.
    """
    figure = Figure(figsize=(5, 4.2))
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1, label="calibração perfeita")
    for (name, bins), colour in zip(parts.items(), (RIGHT, "#2c5fa8"), strict=False):
        axes.plot(
            [each.confidence for each in bins],
            [each.accuracy for each in bins],
            "o-",
            color=colour,
            label=name,
        )
    axes.set(xlabel="confiança do modelo", ylabel="acertos de fato", xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(loc="upper left", frameon=False)
    return _svg(figure)


def confidence_histogram(right: Sequence[float], wrong: Sequence[float], threshold: float) -> str:
    """How sure the model was where it was right and where it was wrong, with the threshold drawn in."""
    figure = Figure(figsize=(5, 4.2))
    axes = figure.subplots()
    axes.hist(
        [right, wrong],
        bins=np.linspace(0, 1, 21),
        stacked=True,
        color=[RIGHT, WRONG],
        label=["certas", "erradas"],
    )
    axes.axvline(threshold, color="black", linestyle="--", linewidth=1, label=f"limiar {threshold:g}")
    # On a linear scale the few wrong ones, which matter, would not be seen.
    axes.set_yscale("symlog")
    axes.set(xlabel="confiança do modelo", ylabel="mensagens (escala logarítmica)", xlim=(0, 1))
    axes.legend(loc="upper left", frameon=False)
    return _svg(figure)


def cost_of_asking(thresholds: Sequence[Threshold], chosen: float) -> str:
    """What each threshold would cost, in questions asked back per hundred messages."""
    figure = Figure(figsize=(5, 4.2))
    axes = figure.subplots()
    x = [each.confidence for each in thresholds]
    axes.plot(
        x, [100 * each.cost for each in thresholds], color="black", label=f"custo (erro = {COST_OF_WRONG:g})"
    )
    axes.plot(x, [100 * each.asked for each in thresholds], color=GREY, label="perguntadas de volta")
    axes.plot(x, [100 * each.wrong for each in thresholds], color=WRONG, label="entendidas errado")
    axes.axvline(chosen, color="black", linestyle="--", linewidth=1, label=f"limiar {chosen:g}")
    axes.set(xlabel="limiar", ylabel="por cem mensagens")
    axes.legend(loc="upper left", frameon=False)
    return _svg(figure)


def _svg(figure: Figure) -> str:
    figure.tight_layout()
    text = StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    drawn = text.getvalue()
    return drawn[drawn.index("<svg") :]
