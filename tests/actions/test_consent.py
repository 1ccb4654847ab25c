"""An explicit yes is a yes and nothing else."""

from __future__ import annotations

import pytest

from actions.consent import is_explicit_yes


@pytest.mark.parametrize(
    "text",
    [
        "sim",
        "SIM!!!",
        "siiim",
        "s",
        "ss",
        "Sim, por favor",
        "claro, pode pedir",
        "quero sim",
        "isso mesmo",
        "ok",
        "pode ser",
        "pode desbloquear a internet agora",
        "sim, obrigada",
        "👍",
        "com certeza",
    ],
)
def test_a_yes(text):
    assert is_explicit_yes(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sim?",
        "não, sim",
        "não, sim é o que minha mãe diria",
        "quero saber se sim",
        "ele disse: sim",
        "amanhã sim",
        "amanhã pode",
        "pode sim não fazer isso",
        "ok, vou pensar",
        "se for de graça, sim",
        "acho que sim",
        "talvez",
        "affirm",
        "/affirm",
        "sim 2",
        "por favor",
        "quero o boleto",
        "pode mandar o boleto",
        "👎",
        "🤔",
    ],
)
def test_no_yes(text):
    assert not is_explicit_yes(text)
