"""The figures of a model are right, the report shows them, and the gate refuses what falls short."""

from __future__ import annotations

import random

import pytest
from pydantic import ValidationError

from deploy.evaluation import report
from deploy.evaluation.figures import Figures, Share
from deploy.evaluation.gate import Gate, load_gate
from deploy.evaluation.messages import Example
from deploy.evaluation.predictions import Prediction


def figures(*rows):
    """Each row: the right intent, the predicted one, the confidence."""
    examples = [
        Example(f"mensagem {n} <b>", (right,), ("plain",), {}) for n, (right, _, _) in enumerate(rows)
    ]
    predictions = [Prediction(guess, guess, confidence, {}, 0.004) for _, guess, confidence in rows]
    return Figures(examples, predictions)


MIXED = figures(("bill", "bill", 0.9), ("bill", "paid", 0.6), ("paid", "paid", 0.95), ("paid", "paid", 0.8))


def test_shares_by_intent():
    assert MIXED.accuracy == Share(3, 4)
    assert MIXED.recalls == {"bill": Share(1, 2), "paid": Share(2, 2)}
    assert MIXED.precisions == {"bill": Share(1, 1), "paid": Share(2, 3)}
    # bill: 2/3, paid: 4/5
    assert MIXED.macro_f1 == pytest.approx((2 / 3 + 4 / 5) / 2)


def test_any_of_equally_right_intents_is_right():
    example = Example("oi, obrigada", ("greet", "thank"), (), {})
    assert Figures([example], [Prediction("thank", "thank", 1.0, {}, 0.0)]).accuracy == Share(1, 1)


def test_asking_back_is_no_understanding():
    example = Example("hm", ("bill",), (), {})
    asked = Figures([example], [Prediction("nlu_fallback", "bill", 0.3, {}, 0.0)])
    assert asked.accuracy == Share(0, 1)
    assert (asked.threshold(0.45).asked, asked.threshold(0.0).understood) == (1.0, 1.0)


@pytest.mark.parametrize(
    # Wilson's interval as in Brown, Cai and DasGupta (2001)
    ("share", "low", "high"),
    [(Share(0, 10), 0.0, 0.278), (Share(5, 10), 0.237, 0.763), (Share(95, 100), 0.888, 0.978)],
)
def test_interval_of_a_share(share, low, high):
    assert share.interval == pytest.approx((low, high), abs=0.001)


def test_a_calibrated_model_has_no_calibration_error_and_a_boaster_has():
    rng = random.Random(1)  # noqa: S311 - a simulation
    honest = [(confidence, rng.random() < confidence) for confidence in (rng.random() for _ in range(20_000))]
    rows = [("bill", "bill" if right else "paid", confidence) for confidence, right in honest]
    assert figures(*rows).calibration_error < 0.02
    boaster = [(right, guess, 0.99) for right, guess, _ in rows]
    assert figures(*boaster).calibration_error > 0.4


def test_documents_are_counted_when_missed_and_when_invented():
    found, missed, invented = ({"document": ("52998224725",)}, {}), ({}, {"document": ("1",)}), ({}, {})
    pairs = [(found[0], found[0]), (found[0], missed[0]), (invented[0], {"document": ("1",)})]
    examples = [Example(str(n), ("bill",), (), right) for n, (right, _) in enumerate(pairs)]
    predictions = [Prediction("bill", "bill", 1.0, got, 0.0) for _, got in pairs]
    counted = Figures(examples, predictions)
    assert (counted.documents_missed, counted.documents_invented) == (["1"], ["2"])
    assert counted.documents_exact == Share(1, 3)


GATE = Gate(macro_f1=0.7, recall={"bill": 0.5}, documents_exact=0.0)


def test_the_gate_lets_a_good_model_pass():
    assert GATE.complaints(MIXED) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"macro_f1": 0.8}, "F1 médio das intenções: 73,3 %, o mínimo é 80,0 %."),
        ({"recall": {"bill": 0.51}}, "Mensagens de bill entendidas: 50,0 %, o mínimo é 51,0 %."),
        ({"recall": {"greet": 0.5}}, "Não há mensagens de teste para greet."),
        ({"documents_exact": 0.1}, "CPF e CNPJ lidos exatamente: 0,0 %, o mínimo é 10,0 %."),
    ],
)
def test_the_gate_says_what_falls_short(change, complaint):
    assert Gate(**{**GATE.dict(), **change}).complaints(MIXED) == [complaint]


def test_a_misspelt_figure_is_refused(tmp_path):
    path = tmp_path / "gate.yml"
    path.write_text("macro_f1: 0.9\nrecal: {}\nrecall: {}\ndocuments_exact: 1\n", "utf-8")
    with pytest.raises(ValidationError, match="recal"):
        load_gate(path)


def test_the_committed_gate_watches_the_five_intents():
    gate = load_gate()
    assert set(gate.recall) == {
        "duplicate_bill",
        "already_paid",
        "internet_blocked",
        "trust_unblock",
        "inform_document",
    }
    assert min(gate.macro_f1, *gate.recall.values()) >= 0.9
    assert gate.documents_exact == 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # matplotlib's own use of pyparsing
def test_the_report_shows_development_messages_and_no_sealed_ones(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "FOLDER", tmp_path)
    sealed = Figures(
        [Example("lacrada", ("bill",), ("plain",), {})], [Prediction("paid", "paid", 0.7, {}, 0.0)]
    )
    page = report.write_report(
        development=MIXED,
        sealed=sealed,
        threshold=0.45,
        complaints=["Falta algo."],
        leaks=[],
        facts={"Treino": "30 s"},
    ).read_text("utf-8")
    assert "Reprovado" in page
    assert "mensagem 1 &lt;b&gt;" in page
    assert "lacrada</li>" not in page
    assert page.count("<svg") == 3
