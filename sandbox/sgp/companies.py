"""The companies among the demo customers. All invented, as the persons are."""

from __future__ import annotations

from decimal import Decimal

from sandbox.sgp.model import Contact, ContractSpec, Customer, TitleSpec, in_days, next_year
from sandbox.sgp.places import CENTRE, FIBRE, FIBRE_BUSINESS, email, premises

EMPRESA = Customer(
    key="empresa",
    client_id=9005,
    name="EMPRESA MODELO LTDA",
    document="11.222.333/0001-81",
    born=None,
    whatsapp="+5511999990005",
    story="Empresa com cinco faturas em aberto: duas vencidas, uma a vencer e duas do carnê do ano que vem.",
    phones=(Contact("(11) 99999-0005", "WhatsApp Número"), Contact("(11) 3000-0005", kind=None)),
    emails=email("financeiro.modelo"),
    contracts=(
        ContractSpec(
            7012,
            FIBRE_BUSINESS,
            CENTRE,
            premises("AVENIDA COMERCIAL FICTÍCIA", 1500),
            titles=(
                TitleSpec(Decimal("1399.00"), in_days(-49)),
                TitleSpec(Decimal("1399.00"), in_days(-18)),
                TitleSpec(Decimal("1399.00"), in_days(4)),
                TitleSpec(Decimal("1399.00"), next_year(3, 5)),
                TitleSpec(Decimal("1399.00"), next_year(4, 5)),
            ),
        ),
    ),
)

ALFA = Customer(
    key="alfa",
    client_id=9014,
    name="ALFA TECNOLOGIA FICTICIA LTDA",
    document="12.ABC.345/01DE-35",
    born=None,
    whatsapp="+5519988880014",
    story="Empresa com CNPJ alfanumérico; uma fatura em aberto.",
    phones=(Contact("(19) 98888-0014", "WhatsApp Número"),),
    emails=email("contas.alfa"),
    contracts=(
        ContractSpec(
            7021,
            FIBRE_BUSINESS,
            CENTRE,
            premises("ALAMEDA DOS DADOS", 256),
            titles=(TitleSpec(Decimal("249.90"), in_days(8)),),
        ),
    ),
)

PADARIA = Customer(
    key="padaria",
    client_id=9015,
    name="PADARIA PAO DE MENTIRA LTDA",
    document="44.555.666/0001-81",
    born=None,
    whatsapp="+554733330015",
    story="Padaria que só tem telefone fixo, e o WhatsApp Business usa esse fixo; uma fatura em aberto.",
    phones=(Contact("(47) 3333-0015", "Telefone Comercial"),),
    emails=email("padaria"),
    contracts=(
        ContractSpec(
            7022,
            FIBRE,
            CENTRE,
            premises("RUA DO TRIGO", 30),
            titles=(TitleSpec(Decimal("129.90"), in_days(10)),),
        ),
    ),
)
