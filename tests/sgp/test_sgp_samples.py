"""Every sample answer, sent to the method that would meet it, gives exactly one typed result or error."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from billing.sgp import errors
from billing.sgp.models import (
    Connection,
    Contract,
    ContractStatus,
    Maintenance,
    SecondCopyItem,
    Ticket,
    TicketRow,
    Title,
    Titles,
    UnblockKind,
    UnblockResult,
)

HOST = "https://provedor-exemplo.sgp.example"
SAMPLES = Path(__file__).parent / "samples"

MARIA, JOAO, ANA = "11144477735", "52998224725", "12345678909"
EMPRESA, CARLOS, BRUNO = "11222333000181", "98765432100", "11122233396"


def pix(payload, crc):
    return (
        f"00020101021226970014br.gov.bcb.pix2575pix.psp-exemplo.example/qr/payload/v2/cobv/{payload}"
        f"5204000053039865802BR5921PROVEDOR EXEMPLO LTDA6014CIDADE EXEMPLO62070503***6304{crc}"
    )


def contract(contract_id, client_id, document, name, born, phones, emails, **other):
    values = {
        "status": ContractStatus.ACTIVE,
        "status_reason": "Nenhum",
        "plan": "FIBRA 500 MEGA",
        "has_internet": True,
        "street": "RUA DAS AMOSTRAS",
        "number": "100",
        "district": "BAIRRO FICTICIO",
        "city": "CIDADE EXEMPLO",
        "pop_id": "12",
        "promises_this_month": 0,
        **other,
    }
    return Contract(
        contract_id=contract_id,
        client_id=client_id,
        document=document,
        name=name,
        birth_date=born,
        phones=tuple(phones),
        emails=tuple(emails),
        settlement_link=f"{HOST}/api/declaracao/quitacao/EXEMPLO{contract_id}/{'0' * 32}/2025",
        **values,
    )


def maria(**other):
    person = ("MARIA EXEMPLO DA SILVA", date(1985, 4, 12), ["(11) 90000-0001"], ["maria@cliente.example"])
    return contract("7001", "9001", MARIA, *person, **other)


def joao(contract_id, **other):
    phones = ["(11) 90000-0002", "(11) 3000-0002"]
    person = ("JOAO FICTICIO DOS SANTOS", date(1979, 9, 30), phones, ["joao@cliente.example"])
    return contract(contract_id, "9002", JOAO, *person, **{"number": "12", **other})


def ana(**other):
    person = ("ANA AMOSTRA SOUZA", date(1991, 1, 5), ["(11) 90000-0003"], [])
    return contract(
        "7010", "9003", ANA, *person, status=ContractStatus.SUSPENDED, status_reason="Financeiro", **other
    )


def bruno(phones, **other):
    return contract("7013", "9006", BRUNO, "BRUNO INVENTADO COSTA", date(1995, 7, 17), phones, [], **other)


JOAO_CONTRACTS = (
    joao("7004", status=ContractStatus.CANCELLED, status_reason="Financeiro"),
    joao("7005", plan="", has_internet=False, street="", number="", district="", city=""),
    joao("7002"),
    joao("7003", status=ContractStatus.SUSPENDED, status_reason="Financeiro", number="870", pop_id="31"),
)
CARLOS_CONTRACT = contract(
    "7011", "9004", CARLOS, "CARLOS TESTE LIMA", date(1968, 12, 24), ["(11) 90000-0004"],
    ["carlos@cliente.example"],
    status=ContractStatus.REDUCED, status_reason="Financeiro",
)  # fmt: skip
EMPRESA_CONTRACT = contract(
    "7012", "9005", EMPRESA, "EMPRESA MODELO LTDA", None, ["(11) 3000-0005", "(11) 90000-0005"],
    ["financeiro@empresa-modelo.example"], plan="FIBRA EMPRESA 1 GIGA",
)  # fmt: skip


def title(title_id, contract_id, slug, amount, issue, due, line, code=None, **other):
    values = {
        "status": "open",
        "corrected_amount": Decimal(amount),
        "paid_amount": None,
        "payment_date": None,
        "days_late": None,
        **other,
    }
    return Title(
        title_id=title_id,
        contract_id=contract_id,
        # In the samples it is the title's id with a 5 for the 8.
        document_number=f"5{title_id[1:]}",
        amount=Decimal(amount),
        issue_date=date.fromisoformat(issue),
        due_date=date.fromisoformat(due),
        digitable_line=line and f"75691.99990 01000.000107 {line}",
        pix_code=code and pix(*code),
        link=f"{HOST}/boleto/{slug}/",
        charge_link=f"{HOST}/public/cobranca/{slug}/",
        **values,
    )


def maria_title(line="00815.500012 5 16560000009990", code=("60703d6e28398d799eb1e3cc44d65a0a", "D31A")):
    return title("81001", "7001", "81550-EXDD263E72", "99.90", "2026-11-20", "2026-12-10", line, code)


def paid(title_id, slug, issue, due, line, amount, on):
    return title(
        title_id, "7014", slug, "89.90", issue, due, line,
        status="paid", paid_amount=Decimal(amount), payment_date=date.fromisoformat(on),
    )  # fmt: skip


EMPRESA_TITLES = tuple(
    title(title_id, "7012", slug, "399.00", issue, due, line, code, **other)
    for title_id, slug, issue, due, line, code, other in [
        ("84001", "84550-EXF0629A71", "2026-09-15", "2026-10-05", "00845.500016 9 15900000039900",
         ("84a10d4e1dd1466247dd5966d965a843", "09F0"), {"corrected_amount": Decimal("413.50")}),
        ("84002", "84551-EXB8980EBB", "2026-10-16", "2026-11-05", "00845.510015 1 16210000039900",
         ("7a9830c292adf274126308b5cfc36a8c", "489A"), {"corrected_amount": Decimal("409.37")}),
        ("84003", "84552-EX3C5DFF64", "2026-11-15", "2026-12-05", "00845.520014 1 16510000039900",
         ("718377bce0febdcb0a7fc4958bfe2886", "0BDE"), {}),
        ("84004", "84553-EXCD0EE40F", "2026-12-16", "2027-01-05", "00845.530013 5 16820000039900",
         ("50a3e79c446442e8805a6421a4e4d8a1", "22ED"), {}),
        ("84005", "84554-EX2ACC180F", "2027-01-16", "2027-02-05", "00845.540012 8 17130000039900",
         ("d06e7fdddc16355158161925bc376812", "D1E7"), {}),
    ]
)  # fmt: skip
ANA_TITLES = (
    title("82001", "7010", "82550-EX05B59AD4", "99.90", "2026-09-20", "2026-10-10",
          "00825.500010 7 15950000009990",
          ("4f10cc122faca64d1d0639d1eb8bd087", "9697"), corrected_amount=Decimal("103.37"), days_late=44),
    title("82002", "7010", "82551-EXA3F01686", "99.90", "2026-10-21", "2026-11-10",
          "00825.510019 1 16260000009990",
          ("f42e736b930353f9d0989aab614f12a2", "6D9A"), corrected_amount=Decimal("102.33"), days_late=13),
    title("82003", "7010", "82552-EXCDD51125", "99.90", "2026-11-20", "2026-12-10",
          "00825.520018 9 16560000009990",
          ("490155eb9cfb45db36d6558b508fce15", "14C6"), days_late=0),
)  # fmt: skip
PAULA_TITLES = (
    paid("85001", "85550-EXD3253CBB", "2026-08-21", "2026-09-10",
         "00855.500013 7 15650000008990", "89.90", "2026-09-09"),
    paid("85002", "85551-EX258F2FCC", "2026-09-20", "2026-10-10",
         "00855.510012 6 15950000008990", "91.82", "2026-10-14"),
    paid("85003", "85552-EX411222C9", "2026-10-21", "2026-11-10",
         "00855.520011 9 16260000008990", "89.90", "2026-11-10"),
)  # fmt: skip


def copy(title_id, slug, amounts, due, original_due, line, code, *, pix_page=True):
    amount, original, interest, fine = map(Decimal, amounts)
    return SecondCopyItem(
        title_id=title_id,
        invoice_number=slug[:5],
        amount=amount,
        original_amount=original,
        interest=interest,
        fine=fine,
        due_date=date.fromisoformat(due),
        original_due_date=date.fromisoformat(original_due),
        digitable_line=f"75691.99990 01000.000107 {line}",
        pix_code=code and pix(*code),
        link=f"{HOST}/boleto/{slug}/",
        charge_link=f"{HOST}/public/cobranca/{slug}/",
        pix_page=f"{HOST}/pix/{slug}/html/" if pix_page else None,
    )


def maria_copy(title_id="81001", code=("e5df06e43f68e51398cc4e09d1a90399", "C850"), **other):
    face = ("99.90", "99.90", "0.00", "0.00")
    due = "2026-12-10"
    return copy(title_id, "81550-EXDD263E72", face, due, due, "00815.500012 5 16560000009990", code, **other)


ANA_COPIES = (
    copy("82001", "82550-EX05B59AD4", ("103.37", "99.90", "1.47", "2.00"), "2026-11-23", "2026-10-10",
         "00825.500010 8 16390000010337", ("d6131528b16a82168e19698bd97e9a40", "897D")),
    copy("82002", "82551-EXA3F01686", ("102.33", "99.90", "0.43", "2.00"), "2026-11-23", "2026-11-10",
         "00825.510019 9 16390000010233", ("cd73f234e6014a3cd9a746b3bbd5dac1", "284D")),
    copy("82003", "82552-EXCDD51125", ("99.90", "99.90", "0.00", "0.00"), "2026-12-10", "2026-12-10",
         "00825.520018 9 16560000009990", ("1e6e1897d98a13fdb840227b9b33d683", "4870")),
)  # fmt: skip
CARLOS_COPY = copy("83001", "83550-EX3CD91C04", ("81.98", "79.90", "0.48", "1.60"), "2026-11-23",
                   "2026-11-05", "00835.500018 8 16390000008198",
                   ("7f2d65f858bc2e35326913a38f56bd74", "CCAD"))  # fmt: skip


def maintenance(maintenance_id, start, end, **other):
    values = {"status": 2, "severity": 4, "pops": ("12",), **other}
    values.setdefault("message", "Estamos com uma interrupção na sua região. Previsão de retorno: 18h.")
    return Maintenance(
        maintenance_id,
        active=True,
        start=datetime.fromisoformat(start),
        end=datetime.fromisoformat(end),
        **values,
    )


OPENED_AT = datetime(2026, 11, 23, 10, 30, 10)  # noqa: DTZ001 - SGP's times are naive local ones
TICKET_ROWS = (
    TicketRow("261123103010", open=True, kind="Acesso Lento", opened_at=OPENED_AT),
    TicketRow("261123103011", open=False, kind="Outros", opened_at=OPENED_AT),
)


def whole(*titles):
    return Titles(titles, total=len(titles), complete=True)


def find(document):
    return lambda client, deadline: client.find_contracts(document, deadline)


def on(method, contract_id="7001", *others):
    return lambda client, deadline: getattr(client, method)(contract_id, *others, deadline)


def maintenances(client, deadline):
    return client.maintenances(deadline)


GRANTED = UnblockKind.GRANTED
CASES = {
    "consultacliente__happy": (find(MARIA), (maria(),)),
    "consultacliente__phones_as_strings": (find(MARIA), (maria(),)),
    "consultacliente__multiple_contracts": (find(JOAO), JOAO_CONTRACTS),
    "consultacliente__suspended": (on("contract", "7010"), ana()),
    "consultacliente__suspended_promise_already_used": (on("contract", "7010"), ana(promises_this_month=1)),
    "consultacliente__reduced_speed": (find(CARLOS), (CARLOS_CONTRACT,)),
    "consultacliente__company_cnpj": (find(EMPRESA), (EMPRESA_CONTRACT,)),
    "consultacliente__no_phones": (find(BRUNO), (bruno([]),)),
    "consultacliente__cancelled_only": (
        find(BRUNO),
        (bruno(["(11) 90000-0006"], status=ContractStatus.CANCELLED, status_reason=""),),
    ),
    "consultacliente__missing_param": (find(MARIA), errors.SgpRequestRejected),
    "consultacliente__not_found": (find(MARIA), ()),
    "clientes__happy": (find(MARIA), errors.SgpUnexpectedShape),
    "clientes__not_found": (find(MARIA), errors.SgpUnexpectedShape),
    "clientes__no_contracts": (find(BRUNO), errors.SgpUnexpectedShape),
    "clientes__by_phone_ambiguous": (find(MARIA), errors.SgpUnexpectedShape),
    "clientes__overdue_with_interest": (find(ANA), errors.SgpUnexpectedShape),
    "central_contratos__happy": (find(JOAO), errors.SgpUnexpectedShape),
    "central_contratos__bad_login": (find(JOAO), errors.SgpUnexpectedShape),
    "error__bad_credentials_401": (find(MARIA), errors.SgpCredentialOrThrottle),
    "error__bad_credentials_403": (find(MARIA), errors.SgpCredentialOrThrottle),
    "error__credentials_not_provided_403": (find(MARIA), errors.SgpCredentialOrThrottle),
    "error__rate_limit_403": (find(MARIA), errors.SgpCredentialOrThrottle),
    "error__login_html_200": (find(MARIA), errors.SgpMisconfigured),
    "error__not_found_route_404": (find(MARIA), errors.SgpRouteAbsent),
    "error__gateway_502_html": (find(MARIA), errors.SgpOutage),
    "error__server_500_html": (find(MARIA), errors.SgpOutage),
    "titulos__one_open_not_due": (on("titles"), whole(maria_title())),
    "titulos__numbers_as_strings": (on("titles"), whole(maria_title())),
    "titulos__no_pix_with_line": (on("titles"), whole(maria_title(code=None))),
    "titulos__no_pix_no_line": (on("titles"), whole(maria_title(line=None, code=None))),
    "titulos__several_open": (on("titles", "7012"), whole(*EMPRESA_TITLES)),
    "titulos__page_1_of_2": (on("titles", "7012"), Titles(EMPRESA_TITLES[:3], total=5, complete=False)),
    "titulos__page_2_of_2": (on("titles", "7012"), Titles(EMPRESA_TITLES[3:], total=5, complete=False)),
    "titulos__overdue_with_interest": (on("titles", "7010"), whole(*ANA_TITLES)),
    "titulos__paid_only": (on("titles", "7014"), whole(*PAULA_TITLES)),
    "titulos__empty": (on("titles"), whole()),
    "titulos__mixed_status_all_contracts": (on("titles", "7002"), errors.SgpUnexpectedShape),
    "titulos__date_range_error_400": (on("titles"), errors.SgpRequestRejected),
    **{
        f"central_titulos__{name}": (on("titles"), errors.SgpUnexpectedShape)
        for name in (
            "empty", "happy", "no_pix", "overdue_with_interest", "paid_only", "pix_to_generate",
            "relative_links", "several_open",
        )
    },
    "fatura2via__happy": (on("second_copy"), (maria_copy(),)),
    "fatura2via__ids_as_strings_no_title_id": (on("second_copy"), (maria_copy(title_id=None),)),
    "fatura2via__empty_codigopix_with_pix_page": (on("second_copy"), (maria_copy(code=None),)),
    "fatura2via__no_pix": (on("second_copy"), (maria_copy(code=None, pix_page=False),)),
    "fatura2via__several_open": (on("second_copy", "7010"), ANA_COPIES),
    "fatura2via__only_one_of_two_overdue": (on("second_copy", "7010"), ANA_COPIES[1:2]),
    "fatura2via__overdue_with_interest": (on("second_copy", "7011"), (CARLOS_COPY,)),
    "fatura2via__none_open": (on("second_copy", "7014"), ()),
    "fatura2via__multiple_contracts_refused": (on("second_copy"), errors.SgpRequestRejected),
    "enviafatura__sent": (on("email_slip", "7001", "81"), None),
    "pagamento_pix__happy": (on("pix", "7001", "81550"), pix("60703d6e28398d799eb1e3cc44d65a0a", "D31A")),
    "pagamento_pix__not_available": (on("pix", "7001", "81550"), None),
    "verificaacesso__online": (on("connection"), Connection.ONLINE),
    "verificaacesso__offline": (on("connection"), Connection.OFFLINE),
    "verificaacesso__blocked": (on("connection", "7010"), Connection.UNKNOWN),
    "verificaacesso__maintenance": (on("connection"), Connection.UNKNOWN),
    "liberacaopromessa__granted": (
        on("trust_unblock", "7010"), UnblockResult(GRANTED, 3, date(2026, 11, 26), "261123102233"),
    ),
    "liberacaopromessa__granted_reduced_speed": (
        on("trust_unblock", "7011"), UnblockResult(GRANTED, 2, date(2026, 11, 25), "261123102501"),
    ),
    "liberacaopromessa__granted_legacy_fields": (
        on("trust_unblock", "7010"), UnblockResult(GRANTED, 3, None, "261123102233"),
    ),
    "liberacaopromessa__refused_already_used": (
        on("trust_unblock", "7010"), UnblockResult(UnblockKind.QUOTA_USED),
    ),
    "liberacaopromessa__refused_not_eligible": (
        on("trust_unblock", "7010"), UnblockResult(UnblockKind.NOT_APPLICABLE),
    ),
    "central_promessapagamento__granted": (
        on("trust_unblock", "7010"), UnblockResult(GRANTED, None, date(2026, 11, 26), "261123102233"),
    ),
    "central_promessapagamento__refused_already_used": (
        on("trust_unblock", "7010"), UnblockResult(UnblockKind.QUOTA_USED),
    ),
    "central_promessapagamento__refused_not_eligible": (
        on("trust_unblock", "7010"), UnblockResult(UnblockKind.NOT_APPLICABLE),
    ),
    "central_promessapagamento__bad_password_403": (
        on("trust_unblock", "7010"), errors.SgpCredentialOrThrottle,
    ),
    "chamado__opened": (on("open_ticket", "7001", "Pede uma pessoa."), Ticket("261123103010")),
    "chamado__failed": (on("open_ticket", "7001", "Pede uma pessoa."), errors.SgpRequestRejected),
    "central_chamado__opened": (on("open_ticket", "7001", "Pede uma pessoa."), Ticket("261123103010")),
    "ocorrencia_list__open_and_closed": (on("tickets"), TICKET_ROWS),
    "ocorrencia_list__empty": (on("tickets"), ()),
    "central_chamado_list__happy": (on("tickets"), errors.SgpUnexpectedShape),
    "central_chamado_list__empty": (on("tickets"), errors.SgpUnexpectedShape),
    "manutencao_list__none": (maintenances, ()),
    "manutencao_list__active_window": (
        maintenances, (maintenance("301", "2026-11-23T08:00", "2026-11-23T18:00"),),
    ),
    "manutencao_list__other_pop_only": (
        maintenances, (maintenance("302", "2026-11-23T08:00", "2026-11-23T18:00", pops=("31",)),),
    ),
    "manutencao_list__stale_and_future": (
        maintenances,
        (
            maintenance("303", "2026-11-20T08:00", "2026-11-20T12:00", status=4),
            maintenance(
                "304", "2026-11-26T01:00", "2026-11-26T05:00", status=0, severity=2,
                message="Interrupção na sua região com previsão de retorno às 18 horas.",
            ),
        ),
    ),
    "consultaplano__happy": (maintenances, errors.SgpUnexpectedShape),
}  # fmt: skip


def missing_rows(names, cases):
    return sorted(set(names) ^ set(cases))


def test_every_sample_has_a_row():
    assert missing_rows((path.stem for path in SAMPLES.glob("*.json")), CASES) == []


def test_a_sample_without_a_row_is_noticed():
    assert missing_rows(["known", "new"], {"known": None}) == ["new"]


@pytest.mark.parametrize("name", CASES)
def test_sample(name, fake, client, deadline):
    call, expected = CASES[name]
    fake.will(name)
    if isinstance(expected, type) and issubclass(expected, Exception):
        with pytest.raises(errors.SgpError) as caught:
            call(client, deadline)
        assert type(caught.value) is expected
    else:
        assert call(client, deadline) == expected
