"""What must hold in every turn, and what a conversation may expect of one. Each check gives complaints."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from sandbox.sgp.customers import CUSTOMERS
from tests.conversation.codes import check_digits_are_right, crc_is_right
from tests.conversation.heard import Code, Heard, Title, button_payloads

MOST_MESSAGES = 3
SEVERAL = 2
MOST_CODES = 5
TIMES_ALIKE = 3
SHORT_WORD = 3
"""Letters of the longest word that names nobody: "DE", "SEM", "RUA"."""

ASKS = {
    "utter_ask_cpf": "document",
    "utter_ask_birth_date": "birth_date",
    "utter_ask_contract": "contract",
    "utter_ask_invoice": "invoice",
    "utter_ask_payment_format": "format",
    "utter_ask_payment_format_several": "format",
    "utter_ask_unblock_consent": "consent",
}
"""What each of the bot's questions wants to know."""

FORMAT_WORDS = {
    "pix": "copia e cola",
    "qr_code": r"\bqr\b",
    "pdf": r"\bpdf\b",
    "barcode": "linha digitável",
}
WRITES = {"unblock": "liberacaopromessa", "ticket": "chamado", "email": "enviafatura"}
"""Name in a conversation -> endpoint of the ERP."""

SAYS_NOTHING = frozenset(
    {
        "utter_greet",
        "utter_goodbye",
        "utter_also_bill",
        "utter_also_block",
        "utter_also_cancellation",
        "utter_also_dispute",
        "utter_also_document",
        "utter_also_due_date",
        "utter_also_human",
        "utter_also_negotiation",
        "utter_also_payment",
        "utter_also_plans",
        "utter_also_registration",
        "utter_also_technical",
        "utter_also_unblock",
        "utter_welcome",
        "utter_capabilities",
        "utter_bot_challenge",
        "utter_complaint",
        "utter_out_of_scope",
        "utter_started_over",
        "utter_stopped",
        "utter_ask_cpf",
        "utter_ask_birth_date",
        "utter_locked",
        "utter_no_address",
        "utter_payment_receipt",
        "utter_handoff_contact",
        "utter_handoff_connected",
        "utter_handoff_noted",
        "utter_offer_human",
        "utter_protocol",
        "utter_desk_released",
        "utter_desk_unreachable",
        "utter_one_moment",
        "utter_voice_message",
        "utter_unsupported_message",
        "utter_ask_privacy",
        "utter_negotiate_payment",
        "utter_change_due_date",
        "utter_dispute_invoice",
        "utter_wrong_registration",
        "utter_technical_problem",
        "utter_ask_plans",
        "utter_cancel_contract",
        "utter_other_document",
        "utter_unavailable",
        "utter_not_understood",
        "utter_not_understood_menu",
        "utter_not_understood_in_form",
        "utter_still_working",
    }
)
"""Responses that tell nothing of a customer, so that strangers may hear them; all others are refused."""

MACHINE_TALK = re.compile(
    r"Traceback|Exception|Error\b|[{}<>]|\bNone\b|\bnull\b|\bundefined\b|\b(?:utter|action)_"
)
DOCUMENT_SHAPE = re.compile(r"\d{3}\.\d{3}\.\d{3}-\d{2}|[\dA-Z]{2}\.[\dA-Z]{3}\.[\dA-Z]{3}/[\dA-Z]{4}-\d{2}")
FIGURES = re.compile(r"R\$|\d{1,2}/\d{1,2}|\bMEGA\b|\bFIBRA\b|https?://|br\.gov", re.IGNORECASE)

Complaints = Iterator[str]


# ---------------------------------------------------------------- always


def always(heard: Heard, before: Sequence[Heard] = (), *, silent: bool = False) -> list[str]:
    """What is wrong with a turn whatever it is about.

    Args:
        heard: The turn.
        before: The turns before it, oldest first.
        silent: Whether no answer is expected.
    """
    found = [complaint for check in ALWAYS for complaint in check(heard)]
    found += is_no_loop(heard, before)
    if silent:
        found += ["an answer where none was due"] if heard.messages else []
    elif not heard.text.strip():
        found.append("no answer")
    if not heard.identified:
        found += reveals_nothing(heard)
    return found


def is_short(heard: Heard) -> Complaints:
    """At most three messages; several codes take one each, with a list before and a question after."""
    codes = len(heard.codes)
    most = codes + 2 if codes >= SEVERAL else MOST_MESSAGES
    if len(heard.messages) > most:
        yield f"{len(heard.messages)} messages, {most} at most"
    if codes > MOST_CODES:
        yield f"{codes} codes, {MOST_CODES} at most"


