"""`consultacliente` and `verificaacesso`: documented keys, and the oddities that break careless clients."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[3] / "shared" / "sgp-api" / "samples"
COMMON_KEYS = {
    "clienteId",
    "contratoId",
    "razaoSocial",
    "cpfCnpj",
    "dataNascimento",
    "dataCadastro",
    "dataAlteracao",
    "contratoStatus",
    "contratoStatusDisplay",
    "contratoStatusModo",
    "motivo_status",
    "fidelidade",
    "contratoValorAberto",
    "contratoTitulosAReceber",
    "promessasPagamentoMes",
    "cobVencimento",
    "cobIsento",
    "cobPermuta",
    "link_quitacao",
    "planointernet",
    "planotv",
    "planotelefonia",
    "popId",
    "popNome",
    "contratoCentralLogin",
    "contratoCentralSenha",
    "tags",
    "anotacoes",
    "observacao_servico",
    "telefones",
    "telefones_cargos",
    "emails",
}
SERVICE_KEYS = {
    "servico_plano",
    "servico_login",
    "servico_senha",
    "servico_mac",
    "servico_mac2",
    "servico_vlan",
    "servico_grupo",
    "servico_tipo_conexao",
    "servico_wifi_ssid",
    "servico_wifi_ssid_5",
    "servico_wifi_password",
    "servico_wifi_password_5",
    "servico_wifi_channel",
    "servico_wifi_channel_5",
}
ADDRESS_KEYS = {
    f"endereco_{part}"
    for part in [
        "logradouro",
        "numero",
        "complemento",
        "bairro",
        "cidade",
        "uf",
        "cep",
        "pontoreferencia",
        "ll",
    ]
}
SECRET_KEYS = (
    "servico_senha",
    "servico_wifi_password",
    "servico_wifi_password_5",
    "contratoCentralSenha",
)


async def test_an_internet_contract_has_the_documented_keys(sgp):
    answer = await sgp.ura("consultacliente", cpfcnpj="11144477735")
    assert set(answer) == {"msg", "contratos"}
    assert set(answer["contratos"][0]) == COMMON_KEYS | SERVICE_KEYS | ADDRESS_KEYS


async def test_a_tv_add_on_lacks_address_and_service(sgp):
    (contract,) = (await sgp.ura("consultacliente", contrato="7005"))["contratos"]
    assert set(contract) == COMMON_KEYS
    assert contract["planotv"]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="reference samples are not beside this checkout")
@pytest.mark.parametrize("name", ["happy", "multiple_contracts"])
async def test_keys_agree_with_the_reference_samples(sgp, name):
    sample = json.loads((SAMPLES / f"consultacliente__{name}.json").read_text("utf-8"))
    contract_keys = {
        "happy": [COMMON_KEYS | SERVICE_KEYS | ADDRESS_KEYS],
        "multiple_contracts": [
            set(item) for item in (await sgp.ura("consultacliente", cpfcnpj="52998224725"))["contratos"]
        ],
    }[name]
    assert [set(item) for item in sample["contratos"]] == contract_keys


async def test_passwords_are_planted_and_recognisable(sgp):
    (contract,) = (await sgp.ura("consultacliente", contrato="7001"))["contratos"]
    assert all(contract[key].startswith("segredo-") for key in SECRET_KEYS)


async def test_several_contracts_start_with_the_cancelled_one(sgp):
    contracts = (await sgp.ura("consultacliente", cpfcnpj="529.982.247-25"))["contratos"]
    assert [item["contratoStatus"] for item in contracts] == [3, 1, 1, 4]
    assert {item["clienteId"] for item in contracts} == {9002}


async def test_status_texts_carry_stray_spaces(sgp):
    everyone = (await sgp.ura("consultacliente", cpfcnpj="52998224725"))["contratos"]
    texts = {item["contratoStatusDisplay"] for item in everyone}
    assert texts == {" Cancelado", " Ativo ", " Suspenso "}


@pytest.mark.parametrize(
    ("document", "shapes"),
    [
        ("11144477735", [dict]),
        ("12345678909", [str]),
        ("11222333000181", [dict, str]),
        ("24681357928", []),
    ],
)
async def test_phones_come_in_every_shape(sgp, document, shapes):
    (contract,) = (await sgp.ura("consultacliente", cpfcnpj=document))["contratos"]
    assert [type(phone) for phone in contract["telefones"]] == shapes


async def test_one_old_record_writes_ids_and_money_as_text(sgp):
    (contract,) = (await sgp.ura("consultacliente", cpfcnpj="16180339805"))["contratos"]
    assert (contract["contratoId"], contract["clienteId"]) == ("7020", "9013")
    (title,) = (await sgp.ura("titulos", contrato="7020"))["titulos"]
    assert (title["id"], title["valor"], title["valorDesconto"]) == ("80201", "69.90", "0.00")


@pytest.mark.parametrize(
    ("params", "contracts"),
    [
        ({"cpfcnpj": "12ABC34501DE35"}, [7021]),
        ({"cpfcnpj": "12.abc.345/01de-35"}, [7021]),
        ({"telefone": "11988880001"}, [7001]),
        ({"telefone": "1188880001"}, []),
        ({"telefone": "8188880013"}, [7020]),
        ({"contrato": "7003"}, [7003]),
        ({"cpfcnpj": "52998224725", "status": "1,4"}, [7005, 7002, 7003]),
        ({"cpfcnpj": "52998224725", "contrato": "7001"}, []),
        ({"cpfcnpj": "00000000191"}, []),
    ],
)
async def test_contracts_are_found_by(sgp, params, contracts):
    answer = await sgp.ura("consultacliente", **params)
    assert [int(item["contratoId"]) for item in answer["contratos"]] == contracts


@pytest.mark.parametrize("params", [{}, {"cpf": "11144477735"}, {"cpf_cnpj": "11144477735"}])
async def test_a_missing_document_parameter_is_a_message_without_list(sgp, params):
    answer = await sgp.ura("consultacliente", **params)
    assert answer == {"msg": "CPF/CNPJ ou Contrato ID Não informados"}


@pytest.mark.parametrize(("contract", "status"), [("7001", 1), ("7011", 1), ("7010", 2), ("7013", 2)])
async def test_access_is_online_or_offline(sgp, contract, status):
    answer = await sgp.ura("verificaacesso", contrato=contract)
    assert answer["status"] == status
    assert set(answer) == {"status", "msg", "contratoId", "cpfCnpj", "razaoSocial", "login", "servico_id"}
