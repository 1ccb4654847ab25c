"""The persons among the demo customers. All invented, from the test-number CPFs to the phones."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sandbox.sgp.model import (
    Contact,
    ContractSpec,
    ContractStatus,
    Customer,
    Pix,
    TitleSpec,
    in_days,
    in_months,
)
from sandbox.sgp.places import CENTRE, COAST, FIBRE, email, premises

MARIA = Customer(
    key="maria",
    client_id=9001,
    name="MARIA EXEMPLO DA SILVA",
    document="111.444.777-35",
    born=date(1985, 4, 12),
    whatsapp="+5511988880001",
    story="Uma fatura em aberto, que vence em 12 dias.",
    phones=(Contact("(11) 98888-0001"),),
    emails=email("maria"),
    contracts=(
        ContractSpec(
            7001,
            FIBRE,
            CENTRE,
            premises("RUA DAS AMOSTRAS", 100),
            titles=(TitleSpec(Decimal("99.90"), in_days(12)),),
        ),
    ),
)

JOAO = Customer(
    key="joao",
    client_id=9002,
    name="JOAO FICTICIO DOS SANTOS",
    document="529.982.247-25",
    born=date(1979, 9, 30),
    whatsapp="+5511977770002",
    story="Vários contratos: um ativo, um suspenso em outro endereço, um cancelado sem dívida e um de TV.",
    phones=(Contact("(11) 97777-0002"), Contact("(11) 3000-0002", "Telefone Residencial")),
    emails=email("joao"),
    contracts=(
        ContractSpec(
            7004,
            FIBRE,
            CENTRE,
            premises("RUA DO PASSADO", 4),
            status=ContractStatus.CANCELLED,
            titles=(TitleSpec(Decimal("89.90"), in_months(-8), paid_after=0),),
        ),
        ContractSpec(7005, "TV EXEMPLO BÁSICO", CENTRE, address=None),
        ContractSpec(
            7002,
            FIBRE,
            CENTRE,
            premises("RUA DAS AMOSTRAS", 12),
            titles=(
                TitleSpec(Decimal("99.90"), in_days(-23), paid_after=-1),
                TitleSpec(Decimal("99.90"), in_days(7)),
            ),
        ),
        ContractSpec(
            7003,
            "FIBRA 300 MEGA",
            COAST,
            premises("AVENIDA DA PRAIA INVENTADA", 350, COAST),
            status=ContractStatus.SUSPENDED,
            titles=(TitleSpec(Decimal("79.90"), in_days(-25)),),
        ),
    ),
)

ANA = Customer(
    key="ana",
    client_id=9003,
    name="ANA AMOSTRA SOUZA",
    document="123.456.789-09",
    born=date(1990, 1, 25),
    whatsapp="+5521988880003",
    story="Suspensa: duas faturas vencidas (há um e dois meses) e uma a vencer.",
    phones=(Contact("(21) 98888-0003", kind=None),),
    emails=email("ana", kind=None),
    contracts=(
        ContractSpec(
            7010,
            FIBRE,
            CENTRE,
            premises("TRAVESSA DO TESTE", 27),
            status=ContractStatus.SUSPENDED,
            titles=(
                TitleSpec(Decimal("99.90"), in_months(-2)),
                TitleSpec(Decimal("99.90"), in_months(-1)),
                TitleSpec(Decimal("99.90"), in_days(17)),
            ),
        ),
    ),
)

CARLOS = Customer(
    key="carlos",
    client_id=9004,
    name="CARLOS TESTE LIMA",
    document="987.654.321-00",
    born=date(1972, 11, 3),
    whatsapp="+5531966660004",
    story="Velocidade reduzida: uma fatura vencida há 18 dias.",
    phones=(Contact("(31) 96666-0004"),),
    emails=email("carlos"),
    contracts=(
        ContractSpec(
            7011,
            "FIBRA 200 MEGA",
            CENTRE,
            premises("RUA DO MODELO", 8),
            status=ContractStatus.REDUCED_SPEED,
            titles=(TitleSpec(Decimal("79.90"), in_days(-18)),),
        ),
    ),
)

BRUNO = Customer(
    key="bruno",
    client_id=9006,
    name="BRUNO INVENTADO COSTA",
    document="111.222.333-96",
    born=date(1995, 7, 17),
    whatsapp="+5541988880006",
    story="Contrato cancelado que ainda deve uma fatura.",
    phones=(Contact("(41) 98888-0006", kind=None),),
    emails=(),
    contracts=(
        ContractSpec(
            7013,
            FIBRE,
            CENTRE,
            premises("RUA DA MUDANÇA", 61),
            status=ContractStatus.CANCELLED,
            titles=(TitleSpec(Decimal("64.50"), in_days(-75)),),
        ),
    ),
)

PAULA = Customer(
    key="paula",
    client_id=9007,
    name="PAULA PAGADORA ROCHA",
    document="390.533.447-05",
    born=date(1988, 2, 14),
    whatsapp="+5551977770007",
    story="Tudo pago: as três últimas faturas estão quitadas.",
    phones=(Contact("(51) 97777-0007"),),
    emails=email("paula"),
    contracts=(
        ContractSpec(
            7014,
            FIBRE,
            CENTRE,
            premises("RUA DA PONTUALIDADE", 3),
            titles=(
                TitleSpec(Decimal("89.90"), in_days(-74), paid_after=-1),
                TitleSpec(Decimal("89.90"), in_days(-44), paid_after=4),
                TitleSpec(Decimal("89.90"), in_days(-13), paid_after=0),
            ),
        ),
    ),
)

RITA = Customer(
    key="rita",
    client_id=9008,
    name="RITA SEM PIX BARROS",
    document="168.995.350-09",
    born=date(1967, 6, 6),
    whatsapp="+5561988880008",
    story="Uma fatura vencida com linha digitável e PDF, mas sem PIX.",
    phones=(Contact("(61) 98888-0008"),),
    emails=email("rita"),
    contracts=(
        ContractSpec(
            7015,
            FIBRE,
            CENTRE,
            premises("QUADRA IMAGINÁRIA", 9),
            titles=(TitleSpec(Decimal("109.90"), in_days(-9), pix=Pix.NONE),),
        ),
    ),
)

SEBASTIAO = Customer(
    key="sebastiao",
    client_id=9009,
    name="SEBASTIAO SEM TELEFONE ALVES",
    document="246.813.579-28",
    born=date(1951, 1, 20),
    whatsapp="+5585988880009",
    story="Não tem telefone no cadastro, então a identidade não pode ser confirmada.",
    phones=(),
    emails=(),
    contracts=(
        ContractSpec(
            7016,
            FIBRE,
            CENTRE,
            premises("RUA DO SILÊNCIO", 77),
            titles=(TitleSpec(Decimal("99.90"), in_days(9)),),
        ),
    ),
)

TIAGO = Customer(
    key="tiago",
    client_id=9010,
    name="TIAGO PROMESSA NUNES",
    document="135.792.468-28",
    born=date(1993, 3, 8),
    whatsapp="+5562988880010",
    story="Suspenso e já usou o desbloqueio em confiança deste mês; uma fatura vencida.",
    phones=(Contact("(62) 98888-0010"), Contact("(62) 3200-0010", kind=None)),
    emails=email("tiago"),
    contracts=(
        ContractSpec(
            7017,
            FIBRE,
            CENTRE,
            premises("RUA DA ESPERA", 18),
            status=ContractStatus.SUSPENDED,
            promises_used=1,
            titles=(TitleSpec(Decimal("99.90"), in_days(-28)),),
        ),
    ),
)

LUCIA = Customer(
    key="lucia",
    client_id=9011,
    name="LUCIA VALOR FIXO MENDES",
    document="314.159.265-90",
    born=date(1982, 12, 1),
    whatsapp="+5571988880011",
    story="Uma fatura vencida cujo PIX traz o valor: na listagem, o original; na 2ª via, o atualizado.",
    phones=(Contact("(71) 98888-0011"),),
    emails=email("lucia"),
    contracts=(
        ContractSpec(
            7018,
            FIBRE,
            CENTRE,
            premises("LADEIRA DO EXEMPLO", 40),
            titles=(TitleSpec(Decimal("119.90"), in_days(-20), pix=Pix.WITH_AMOUNT),),
        ),
    ),
)

HELENA = Customer(
    key="helena",
    client_id=9012,
    name="HELENA RECENTE DIAS",
    document="271.828.182-05",
    born=date(2001, 5, 19),
    whatsapp="+5548988880012",
    story="Fatura recém-emitida, ainda sem linha digitável e sem PIX: só há o link.",
    phones=(Contact("(48) 98888-0012"),),
    emails=email("helena"),
    contracts=(
        ContractSpec(
            7019,
            FIBRE,
            CENTRE,
            premises("RUA NOVA DE MENTIRA", 5),
            titles=(TitleSpec(Decimal("99.90"), in_days(20), pix=Pix.NONE, registered=False),),
        ),
    ),
)

OTAVIO = Customer(
    key="otavio",
    client_id=9013,
    name="OTAVIO ANTIGO FARIAS",
    document="161.803.398-05",
    born=date(1959, 8, 27),
    whatsapp="+5581988880013",
    story="Cadastro antigo: telefone sem o nono dígito e números gravados como texto; uma fatura a vencer.",
    phones=(Contact("(81) 8888-0013", kind=None),),
    emails=email("otavio", kind=None),
    contracts=(
        ContractSpec(
            7020,
            "FIBRA 100 MEGA",
            CENTRE,
            premises("RUA VELHA DE MENTIRA", 1900),
            titles=(TitleSpec(Decimal("69.90"), in_days(6)),),
        ),
    ),
    numbers_as_text=True,
)