def is_human(heard: Heard) -> Complaints:
    """Nothing of the machine, and no text that is not in the domain."""
    for paragraph, said in zip(heard.paragraphs, heard.said, strict=True):
        if machine := MACHINE_TALK.search(paragraph):
            yield f"machine talk: {machine[0]!r}"
        if said is None:
            yield f"no response of domain.yml: {paragraph!r}"
    for text in (
        *(message.get("text") or "" for message in heard.messages),
        *button_payloads(heard.messages),
    ):
        if text.lstrip().startswith("/"):
            yield f"a payload that begins with a slash: {text!r}"


def holds_no_document(heard: Heard) -> Complaints:
    """No full CPF or CNPJ, in whatever punctuation."""
    for paragraph in heard.paragraphs:
        plain = re.sub(r"[ .()/-]", "", paragraph)
        if DOCUMENT_SHAPE.search(paragraph) or any(document in plain for document in _documents()):
            yield f"a full CPF or CNPJ: {paragraph!r}"


def codes_are_the_customer_s(heard: Heard) -> Complaints:
    """Each code verifies, and belongs to an open title of who is writing."""
    for code in heard.codes:
        yield from _code_problems(code, heard.customer)


def _code_problems(code: Code, customer: str) -> Complaints:
    shown = f"{code.format} {code.content[:40]}"
    if code.format in {"pix", "qr_code"} and not crc_is_right(code.content):
        yield f"{shown}: wrong CRC"
    if code.format == "barcode" and not check_digits_are_right(code.content):
        yield f"{shown}: wrong check digits"
    if code.title is None:
        yield f"{shown}: belongs to no title"
    elif code.title.customer != customer:
        yield f"{shown}: belongs to {code.title.customer}"
    elif not code.title.open:
        yield f"{shown}: paid already"


def is_no_loop(heard: Heard, before: Sequence[Heard]) -> Complaints:
    """Not the same words three times in a row."""
    answers = [turn.text for turn in (*before, heard)][-TIMES_ALIKE:]
    if len(answers) == TIMES_ALIKE and heard.text and all(one == other for one, other in pairwise(answers)):
        yield f"the same answer {TIMES_ALIKE} times in a row"


ALWAYS: tuple[Callable[[Heard], Complaints], ...] = (
    is_short,
    is_human,
    holds_no_document,
    codes_are_the_customer_s,
)


# ---------------------------------------------------------------- nothing about anybody


def reveals_nothing(heard: Heard) -> Complaints:
    """Neither a response that depends on the customer nor a name, amount, date, plan, street or code."""
    for paragraph, said in zip(heard.paragraphs, heard.said, strict=True):
        if said is None or said.name not in SAYS_NOTHING:
            yield f"tells something of a customer: {said.name if said else paragraph!r}"
        # When people answer is a date of theirs, not the customer's.
        opening = said.values.get("when") if said else None
        if figure := FIGURES.search(paragraph.replace(opening, "") if opening else paragraph):
            yield f"tells something of a customer: {figure[0]!r}"
        told = set(re.findall(r"\w+", paragraph.upper())) & _names(heard.responses.words)
        yield from (f"tells something of a customer: {word!r}" for word in sorted(told))
    yield from (f"tells something of a customer: {code.format}" for code in heard.codes)
    files = (message["custom"]["type"] for message in heard.messages if message.get("custom"))
    yield from (f"tells something of a customer: {kind}" for kind in files)


@lru_cache
def _documents() -> frozenset[str]:
    return frozenset(re.sub(r"\W", "", customer.document) for customer in CUSTOMERS)


@lru_cache
def _names(ordinary: frozenset[str]) -> frozenset[str]:
    """Words of everybody's name and street, without those that the bot uses anyway."""
    texts = [customer.name for customer in CUSTOMERS]
    texts += [
        contract.address.street
        for customer in CUSTOMERS
        for contract in customer.contracts
        if contract.address
    ]
    words = {word for text in texts for word in re.findall(r"\w+", text.upper()) if len(word) > SHORT_WORD}
    first_names = {customer.name.split()[0] for customer in CUSTOMERS}
    return frozenset((words | first_names) - ordinary)


# ---------------------------------------------------------------- expected of one turn


