"""Contracts as `consultacliente` writes them, planted secrets included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.sgp.model import Contact, ContractStatus
from sandbox.sgp.writing import Json, Writing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.sgp.ledger import Contract

# With the stray spaces of real answers.
_STATUS_TEXTS = {
    ContractStatus.ACTIVE: " Ativo ",
    ContractStatus.INACTIVE: " Inativo",
    ContractStatus.CANCELLED: " Cancelado",
    ContractStatus.SUSPENDED: " Suspenso ",
    ContractStatus.NOT_VIABLE: " Inviabilidade Técnica ",
    ContractStatus.NEW: " Novo ",
    ContractStatus.REDUCED_SPEED: " Ativo V. Reduzida ",
}
_BLOCKED = (ContractStatus.SUSPENDED, ContractStatus.REDUCED_SPEED)


def service_login(contract_id: int) -> str:
    """The PPPoE login of a contract."""
    return f"exemplo.{contract_id}"


def service_id(contract_id: int) -> int:
    """`servico_id` of a contract."""
    return contract_id + 500


def contract_item(contract: Contract, *, open_titles: int, base_url: str, year: int) -> Json:
    """Writes one item of `contratos`.

    Args:
        contract: The contract.
        open_titles: How many titles it owes, future instalments included.
        base_url: Scheme, host and port of this server.
        year: Current year; the settlement statement is of the one before.

    Returns:
        About 53 keys; a TV add-on lacks those of address and service.
    """
    spec, customer = contract.spec, contract.customer
    write = Writing(as_text=customer.numbers_as_text)
    internet = spec.address is not None
    return {
        "clienteId": write.number(customer.client_id),
        "contratoId": write.number(spec.contract_id),
        "razaoSocial": customer.name,
        "cpfCnpj": customer.document,
        "dataNascimento": customer.born.isoformat() if customer.born else None,
        "dataCadastro": "14/03/2023 09:12:45",
        "dataAlteracao": "02/11/2026 17:40:03",
        "contratoStatus": int(contract.status),
        "contratoStatusDisplay": _STATUS_TEXTS[contract.status],
        "contratoStatusModo": 1,
        "motivo_status": "Financeiro" if contract.status in _BLOCKED else "Nenhum",
        "fidelidade": 0,
        # Zero whatever is owed: the real field cannot be relied on.
        "contratoValorAberto": 0,
        "contratoTitulosAReceber": open_titles,
        "promessasPagamentoMes": contract.promises_used,
        "cobVencimento": 10,
        "cobIsento": 0,
        "cobPermuta": False,
        "link_quitacao": f"{base_url}/api/declaracao/quitacao/EXEMPLO{spec.contract_id}/{year - 1}",
        "planointernet": spec.plan if internet else None,
        "planotv": None if internet else spec.plan,
        "planotelefonia": None,
        "popId": spec.pop.pop_id,
        "popNome": spec.pop.name,
        "contratoCentralLogin": "".join(filter(str.isalnum, customer.document)),
        "contratoCentralSenha": f"segredo-central-{spec.contract_id}",
        "tags": [],
        "anotacoes": [],
        "observacao_servico": "",
        "telefones": _contacts(customer.phones),
        "telefones_cargos": [
            {"cargo": None, "contato": phone.text, "nome": None} for phone in customer.phones
        ],
        "emails": _contacts(customer.emails),
        **(_service(contract) if internet else {}),
        **_address(contract),
    }


def _contacts(contacts: Iterable[Contact]) -> Json:
    return [
        contact.text
        if contact.kind is None
        else {"tipoContato": contact.kind, "contato": contact.text, "inscricoes": []}
        for contact in contacts
    ]


def _service(contract: Contract) -> dict[str, Json]:
    contract_id = contract.spec.contract_id
    return {
        "servico_plano": contract.spec.plan,
        "servico_login": service_login(contract_id),
        "servico_senha": f"segredo-pppoe-{contract_id}",
        "servico_mac": f"00:00:5E:00:53:{contract_id % 256:02X}",
        "servico_mac2": "",
        "servico_vlan": "None",
        "servico_grupo": "fibra",
        "servico_tipo_conexao": "PPPoE",
        "servico_wifi_ssid": "REDE_EXEMPLO",
        "servico_wifi_ssid_5": "",
        "servico_wifi_password": f"segredo-wifi-{contract_id}",
        "servico_wifi_password_5": f"segredo-wifi5-{contract_id}",
        "servico_wifi_channel": "auto",
        "servico_wifi_channel_5": "auto",
    }


def _address(contract: Contract) -> dict[str, Json]:
    address = contract.spec.address
    if address is None:
        return {}
    return {
        "endereco_logradouro": address.street,
        "endereco_numero": address.number,
        "endereco_complemento": None,
        "endereco_bairro": address.district,
        "endereco_cidade": address.city,
        "endereco_uf": address.state,
        "endereco_cep": address.postcode,
        "endereco_pontoreferencia": "",
        "endereco_ll": "",
    }
