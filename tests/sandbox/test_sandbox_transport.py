"""Authentication, bodies, redirects and the HTML that stands in the way."""

from __future__ import annotations

import pytest

TOKEN, APP = "sandbox-token", "sandbox-bot"
WRONG = "Credenciais de autenticação incorretas."
MISSING = "As credenciais de autenticação não foram fornecidas."
POSTS = (
    "consultacliente",
    "titulos",
    "fatura2via",
    "pagamento/pix/80011",
    "verificaacesso",
    "liberacaopromessa",
    "chamado",
    "ocorrencia/list",
    "enviafatura",
)


@pytest.mark.parametrize("endpoint", POSTS)
@pytest.mark.parametrize(
    ("credentials", "detail"),
    [
        ({"token": "other", "app": APP}, WRONG),
        ({"token": TOKEN, "app": "Sandbox-Bot"}, WRONG),
        ({"token": TOKEN}, MISSING),
        ({"app": APP}, MISSING),
        ({}, MISSING),
    ],
)
async def test_every_endpoint_refuses_bad_credentials(sgp, endpoint, credentials, detail):
    async with sgp.request("POST", f"/api/ura/{endpoint}/", data=credentials) as answer:
        assert answer.status == 403
        assert await answer.json() == {"detail": detail}


@pytest.mark.parametrize(("app", "status"), [(APP, 200), ("Sandbox-bot", 403)])
async def test_get_takes_the_credentials_from_the_query(sgp, app, status):
    async with sgp.request("GET", "/api/ura/manutencao/list/", params={"token": TOKEN, "app": app}) as answer:
        assert answer.status == status


async def test_credentials_in_the_query_of_a_post_do_not_count(sgp):
    async with sgp.request("POST", "/api/ura/titulos/", params={"token": TOKEN, "app": APP}) as answer:
        assert (answer.status, await answer.json()) == (403, {"detail": MISSING})


async def test_json_and_form_bodies_are_read_alike(sgp):
    body = {"token": TOKEN, "app": APP, "contrato": 7001}
    async with sgp.request("POST", "/api/ura/titulos/", json=body) as answer:
        assert await answer.json() == await sgp.ura("titulos", contrato="7001")


async def test_a_broken_json_body_is_one_without_credentials(sgp):
    headers = {"Content-Type": "application/json"}
    async with sgp.request("POST", "/api/ura/titulos/", data=b"{", headers=headers) as answer:
        assert (answer.status, await answer.json()) == (403, {"detail": MISSING})


async def test_unknown_parameters_are_ignored(sgp):
    everyone = await sgp.ura("titulos")
    assert await sgp.ura("titulos", id_contrato="7001") == everyone
    assert everyone["paginacao"]["total"] > 20


@pytest.mark.parametrize("path", ["/api/ura/nada/", "/api/ura/nada", "/boleto/", "/wp-admin/x.php"])
async def test_an_unknown_route_is_an_html_404(sgp, path):
    async with sgp.request("POST", path) as answer:
        assert (answer.status, answer.content_type) == (404, "text/html")


async def test_a_missing_trailing_slash_is_redirected(sgp):
    async with sgp.request("POST", "/api/ura/titulos", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (301, "/api/ura/titulos/")


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/accounts/login/?next=/admin/", "/admin/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_login_page_answers_200_html(sgp, path, method):
    async with sgp.request(method, path) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
        assert "<title>SGP · Login</title>" in await answer.text()