def hears(heard: Heard, wanted: Sequence[tuple[str, Mapping[str, str]]]) -> Complaints:
    """Each wanted response is said, and its variables hold the wanted words.

    Args:
        heard: The turn.
        wanted: Names, each with words that a variable must contain, or the slot values of a variation.
    """
    for name, values in wanted:
        told = [said.values for said in heard.said if said and said.name == name]
        if not told:
            yield f"hears {name}: not said"
        elif not any(_fits(each, values) for each in told):
            yield f"hears {name}: said with {told}, not with {dict(values)}"


def _fits(told: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(value.casefold() in told.get(key, "").casefold() for key, value in wanted.items())


def never(heard: Heard, unwanted: Sequence[str]) -> Complaints:
    """Neither these responses nor these words."""
    for item in unwanted:
        if item.startswith("utter_"):
            if any(said and said.name == item for said in heard.said):
                yield f"never {item}: said"
        elif item.casefold() in heard.text.casefold():
            yield f"never {item!r}: said"


def order(heard: Heard, wanted: Sequence[str]) -> Complaints:
    """These responses are said in this order, with whatever between them."""
    names = iter([said.name for said in heard.said if said])
    if not all(name in names for name in wanted):
        yield f"order {', '.join(wanted)}: {', '.join(said.name for said in heard.said if said)}"


def asked_in(heard: Heard) -> list[str]:
    """The questions of a turn, in order."""
    return [ASKS[said.name] for said in heard.said if said and said.name in ASKS]


def asks(heard: Heard, wanted: Sequence[str]) -> Complaints:
    """Exactly these questions are asked, in this order, each once."""
    if asked_in(heard) != list(wanted):
        yield f"asks {list(wanted)}: {asked_in(heard)}"


def offers(heard: Heard, wanted: Sequence[str]) -> Complaints:
    """Exactly these formats are offered, in this order."""
    listed = " ".join(heard.values("formats")).casefold()
    places = {name: re.search(words, listed) for name, words in FORMAT_WORDS.items()}
    offered = sorted((place.start(), name) for name, place in places.items() if place)
    if [name for _, name in offered] != list(wanted):
        yield f"offers {list(wanted)}: {[name for _, name in offered]}"


def lists(heard: Heard, wanted: Sequence[Title]) -> Complaints:
    """Exactly these invoices are listed, in this order, each with due date and today's amount."""
    lines = [line for listed in heard.values("invoices") for line in listed.splitlines() if line.strip()]
    if len(lines) != len(wanted):
        yield f"lists {len(wanted)} invoices: {lines}"
        return
    for line, title in zip(lines, wanted, strict=True):
        if brazilian_date(title.due) not in line or brazilian_amount(title.amount) not in line:
            yield f"lists {brazilian_date(title.due)}, R$ {brazilian_amount(title.amount)}: {line!r}"


def delivers(heard: Heard, wanted: Sequence[tuple[str, Title]]) -> Complaints:
    """Exactly these titles leave in these formats; an overdue one in its current issue."""
    left = [(code.format, code.title and code.title.title_id) for code in heard.codes]
    if left != [(name, title.title_id) for name, title in wanted]:
        yield f"delivers {[(name, title.title_id) for name, title in wanted]}: {left}"
        return
    for code, (_, title) in zip(heard.codes, wanted, strict=True):
        if title.line[0] != title.line[1] and not code.current:
            yield f"delivers {title.title_id}: the old issue, although it is overdue"


def erp(heard: Heard, wanted: Mapping[str, int]) -> Complaints:
    """These endpoints are called so often; "any" counts all calls."""
    counts = Counter(heard.calls)
    counts["any"] = len(heard.calls)
    for endpoint, count in wanted.items():
        if counts[endpoint] != count:
            yield f"erp {endpoint} {count} times: {', '.join(heard.calls) or 'no call'}"


def writes(heard: Heard, wanted: Mapping[str, int]) -> Complaints:
    """Exactly these writes are tried, and no other."""
    counts = Counter(heard.calls)
    for name, endpoint in WRITES.items():
        if counts[endpoint] != wanted.get(name, 0):
            yield f"writes {name} {wanted.get(name, 0)} times: {counts[endpoint]}"


def desk_told(told: Sequence[str], wanted: Sequence[str]) -> Complaints:
    """Exactly these messages reached the desk; that it was released it hears when it may."""
    heard = [kind for kind in told if kind != "released"]
    if heard != list(wanted):
        yield f"desk_told {list(wanted)}: {heard}"


def brazilian_date(day: str) -> str:
    """`2026-12-05` as `05/12/2026`."""
    return "/".join(reversed(day.split("-")))


def brazilian_amount(amount: str) -> str:
    """`1399.00` as `1.399,00`."""
    return f"{float(amount):,.2f}".translate(str.maketrans(",.", ".,"))
