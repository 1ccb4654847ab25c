"""Erasing everything of somebody, and saying what stays and why (LGPD arts. 16 and 18 VI)."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from addons.whatsapp.alone import Busy, alone_with
from billing.audit import Audit, PersonRegister
from billing.privacy.export import TABLES, Export
from billing.privacy.inventory import BY_DOCUMENT
from billing.privacy.senders import forget
from billing.tables import write_claims

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from sqlalchemy.engine import Engine

    from billing.privacy.person import Related
    from billing.vault import Vault

PATIENCE_SECONDS = 90.0
"""Longer than a turn and its delivery last."""
TRY_SECONDS = 0.2

KEPT_TRAIL = (
    "{rows} linhas da trilha de auditoria, sem nada que diga de quem são: o segredo da pessoa foi apagado. "
    "Base: obrigação legal e regulatória do provedor de provar o que foi atendido (LGPD, art. 16, I, e "
    "art. 7º, II) e, anonimizadas, uso exclusivo do controlador (art. 16, IV)."
)
KEPT_SHARED = (
    "as conversas de {count} telefone(s) que também identificaram outro titular: são dados de outra "
    "pessoa, e o direito é sobre os próprios (LGPD, art. 18, caput). Se o pedido é de quem usa o telefone, "
    "rode de novo também com --phone."
)
KEPT_ELSEWHERE = (
    "o que está fora deste sistema: cadastro, faturas e chamados no SGP (contrato e obrigação legal: LGPD, "
    "art. 7º, V e II, e art. 16, I), mensagens na Twilio e na Meta, a central de atendimento, e cópias de "
    "segurança anteriores, que devem ser apagadas no seu prazo."
)
STILL_BUSY = "{count} telefone(s) em atendimento não puderam ser apagados agora; rode de novo."


@dataclass(frozen=True)
class Erased:
    """What came of it.

    Attributes:
        rows: How many rows of each table went.
        trail: How many rows of the audit nobody can assign any more.
        shared: How many phones' conversations stay, since they are somebody else's too.
        busy: How many senders were served all the time, and stay.
    """

    rows: Counter[str]
    trail: int
    shared: int
    busy: int


def erase(
    engine: Engine,
    vault: Vault,
    person: Related,
    *,
    zone: tzinfo,
    sleep: Callable[[float], None] = time.sleep,
    patience: float = PATIENCE_SECONDS,
) -> Erased:
    """Remove everything of somebody while the bot serves. Blocks.

    Args:
        engine: Database with the project's tables.
        vault: Opens what leads to further rows.
        person: As `billing.privacy.person.related` found it.
        zone: The provider's.
        sleep: Waits for some seconds.
        patience: Seconds for which a sender who is being served is waited for.
    """
    rows: Counter[str] = Counter()
    trail = sum(1 for _ in Audit(engine, vault, zone=zone).seen_of(person.people))
    with engine.begin() as connection:
        # First: the rest leads to them.
        for claim in Export(engine, vault, zone=zone).claims_of(connection, person):
            this = sa.delete(write_claims).where(write_claims.c.claim == claim.claim)
            rows[write_claims.name] += connection.execute(this).rowcount
    busy = 0
    for sender_id in person.senders:
        gone = _forget_when_free(engine, vault, sender_id, sleep, patience)
        busy += gone is None
        rows += gone or Counter()
    with engine.begin() as connection:
        for table in BY_DOCUMENT:
            named = table.c.document_index.in_(person.documents)
            rows[table.name] += connection.execute(sa.delete(table).where(named)).rowcount
    register = PersonRegister(engine, vault)
    for each in person.people:
        register.erase(each)
    return Erased(+rows, trail, len(person.shared), busy)


def report(erased: Erased) -> str:
    """What an operator files and tells the person, in Portuguese."""
    gone = [f"  - {TABLES[name]}: {count}" for name, count in sorted(erased.rows.items())]
    kept = [KEPT_ELSEWHERE]
    if erased.shared:
        kept.insert(0, KEPT_SHARED.format(count=erased.shared))
    if erased.trail:
        kept.insert(0, KEPT_TRAIL.format(rows=erased.trail))
    lines = ["Apagado (registros):", *(gone or ["  - nada: não havia nada desta pessoa"])]
    lines += ["Mantido, e por quê:", *(f"  - {each}" for each in kept)]
    if erased.busy:
        lines += ["ATENÇÃO:", f"  - {STILL_BUSY.format(count=erased.busy)}"]
    return "\n".join(lines) + "\n"


def _forget_when_free(
    engine: Engine, vault: Vault, sender_id: str, sleep: Callable[[float], None], patience: float
) -> Counter[str] | None:
    waited = 0.0
    while waited <= patience:
        with suppress(Busy), alone_with(engine, sender_id) as connection:
            return forget(connection, vault, sender_id)
        sleep(TRY_SECONDS)
        waited += TRY_SECONDS
    return None
