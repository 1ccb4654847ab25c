"""A person gets all that is kept of them and nothing of others; what is erased is gone from every table."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from addons.whatsapp.leases import LeaseLost
from billing import tables
from billing.audit import Person, verify
from billing.privacy import export, inventory
from billing.privacy.export import Export
from billing.privacy.person import Related, related
from deploy.privacy.erasure import erase, report
from tests.privacy.conftest import ANA, MARIA, ZONE, Someone

if TYPE_CHECKING:
    from tests.privacy.conftest import World

NOT_COUNTED = {"audit_chains", "audit_rows", "audit_salts", "leases"}
"""The trail stays, without the salt; leases tell of nothing."""


def person(world: World, *, phone: Someone | None = None, document: Someone | None = None) -> Related:
    people = []
    if document:
        people.append(Person("document", world.vault.index("document", document.document)))
    if phone:
        people.append(Person("sender", world.sender_id(phone)))
    with world.engine.connect() as connection:
        return related(connection, people)


def exported(world: World, **whom: Someone) -> dict[str, Any]:
    return Export(world.engine, world.vault, zone=ZONE).of(person(world, **whom))


def erased(world: World, **options: Any) -> Any:
    whom = {name: options.pop(name) for name in ("phone", "document") if name in options}
    return erase(world.engine, world.vault, person(world, **whom), zone=ZONE, **options)


def test_every_table_and_column_of_a_person_has_a_word() -> None:
    tables = (*inventory.BY_SENDER, *inventory.BY_KEY)
    assert set(export.TABLES) == {table.name for table in tables}
    columns = {column.name for table in tables for column in table.columns}
    assert columns - export.HIDDEN == set(export.COLUMNS)


def test_an_export_holds_something_of_every_table(world: World) -> None:
    kept = exported(world, phone=MARIA, document=MARIA)

    (sender,) = kept["por telefone"]
    titles = {export.TABLES[table.name] for table in (*inventory.BY_SENDER, tables.media)}
    assert set(sender) == titles
    assert len(kept["pedidos feitos ao SGP"]) == 1
    assert [row["ação"] for row in kept["trilha de auditoria"]] == ["delivery"]


def test_an_export_is_readable_and_of_nobody_else(world: World) -> None:
    for whom in ({"phone": MARIA}, {"document": MARIA}):
        text = json.dumps(exported(world, **whom), ensure_ascii=False)
        assert "quero meu boleto" in text
        assert "Oi, Maria!" in text
        assert MARIA.address in text
        assert "protocolo de Maria" in text
        assert "boleto-Maria.pdf" in text
        assert base64.b64encode(b"%PDF of Maria").decode() in text
        assert "T" in exported(world, **whom)["por telefone"][0]["telefone"][0]["gravado em"]
        for other in ("Ana", ANA.phone, "já paguei", world.sender_id(ANA)):
            assert other not in text
        assert world.sender_id(MARIA) not in text


def test_erasing_leaves_nothing_and_touches_nobody_else(world: World) -> None:
    before = exported(world, phone=ANA, document=ANA)

    gone = erased(world, document=MARIA)

    for table in inventory.BY_SENDER:
        assert world.rows(table, MARIA) == [], table.name
    counts = world.counts()
    of_nobody = {table.name for table in inventory.OF_NOBODY}
    assert all(gone.rows[name] for name in set(counts) - NOT_COUNTED - of_nobody), gone.rows
    assert (counts["media"], counts["write_claims"], counts["audit_salts"]) == (1, 1, 2)
    assert exported(world, phone=ANA, document=ANA) == before
    assert verify(world.engine, world.vault).findings == ()


def test_who_was_erased_is_exported_as_nobody(world: World) -> None:
    erased(world, phone=MARIA, document=MARIA)

    kept = exported(world, phone=MARIA, document=MARIA)

    assert kept["por telefone"] == [{"arquivos": []}]
    assert not any(kept[name] for name in ("por documento", "pedidos feitos ao SGP", "trilha de auditoria"))


def test_a_phone_that_two_holders_use_is_not_shown_or_erased_by_a_document(world: World) -> None:
    world.identify(MARIA, document=ANA.document)

    kept = exported(world, document=MARIA)
    gone = erased(world, document=MARIA)

    assert kept["por telefone"] == []
    assert "quero meu boleto" not in json.dumps(kept, ensure_ascii=False)
    assert gone.shared == 1
    assert world.rows(tables.events, MARIA)
    assert "1 telefone(s) que também identificaram outro titular" in report(gone)
    assert erased(world, phone=MARIA).shared == 0
    assert world.rows(tables.events, MARIA) == []


def test_failures_of_strangers_on_a_document_are_shown_without_the_stranger(world: World) -> None:
    index = world.vault.index("document", MARIA.document)
    tried = {"sender_id": world.sender_id(ANA), "document_index": index, "failed_at": 1.0}
    with world.engine.begin() as connection:
        connection.execute(sa.insert(tables.identification_failures).values(tried))

    kept = exported(world, document=MARIA)

    assert kept["por documento"] == {
        "tentativas de identificação sem sucesso": [{"em": "1969-12-31T21:00:01-03:00"}]
    }
    assert erased(world, document=MARIA).rows["identification_failures"] == 2


def test_who_is_being_served_is_waited_for(world: World) -> None:
    waited: list[float] = []

    def end_the_turn(seconds: float) -> None:
        waited.append(seconds)
        with world.engine.begin() as connection:
            connection.execute(sa.update(tables.leases).values(until=0))

    with world.engine.begin() as connection:
        connection.execute(sa.update(tables.leases).values(until=9e9))
    gone = erased(world, phone=MARIA, sleep=end_the_turn)

    assert len(waited) == 1
    assert gone.busy == 0
    assert world.rows(tables.events, MARIA) == []


def test_who_is_served_all_the_time_is_told_of(world: World) -> None:
    with world.engine.begin() as connection:
        connection.execute(sa.update(tables.leases).values(until=9e9))

    gone = erased(world, phone=MARIA, sleep=lambda _: None, patience=1)

    assert gone.busy == 1
    assert "rode de novo" in report(gone)
    assert world.rows(tables.events, MARIA)


def test_a_turn_that_was_begun_before_writes_nothing_afterwards(world: World) -> None:
    sender_id = world.replica.write("oi", sender=MARIA.address)
    turn = world.replica.turns.take(sender_id)
    with world.engine.begin() as connection:
        connection.execute(sa.update(tables.leases).values(until=0))
    erased(world, phone=MARIA)

    with pytest.raises(LeaseLost):
        world.replica.turns.commit(turn, [], None)
    with pytest.raises(LeaseLost):
        world.replica.turns.keep(turn)
    assert world.rows(tables.outbox, MARIA) == []


def test_the_report_says_what_stays_and_why(world: World) -> None:
    text = report(erased(world, phone=MARIA, document=MARIA))

    assert "  - conversa: 3\n" in text
    assert "1 linhas da trilha de auditoria" in text
    assert "art. 16, I" in text
    assert "SGP" in text
    assert "nada" in report(erased(world, phone=MARIA, document=MARIA))
