"""The way to a person: a ticket for a known customer, and the desk, if there is one."""

from __future__ import annotations

import pytest

from actions import ActionHandoff
from actions.wording import REASONS, TOPICS
from billing.desk import Reason
from billing.sgp.errors import SgpError, SgpOutage, SgpTimeout, SgpWriteOutcomeUnknown
from tests.actions.conftest import NOW, said, slot
from tests.billing.fake_sgp import contract
from tests.billing.fake_webhook import FakeWebhook

LOST = SgpWriteOutcomeUnknown(SgpTimeout("chamado", "too slow"))
TICKET = "241122000001"
LEFT_THE_FORM = [
    {"event": "active_loop", "timestamp": None, "name": None},
    slot("requested_slot", None),
]
STARTED = {"event": "session_started", "timestamp": 1_795_440_600.0}
LISTEN = {"event": "followup", "timestamp": None, "name": "action_listen"}


def outcome(value):
    return slot("handoff_outcome", value)


async def handoff(bench, text="atendente", **slots):
    return await bench.run(ActionHandoff(), bench.tracker(text, "ask_human", before=[STARTED], **slots))


def conversation(bench):
    """Number of the conversation in which `handoff` asks."""
    return bench.here.protocol(bench.tracker(before=[STARTED]))


class TestWithoutDesk:
    @pytest.fixture
    def settings_changes(self):
        return {"support_contact": "0800 123"}

    async def test_a_known_customer_gets_one_ticket(self, known):
        assert await handoff(known) == (
            [outcome("ticket")],
            [said("utter_handoff_ticket", protocol=TICKET, when="")],
        )
        assert await handoff(known) == (
            [outcome("already_open")],
            [said("utter_handoff_already", protocol=TICKET, when="")],
        )
        assert known.sgp.names() == ["open_ticket", "tickets"]

    async def test_another_reason_is_another_ticket(self, known):
        await handoff(known)

        events, _ = await handoff(known, handoff_reason="dispute")

        assert (events, len(known.sgp.opened)) == ([outcome("ticket")], 2)

    async def test_the_ticket_is_about_the_contract_of_the_conversation(self, known):
        known.sgp.customers["52998224725"] = (contract("101"), contract("102"))
        known.identify()

        await handoff(known, contract="102")

        assert known.sgp.calls[0][:2] == ("open_ticket", "102")

    @pytest.mark.parametrize("chosen", [None, "999"])
    async def test_the_ticket_is_about_a_contract_of_their_own(self, known, chosen):
        await handoff(known, contract=chosen)

        assert known.sgp.calls[0][:2] == ("open_ticket", "101")

    async def test_the_ticket_says_why_and_about_what_without_the_document(self, known):
        text = "quero atendente, meu cpf é 529.982.247-25"

        await handoff(known, text, handoff_reason="payment_not_posted", topic="payment")

        (written,) = [call[2] for call in known.sgp.calls if call[0] == "open_ticket"]
        assert "Motivo: diz que pagou e não consta." in written
        assert "Assunto: confirmação de pagamento." in written
        assert f"Protocolo da conversa: {conversation(known)}." in written
        assert "Última mensagem: quero atendente, meu cpf é" in written
        assert "529" not in written

    async def test_anybody_else_gets_the_contact(self, bench):
        assert await handoff(bench) == (
            [outcome("contact")],
            [said("utter_handoff_contact", contact=": 0800 123")],
        )
        assert bench.sgp.calls == []

    async def test_who_has_no_contract_gets_the_contact(self, bench):
        bench.sgp.customers["52998224725"] = (contract(has_internet=False),)
        bench.identify()

        events, _ = await handoff(bench)

        assert events == [outcome("contact")]

    @pytest.mark.parametrize(
        ("failure", "value", "response"),
        [
            (SgpError("chamado", "refused"), "unavailable", "utter_handoff_unavailable"),
            (LOST, "unknown", "utter_handoff_unknown"),
        ],
    )
    async def test_a_failing_erp_gives_the_contact_too(self, known, failure, value, response):
        known.sgp.failing["open_ticket"] = failure

        assert await handoff(known) == ([outcome(value)], [said(response, contact=": 0800 123")])


async def test_without_a_configured_contact_the_sentence_ends_earlier(bench):
    _, messages = await handoff(bench)

    assert messages == [said("utter_handoff_contact", contact="")]


class TestClosed:
    @pytest.fixture
    def settings_changes(self):
        return {"business_hours": "mon-fri 14:00-18:00"}

    async def test_a_ticket_says_when_somebody_will_answer(self, known):
        when = ", a partir de hoje, às 14:00"

        for response in ("utter_handoff_ticket", "utter_handoff_already"):
            _, messages = await handoff(known)
            assert messages == [said(response, protocol=TICKET, when=when)]


