"""Faults on demand, the log of calls, and many calls at once."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

CREDENTIALS = {"token": "sandbox-token", "app": "sandbox-bot"}
DROPPED = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


def call(sgp, endpoint="titulos", **params):
    # A connection that was just aborted must not be used again by the next call.
    return sgp.request(
        "POST", f"/api/ura/{endpoint}/", data=CREDENTIALS | params, headers={"Connection": "close"}
    )


@pytest.mark.parametrize(
    ("kind", "status", "content_type", "text"),
    [
        ("500", 500, "text/html", "Server Error"),
        ("403", 403, "text/html", "403 Forbidden"),
        ("html", 200, "text/html", "SGP · Login"),
        ("empty_json", 200, "application/json", "{}"),
    ],
)
async def test_wrong_answers(sgp, kind, status, content_type, text):
    await sgp.control("POST", "faults", {"endpoint": "titulos", "kind": kind})
    async with call(sgp) as answer:
        assert (answer.status, answer.content_type) == (status, content_type)
        assert text in await answer.text()
    assert "contratos" in await sgp.ura("consultacliente", contrato="7001")


async def test_garbage_is_no_json(sgp):
    await sgp.control("POST", "faults", {"endpoint": "titulos", "kind": "garbage"})
    async with call(sgp) as answer:
        assert answer.content_type == "application/json"
        with pytest.raises(ValueError, match="decode"):
            await answer.json()


async def test_a_list_may_lack_a_row_that_its_total_counts(sgp):
    whole = await sgp.ura("titulos", contrato="7010")
    await sgp.control("POST", "faults", {"endpoint": "titulos", "kind": "missing_row"})
    spoiled = await sgp.ura("titulos", contrato="7010")
    assert spoiled["titulos"] == whole["titulos"][:-1]
    assert spoiled["paginacao"] == whole["paginacao"]


@pytest.mark.parametrize(
    ("endpoint", "rows", "key"), [("titulos", "titulos", "codigoPix"), ("fatura2via", "links", "codigopix")]
)
async def test_codes_may_come_broken(sgp, endpoint, rows, key):
    whole = await sgp.ura(endpoint, contrato="7010", nao_gerar_os="1")
    await sgp.control("POST", "faults", {"endpoint": endpoint, "kind": "broken_pix"})
    spoiled = await sgp.ura(endpoint, contrato="7010", nao_gerar_os="1")
    for right, wrong in zip(whole[rows], spoiled[rows], strict=True):
        assert wrong[key][:-1] == right[key][:-1]
        assert wrong[key] != right[key]
        assert {**wrong, key: right[key]} == right


@pytest.mark.parametrize(("kind", "tickets"), [("dropped", 0), ("dropped_after", 1)])
async def test_a_dropped_connection_may_have_done_the_work(sgp, kind, tickets):
    await sgp.control("POST", "faults", {"endpoint": "chamado", "kind": kind, "times": 1})
    with pytest.raises(DROPPED):
        await call(sgp, "chamado", contrato="7001").__aenter__()
    assert len((await sgp.ura("ocorrencia/list"))["ocorrencias"]) == tickets
    (first, _) = (await sgp.control("GET", "log"))["calls"]
    assert (first["outcome"], first["status"]) == (kind, None)


@pytest.mark.parametrize(("kind", "tickets"), [("timeout", 0), ("timeout_after", 1)])
async def test_a_hanging_call_may_have_done_the_work(sgp, kind, tickets):
    await sgp.control("POST", "faults", {"endpoint": "chamado", "kind": kind})
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(call(sgp, "chamado", contrato="7001").__aenter__(), 0.3)
    assert len((await sgp.ura("ocorrencia/list"))["ocorrencias"]) == tickets


async def test_a_timeout_ends_by_dropping_the_connection(sgp):
    await sgp.control("POST", "faults", {"endpoint": "titulos", "kind": "timeout", "seconds": 0.05})
    with pytest.raises(DROPPED):
        await call(sgp).__aenter__()


async def test_times_and_delete_end_a_fault(sgp):
    await sgp.control("POST", "faults", {"endpoint": "*", "kind": "500", "times": 2})
    statuses = []
    for _ in range(3):
        async with call(sgp) as answer:
            statuses.append(answer.status)
    assert statuses == [500, 500, 200]
    assert await sgp.control("GET", "faults") == []
    await sgp.control("POST", "faults", {"endpoint": "*", "kind": "500"})
    (listed,) = await sgp.control("GET", "faults")
    assert listed == {"endpoint": "*", "kind": "500", "probability": 1.0, "seconds": None, "times": None}
    assert await sgp.control("DELETE", "faults") == []
    assert await sgp.ura("titulos")


async def test_a_probability_draws_the_same_calls_every_time(sgp):
    async def round_of_calls():
        await sgp.control("POST", "reset")
        await sgp.control("POST", "faults", {"endpoint": "*", "kind": "500", "probability": 0.5})
        statuses = []
        for _ in range(20):
            async with call(sgp, limit="1") as answer:
                statuses.append(answer.status)
        return statuses

    first = await round_of_calls()
    assert set(first) == {200, 500}
    assert await round_of_calls() == first


async def test_a_caller_who_leaves_is_logged(sgp):
    await sgp.control("POST", "faults", {"endpoint": "titulos", "kind": "latency", "seconds": 60})
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(call(sgp).__aenter__(), 0.2)

    async def outcome():
        return (await sgp.control("GET", "log"))["calls"][0]["outcome"]

    seen = [await outcome() for _ in range(100)]
    assert seen[-1] == "client_left"


async def test_public_pages_fail_too(sgp):
    (row,) = (await sgp.ura("titulos", contrato="7001"))["titulos"]
    await sgp.control("POST", "faults", {"endpoint": "boleto", "kind": "html"})
    async with sgp.request("GET", row["link"]) as answer:
        assert answer.content_type == "text/html"


async def test_the_log_tells_calls_without_secrets(sgp):
    await sgp.ura("consultacliente", cpfcnpj="111.444.777-35", status="1,4")
    await sgp.ura("titulos", contrato="7001", status="abertos", telefone="11988880001")
    report = await sgp.control("GET", "log")
    assert [(item["endpoint"], item["params"], item["status"]) for item in report["calls"]] == [
        ("consultacliente", {"cpfcnpj": "*********35", "status": "1,4"}, 200),
        ("titulos", {"contrato": "7001", "status": "abertos"}, 200),
    ]
    assert report["calls"][0]["at"] == "2026-11-23T10:30:10"
    assert {item["outcome"] for item in report["calls"]} == {"answered"}
    assert report["totals"] == {"consultacliente": 1, "titulos": 1}
    assert not [secret for secret in ("sandbox-token", "11144477735", "988880001") if secret in str(report)]


async def test_64_calls_at_once_cost_little_more_than_their_latency(sgp):
    await sgp.control("POST", "faults", {"endpoint": "*", "kind": "latency", "seconds": 0.3})
    rounds = []
    # The best of three: the machine that runs the tests may be busy with others.
    for _ in range(3):
        began = time.monotonic()
        answers = await asyncio.gather(
            *(sgp.ura("consultacliente", cpfcnpj="11144477735") for _ in range(64))
        )
        rounds.append(time.monotonic() - began)
        assert all(answer == answers[0] for answer in answers)
    assert 0.3 <= min(rounds) < 0.6
    assert (await sgp.control("GET", "log"))["peak_concurrency"] == {"consultacliente": 64}
