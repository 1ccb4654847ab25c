"""All demo customers, in the order in which demos list them."""

from __future__ import annotations

from sandbox.sgp.companies import ALFA, EMPRESA, PADARIA
from sandbox.sgp.people import (
    ANA,
    BRUNO,
    CARLOS,
    HELENA,
    JOAO,
    LUCIA,
    MARIA,
    OTAVIO,
    PAULA,
    RITA,
    SEBASTIAO,
    TIAGO,
)

CUSTOMERS = (
    MARIA,
    ANA,
    CARLOS,
    JOAO,
    EMPRESA,
    ALFA,
    PAULA,
    BRUNO,
    RITA,
    SEBASTIAO,
    TIAGO,
    LUCIA,
    HELENA,
    OTAVIO,
    PADARIA,
)