class TestDesk:
    @pytest.fixture
    def webhook(self):
        return FakeWebhook()

    async def test_the_conversation_is_the_desks_and_the_form_is_left(self, known, webhook):
        assert await handoff(known) == (
            [*LEFT_THE_FORM, outcome("connected"), LISTEN],
            [said("utter_handoff_connected", protocol=f", protocolo {TICKET}")],
        )
        assert known.here.desk.held(known.sender_id)
        assert webhook.types() == ["handoff"]

    async def test_the_desk_knows_reason_contract_and_ticket(self, known, webhook):
        text = "atendente, cpf 529.982.247-25"

        await handoff(known, text, handoff_reason="dispute", topic="bill", contract="101")

        (message,) = webhook.posts
        assert (message["reason"], message["contract"]) == ("dispute", "101")
        assert "Motivo: discorda da cobrança. Assunto: segunda via." in message["summary"]
        assert f"Protocolo da conversa: {conversation(known)}." in message["summary"]
        assert f"Chamado no SGP: {TICKET}." in message["summary"]
        assert "529" not in message["summary"]

    async def test_a_stranger_is_connected_without_a_ticket(self, bench, webhook):
        _, messages = await handoff(bench)

        assert messages == [said("utter_handoff_connected", protocol=f", protocolo {conversation(bench)}")]
        assert webhook.posts[0]["contract"] is None
        assert (bench.sgp.calls, bench.here.desk.held(bench.sender_id)) == ([], True)

    @pytest.mark.parametrize("failure", [SgpOutage("chamado", "no answer"), LOST])
    async def test_while_the_erp_is_down_the_desk_is_reached_all_the_same(self, known, webhook, failure):
        known.sgp.failing["open_ticket"] = failure

        events, messages = await handoff(known)

        assert events == [*LEFT_THE_FORM, outcome("connected"), LISTEN]
        assert messages == [said("utter_handoff_connected", protocol=f", protocolo {conversation(known)}")]
        assert "Chamado no SGP" not in webhook.posts[0]["summary"]

    async def test_a_desk_that_does_not_answer_leaves_the_ticket(self, known, webhook):
        webhook.takes = False

        assert await handoff(known) == (
            [outcome("ticket")],
            [said("utter_handoff_ticket", protocol=TICKET, when="")],
        )
        assert not known.here.desk.held(known.sender_id)

    @pytest.mark.parametrize("reason", sorted(REASONS))
    async def test_every_reason_reaches_the_desk(self, bench, webhook, reason):
        await handoff(bench, handoff_reason=reason)

        assert webhook.posts[0]["reason"] == reason
        assert f"Motivo: {REASONS[reason]}" in webhook.posts[0]["summary"]


class TestDeskAfterHours:
    @pytest.fixture
    def settings_changes(self):
        return {"business_hours": "tue 08:00-18:00"}

    @pytest.fixture
    def webhook(self):
        return FakeWebhook()

    async def test_it_is_noted_with_the_time_of_the_answer_and_the_bot_goes_on(self, known, webhook):
        assert await handoff(known) == (
            [outcome("noted")],
            [
                said(
                    "utter_handoff_noted",
                    protocol=f", protocolo {TICKET}",
                    when=", a partir de amanhã, às 08:00",
                )
            ],
        )
        assert webhook.types() == ["handoff"]
        assert not known.here.desk.held(known.sender_id)

    async def test_a_ticket_that_was_open_is_named_once_more(self, known):
        known.sgp.opening_time = NOW
        await handoff(known)

        _, messages = await handoff(known)

        assert messages[0]["protocol"] == f", protocolo {TICKET}"
        assert len(known.sgp.opened) == 1


class TestProtocolNumber:
    @pytest.fixture
    def webhook(self):
        return FakeWebhook()

    @pytest.mark.parametrize(
        "text",
        [
            "qual é o protocolo?",
            "qual o protocolo desse atendimento?",
            "me passa o número de PROTOCOLO desta conversa",
        ],
    )
    async def test_who_asks_only_for_the_number_hears_it_and_calls_nobody(self, known, webhook, text):
        assert await handoff(known, text) == (
            [outcome("protocol_told")],
            [said("utter_protocol", protocol=conversation(known))],
        )
        assert (known.sgp.calls, webhook.posts) == ([], [])

    @pytest.mark.parametrize(
        "text",
        [
            "quero abrir um protocolo",
            "abre um protocolo pra mim",
            "preciso registrar um protocolo de reclamação",
            "me dá o protocolo e chama uma pessoa",
            "tenho um protocolo de ontem sem resposta",
        ],
    )
    async def test_who_wants_more_than_the_number_gets_a_person(self, known, webhook, text):
        events, _ = await handoff(known, text)

        assert outcome("connected") in events
        assert webhook.types() == ["handoff"]


async def test_a_number_lasts_as_long_as_its_session(bench):
    later = {"event": "session_started", "timestamp": STARTED["timestamp"] + 3600}
    one, again = (
        bench.tracker(before=[STARTED]),
        bench.tracker("oi", before=[STARTED, *bench.tracker().events]),
    )

    assert bench.here.protocol(one) == bench.here.protocol(again)
    assert bench.here.protocol(one) != bench.here.protocol(bench.tracker(before=[STARTED, later]))


async def test_there_is_a_number_before_anything_was_recorded(bench):
    tracker = bench.tracker()
    tracker.events.clear()

    assert bench.here.protocol(tracker)


def reasons_of(slots):
    """Values that the dialogue may give as reason: mappings of the slot."""
    return {mapping["value"] for mapping in slots["handoff_reason"]["mappings"]}


def test_the_reasons_of_dialogue_wording_and_desk_are_the_same(bench):
    assert set(REASONS) == {reason.value for reason in Reason}
    assert reasons_of(bench.domain["slots"]) <= set(REASONS)


def test_every_topic_has_words_for_the_person(bench):
    assert set(TOPICS) == set(bench.domain["slots"]["topic"]["values"])
