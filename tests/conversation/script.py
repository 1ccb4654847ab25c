"""Conversations as data: the schema of `tests/conversations/<theme>.yml`, and its reader."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import yaml
from pydantic import BaseModel, Extra, Field, StrictStr, ValidationError, root_validator, validator

from billing.brazil import MONTHS, day, month
from billing.settings import PROJECT_ROOT, Settings
from sandbox.sgp.customers import CUSTOMERS
from sandbox.sgp.faults import Kind  # noqa: TC001 - pydantic reads it when it builds the model
from sandbox.sgp.model import ContractStatus
from sandbox.sgp.state import ENDPOINTS
from tests.conversation.checks import WRITES, brazilian_amount
from tests.conversation.spoken import Responses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.conversation.heard import Title

FOLDER = PROJECT_ROOT / "tests" / "conversations"
RESPONSES = Responses.read(PROJECT_ROOT / "domain.yml")
KEYS = {customer.key for customer in CUSTOMERS}

Format = Literal["pix", "qr_code", "pdf", "barcode"]
Question = Literal["document", "birth_date", "contract", "invoice", "format", "consent"]


class ScriptError(Exception):
    """A conversation that cannot be played; the text names file and conversation."""


class _Strict(BaseModel):
    class Config:
        extra = Extra.forbid
        frozen = True


class FaultSetting(_Strict):
    """A fault of the sandbox, as its control route takes it."""

    endpoint: str
    kind: Kind
    times: int | None = None
    seconds: float | None = None

    @validator("endpoint")
    def _known(cls, endpoint: str) -> str:  # noqa: N805 - pydantic's validators are class methods
        if endpoint != "*" and endpoint not in ENDPOINTS:
            raise ValueError(f"unknown endpoint, use * or one of {', '.join(sorted(ENDPOINTS))}")
        return endpoint


class Changes(_Strict):
    """What happens outside before a turn.

    Attributes:
        heal: All faults end.
        fault: Faults begin.
        pay: These invoices are paid, by position in the list of open ones at the start.
        contract: The contract gets this status.
        outage: The contract's region has a planned outage.
        later: Minutes that pass.
        desk: Whether the provider's desk takes what it is told from now on.
    """

    heal: bool = False
    fault: tuple[FaultSetting, ...] = ()
    pay: tuple[int, ...] = ()
    contract: str | None = None
    outage: bool = False
    later: float = 0
    desk: Literal["connected", "away"] | None = None

    @validator("fault", pre=True)
    def _one_or_several(cls, value: Any) -> Any:  # noqa: N805 - as above
        return [value] if isinstance(value, dict) else value

    @validator("contract")
    def _status(cls, value: str | None) -> str | None:  # noqa: N805 - as above
        if value is not None and value.upper() not in ContractStatus.__members__:
            raise ValueError(f"no status, use one of {', '.join(ContractStatus.__members__).lower()}")
        return value


class Delivery(_Strict):
    """A code that leaves: its format, and the position of its invoice among those open at the start."""

    format: Format
    invoice: int = 1


class Line(Changes):
    """One turn: what the customer sends, and what is expected of the answer.

    Attributes:
        says: Text; `$document` and the like are filled in, see `Setting.fill`.
        sends: Kind of a message that is no text; `says` is then its caption.
        hears: Responses that are said, by name, with words that their variables hold.
        never: Responses by name, or words, that are not said.
        order: Responses in the order in which they are said.
        asks: Exactly the questions that are asked.
        offers: Exactly the payment formats that are offered.
        lists: Exactly the invoices that are listed, by position.
        delivers: Exactly the codes that leave.
        reveals: "nothing": not a word about any customer. Checked anyway while nobody is identified.
        erp: Calls in this turn by endpoint; "any" counts all.
        writes: Writes that are tried; those not named must not be.
        desk_told: Exactly what the desk took in this turn: a handoff, a message.
        silent: No answer is expected.
        bill_within: Messages of the customer from this one to a delivered code, at most.
    """

    says: StrictStr | None = None
    sends: str | None = None
    hears: tuple[tuple[str, dict[str, str]], ...] = ()
    never: tuple[StrictStr, ...] = ()
    order: tuple[str, ...] = ()
    asks: tuple[Question, ...] | None = None
    offers: tuple[Format, ...] | None = None
    lists: tuple[int, ...] | None = None
    delivers: tuple[Delivery, ...] | None = None
    reveals: Literal["nothing"] | None = None
    erp: dict[str, int] = Field(default_factory=dict)
    writes: dict[str, int] = Field(default_factory=dict)
    desk_told: tuple[Literal["handoff", "message"], ...] | None = None
    silent: bool = False
    bill_within: int | None = None

    @validator("asks", "offers", "never", "order", "delivers", "desk_told", pre=True)
    def _one_or_several(cls, value: Any) -> Any:  # noqa: N805 - as above
        return [value] if isinstance(value, str | dict) else value

    @validator("hears", pre=True)
    def _names_and_values(cls, value: Any) -> Any:  # noqa: N805 - as above
        items = value if isinstance(value, list) else [value]
        pairs = [pair for item in items for pair in ({item: {}} if isinstance(item, str) else item).items()]
        return [(name, {key: str(words) for key, words in values.items()}) for name, values in pairs]

    @validator("hears", "never", "order", each_item=True)
    def _in_the_domain(cls, value: Any) -> Any:  # noqa: N805 - as above
        name = value if isinstance(value, str) else value[0]
        if name.startswith("utter_") and name not in RESPONSES.names:
            raise ValueError(f"{name} is not in domain.yml")
        return value

    @validator("writes", "erp")
    def _known(cls, value: dict[str, int], field: Any) -> dict[str, int]:  # noqa: N805 - as above
        known = set(WRITES) if field.name == "writes" else {*ENDPOINTS, "any"}
        if unknown := set(value) - known:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}; use {', '.join(sorted(known))}")
        return value

    @root_validator(skip_on_failure=True)
    def _something_is_sent(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 - as above
        if values["says"] is None and values["sends"] is None:
            raise ValueError("says or sends is missing")
        return values


class Script(_Strict):
    """A conversation.

    Attributes:
        name: A sentence that says what it shows.
        customer: Demo customer whose phone writes.
        contract: Contract that positions, months and dates are about; the first that owes, when not given.
        address: What the channel gives instead of the customer's own number.
        settings: Variables of the action server that differ from the tests' own.
        issued: Open titles that the contract has besides its story's, due tomorrow and the days after it.
        sandbox: How the ERP stands at the start.
        turns: What is said.
    """

    name: str
    customer: str
    contract: int | None = None
    address: StrictStr | None = None
    settings: dict[str, StrictStr] = Field(default_factory=dict)
    issued: int = 0
    sandbox: Changes = Changes()
    turns: tuple[Line, ...]

    @validator("customer")
    def _exists(cls, value: str) -> str:  # noqa: N805 - as above
        if value not in KEYS:
            raise ValueError(f"no demo customer, use one of {', '.join(sorted(KEYS))}")
        return value

    @validator("settings")
    def _settable(cls, value: dict[str, str]) -> dict[str, str]:  # noqa: N805 - as above
        if unknown := {
            name for name in value if name.lower() not in Settings.__fields__ or name != name.upper()
        }:
            raise ValueError(f"no setting: {', '.join(sorted(unknown))}")
        return value


@dataclass(frozen=True)
class Setting:
    """What the words of a script stand for at its start.

    Attributes:
        documents: Formatted document of each demo customer, by key.
        customer: Key of who writes.
        contract: The conversation's contract.
        invoices: Open titles of the conversation's contract, oldest first.
    """

    documents: Mapping[str, str]
    customer: str
    contract: int
    invoices: tuple[Title, ...]

    def invoice(self, position: int) -> Title:
        """The open title at a position that counts from 1."""
        if not 1 <= position <= len(self.invoices):
            raise ScriptError(f"no invoice {position}, {len(self.invoices)} are open")
        return self.invoices[position - 1]

    def fill(self, text: str) -> str:
        """Replace `$…` in a text.

        `$document` is the customer's own, `$digits` the same without punctuation, `$document_ana` somebody
        else's; `$born` and `$born_ana` are their birth dates. `$month2`, `$date2`, `$day2`, `$amount2` are of
        the second open invoice; `$other_month` is a month in which none is due.
        """
        return re.sub(r"\$([a-z_]+)(\d*)", self._value, text)

    def _value(self, found: re.Match[str]) -> str:
        name, position = found[1], int(found[2] or 1)
        if name == "other_month":
            taken = {title.due[5:7] for title in self.invoices}
            return next(each for number, each in enumerate(MONTHS, start=1) if f"{number:02}" not in taken)
        kind, _, key = name.partition("_")
        if kind == "born":
            return self._birth_date(key or self.customer)
        if kind in {"document", "digits"}:
            document = self.documents.get(key or self.customer)
            if document is None:
                raise ScriptError(f"${name}: no demo customer {key}")
            return document if kind == "document" else re.sub(r"\W", "", document)
        title = self.invoice(position)
        due = date.fromisoformat(title.due)
        values = {
            "month": month(due),
            "date": day(due),
            "day": str(due.day),
            "amount": brazilian_amount(title.amount),
        }
        if name not in values:
            raise ScriptError(f"${name} stands for nothing")
        return values[name]

    def _birth_date(self, key: str) -> str:
        born = next((customer.born for customer in CUSTOMERS if customer.key == key), None)
        if born is None:
            raise ScriptError(f"$born: {key} has no birth date")
        return day(born)


def read_scripts(path: Path) -> Iterator[Script]:
    """The conversations of one file.

    Raises:
        ScriptError: For anything that the schema does not know.
    """
    try:
        items = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise ScriptError(f"{path.name}: {error}") from None
    if not isinstance(items, list):
        raise ScriptError(f"{path.name}: a list of conversations is expected")
    names = set()
    for number, item in enumerate(items, start=1):
        name = item.get("name") if isinstance(item, dict) else None
        where = f"{path.name}, {name or f'conversation {number}'}"
        try:
            script = Script.parse_obj(item)
        except ValidationError as error:
            faults = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
            raise ScriptError(f"{where}: {'; '.join(faults)}") from None
        if name in names:
            raise ScriptError(f"{where}: the name stands twice")
        names.add(name)
        yield script
