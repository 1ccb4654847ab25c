"""Everything that is kept of somebody, opened, in words that they can read (LGPD art. 18 II and art. 19)."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from billing.audit import Audit
from billing.claims import WriteClaims
from billing.privacy.inventory import BY_DOCUMENT, BY_SENDER, SEALED
from billing.privacy.senders import media_of
from billing.tables import contacts, identities, inbox, media, place, write_claims
from billing.vault import Unreadable

if TYPE_CHECKING:
    from datetime import tzinfo

    from sqlalchemy.engine import Connection, Engine, Row

    from billing.privacy.person import Related
    from billing.vault import Vault

TABLES = {
    "contacts": "telefone",
    "privacy_notices": "aviso de privacidade",
    "identities": "identificação em curso",
    "verifications": "documento confirmado neste telefone",
    "identification_failures": "tentativas de identificação sem sucesso",
    "events": "conversa",
    "inbox": "mensagens recebidas",
    "outbox": "mensagens enviadas",
    "button_offers": "botões oferecidos",
    "holds": "conversa com a equipe",
    "leases": "controle de quem atende",
    "media": "arquivos",
    "write_claims": "pedidos feitos ao SGP",
}

COLUMNS = {
    "address": "endereço",
    "action_name": "ação ou campo",
    "arrival": "ordem de chegada",
    "attempts": "tentativas",
    "claimed_at": "pedido em",
    "content": "conteúdo",
    "content_type": "tipo",
    "created_at": "gravado em",
    "customer": "cliente",
    "data": "registro",
    "due_at": "próximo envio em",
    "error_code": "erro na entrega",
    "expires_at": "expira em",
    "failed_at": "em",
    "fence": "vezes",
    "filename": "nome do arquivo",
    "held_at": "desde",
    "intent_name": "assunto entendido",
    "kind": "tipo",
    "message_sid": "número na Twilio",
    "operation": "pedido",
    "outcome": "resultado",
    "payload": "texto do botão",
    "position": "ordem de envio",
    "proof": "comprovado por",
    "reason": "motivo",
    "received_at": "recebida em",
    "scope": "para",
    "sent_at": "enviada em",
    "started_at": "resposta iniciada em",
    "state": "situação",
    "status": "entrega",
    "timestamp": "em",
    "told_at": "dito em",
    "turn": "resposta",
    "twilio_sid": "número na Twilio",
    "type_name": "tipo",
    "until": "até",
    "used_at": "usada em",
    "verified_at": "confirmado em",
}

HIDDEN = {"id", "sender_id", "document_index", "outbox_id", "once", "claim"}
"""Hashes and random numbers by which rows are found; they say nothing of anybody."""

UNREADABLE = "(ilegível com as chaves atuais)"


class Export:
    """Reads what is kept.

    Args:
        engine: Database with the project's tables.
        vault: Opens it.
        zone: The provider's, in which times are written.
    """

    def __init__(self, engine: Engine, vault: Vault, *, zone: tzinfo) -> None:
        self._engine = engine
        self._vault = vault
        self._zone = zone
        self._audit = Audit(engine, vault, zone=zone)
        self._claims = WriteClaims(engine, vault)
        self._sealed = {each.column: each for each in SEALED}

    def of(self, person: Related) -> dict[str, Any]:
        """Everything about somebody, ready for JSON.

        Args:
            person: As `billing.privacy.person.related` found it.
        """
        trail = self._trail(person)
        with self._engine.connect() as connection:
            return {
                "por telefone": [self._sender(connection, sender_id) for sender_id in person.senders],
                "por documento": self._document(connection, person),
                TABLES[write_claims.name]: [
                    self._readable(write_claims, row) for row in self.claims_of(connection, person)
                ],
                "trilha de auditoria": trail,
                "telefones compartilhados com outro titular (peça também pelo telefone)": len(person.shared),
            }

    def claims_of(self, connection: Connection, person: Related) -> list[Row]:
        """Rows of the writes to the ERP that somebody asked for, as far as a contract is still known.

        Args:
            connection: Of the project's database.
            person: As above.
        """
        contracts = {seen.details["contract"] for seen in self._audit.seen_of(person.people) if seen.details}
        for row in connection.execute(self._identities_of(person)).all():
            customer = self._open(identities.c.customer, row)
            if isinstance(customer, dict):
                contracts |= {contract["contract_id"] for contract in customer["contracts"]}
        mine = sa.select(inbox.c.message_sid).where(inbox.c.sender_id.in_(person.senders))
        messages = connection.execute(mine).scalars().all()
        return self._claims.find(connection, messages, sorted(contracts - {None}))

    def _identities_of(self, person: Related) -> sa.sql.Select:
        return sa.select(identities).where(
            identities.c.sender_id.in_(person.senders) | identities.c.document_index.in_(person.documents)
        )

    def _sender(self, connection: Connection, sender_id: str) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for table in (contacts, *(each for each in BY_SENDER if each is not contacts)):
            query = sa.select(table).where(table.c.sender_id == sender_id).order_by(*table.primary_key)
            rows = connection.execute(query).all()
            if rows:
                kept[TABLES[table.name]] = [self._readable(table, row) for row in rows]
        files = sa.select(media).where(media.c.id.in_(media_of(connection, self._vault, sender_id)))
        kept[TABLES[media.name]] = [self._readable(media, row) for row in connection.execute(files).all()]
        return kept

    def _document(self, connection: Connection, person: Related) -> dict[str, Any]:
        kept = {}
        for table in BY_DOCUMENT:
            # The others' conversations, and what these senders have, stand elsewhere.
            query = sa.select(table).where(
                table.c.document_index.in_(person.documents), table.c.sender_id.not_in(person.senders)
            )
            rows = connection.execute(query).all()
            if rows:
                kept[TABLES[table.name]] = [self._readable(table, row) for row in rows]
        return kept

    def _trail(self, person: Related) -> list[dict[str, Any]]:
        return [
            {
                "em": self._time(seen.at),
                "ação": seen.action,
                "passo": seen.step.value,
                "resultado": seen.outcome,
                "contrato e títulos": seen.details,
            }
            for seen in self._audit.seen_of(person.people)
        ]

    def _readable(self, table: sa.Table, row: Row) -> dict[str, Any]:
        return {
            COLUMNS[column.name]: self._value(column, row)
            for column in table.columns
            if column.name not in HIDDEN and getattr(row, column.name) not in {None, ""}
        }

    def _value(self, column: sa.Column[Any], row: Row) -> Any:
        if column in self._sealed:
            return self._open(column, row)
        value = getattr(row, column.name)
        return self._time(value) if isinstance(column.type, sa.Float) else value

    def _open(self, column: sa.Column[Any], row: Row) -> Any:
        where = place(column, getattr(row, self._sealed[column].owner.name))
        content = getattr(row, column.name)
        try:
            if isinstance(content, bytes):
                return base64.b64encode(self._vault.open_bytes(content, where)).decode()
            text = self._vault.open(content, where)
        except Unreadable:
            return UNREADABLE
        return json.loads(text) if text.startswith("{") else text

    def _time(self, seconds: float) -> str:
        return datetime.fromtimestamp(seconds, self._zone).isoformat(timespec="seconds")
