"""Plays a conversation against the running bot and stops at the first turn that is not as it should be."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pypdf

from sandbox.sgp.model import ContractStatus
from tests.conversation import checks
from tests.conversation.heard import Heard, Title, spoken
from tests.conversation.script import RESPONSES, Changes, Line, Script, Setting
from tests.desk_receiver import NOT_CONNECTED

if TYPE_CHECKING:
    from tests.stack import Conversation, Stack


class WrongTurn(Exception):
    """A turn that is not as expected; the text is the transcript with the complaints."""


@dataclass
class Talk:
    """One customer's conversation, observed turn by turn.

    Attributes:
        conversation: The sender at the running bot.
        turns: What was heard so far.
    """

    conversation: Conversation
    turns: list[Heard] = field(default_factory=list)
    _calls_seen: int = 0

    def say(self, text: str, kind: str | None = None) -> Heard:
        """Send a message and observe the answer."""
        conversation = self.conversation
        messages = conversation.send(kind, text) if kind else conversation.say(text)
        calls = [call["endpoint"] for call in conversation.stack.sandbox.calls()]
        heard = Heard(
            says=f"[{kind}] {text}" if kind else text,
            messages=tuple(messages),
            responses=RESPONSES,
            customer=conversation.customer["key"],
            calls=tuple(calls[self._calls_seen :]),
            identified=conversation.identified(),
            slips=_slips(conversation.stack, messages),
        )
        if heard.codes:
            heard = replace(heard, titles=titles(conversation.stack))
        self._calls_seen = len(calls)
        self.turns.append(heard)
        return heard

    def transcript(self) -> str:
        """Everything said, and the calls that each turn made."""
        lines = []
        for number, turn in enumerate(self.turns, start=1):
            lines.append(f"{number:>3} cliente: {turn.says}")
            lines += [
                f"    robô: {line}" for message in turn.messages for line in spoken(message).split("\n")
            ]
            lines += [f"    ERP: {', '.join(turn.calls)}"] if turn.calls else []
        return "\n".join(lines)


def titles(stack: Stack) -> tuple[Title, ...]:
    """Everybody's titles, as the sandbox tells them to tests."""
    return tuple(
        Title(**{**row, "pix": tuple(row["pix"]), "line": tuple(row["line"])})
        for row in stack.sandbox.truth()
    )


@dataclass(frozen=True)
class Request:
    """A request for a bill that is being counted.

    Attributes:
        limit: Messages of the customer to the delivery, the request included, at most.
        count: Messages so far.
    """

    limit: int
    count: int = 0

    def complaints(self, heard: Heard) -> list[str]:
        """That the code is late."""
        late = self.count >= self.limit and not heard.codes
        return [f"bill_within {self.limit} messages: no code after {self.count}"] if late else []


def play(stack: Stack, script: Script, where: str) -> list[Request]:
    """Play a conversation.

    Args:
        stack: The running bot, with a fresh sandbox.
        script: What is said and expected.
        where: Named in the transcript.

    Returns:
        The requests whose messages were counted up to the delivery.

    Raises:
        WrongTurn: With the transcript up to the turn.
    """
    stack.configure(script.settings)
    conversation = stack.sender(script.customer, script.address)
    talk = Talk(conversation)
    setting = setting_of(stack, script.customer, script.contract)
    if script.issued:
        stack.sandbox.control("issue", {"contract_id": setting.contract, "count": script.issued})
        setting = setting_of(stack, script.customer, script.contract)
    change(conversation, script.sandbox, setting)
    request, answered = None, []
    for number, line in enumerate(script.turns, start=1):
        change(conversation, line, setting)
        before = tuple(talk.turns)
        told_before = len(stack.desk.taken())
        heard = talk.say(setting.fill(line.says or ""), line.sends)
        told = [message["type"] for message in stack.desk.taken()[told_before:]]
        found = [*checks.always(heard, before, silent=line.silent), *expected(heard, line, setting)]
        if line.desk_told is not None:
            found += checks.desk_told(told, line.desk_told)
        request = Request(line.bill_within) if line.bill_within else request
        if request:
            request = replace(request, count=request.count + 1)
            found += request.complaints(heard)
            if heard.codes:
                answered.append(request)
                request = None
        if number == len(script.turns) and request:
            found.append("bill_within: the conversation ends without a code")
        if found:
            marked = "\n".join(f"    !! {complaint}" for complaint in found)
            raise WrongTurn(f"{where} ({script.customer})\n{talk.transcript()}\n{marked}")
    return answered


def expected(heard: Heard, line: Line, setting: Setting) -> list[str]:
    """Complaints about what a script expects of a turn."""
    wanted = [
        (name, {key: setting.fill(text) for key, text in values.items()}) for name, values in line.hears
    ]
    found = [
        *checks.hears(heard, wanted),
        *checks.never(heard, [setting.fill(item) for item in line.never]),
        *checks.order(heard, line.order),
        *checks.erp(heard, line.erp),
        *checks.writes(heard, line.writes),
    ]
    if line.asks is not None:
        found += checks.asks(heard, line.asks)
    if line.offers is not None:
        found += checks.offers(heard, line.offers)
    if line.lists is not None:
        found += checks.lists(heard, [setting.invoice(position) for position in line.lists])
    if line.delivers is not None:
        found += checks.delivers(
            heard, [(item.format, setting.invoice(item.invoice)) for item in line.delivers]
        )
    if line.reveals:
        found += checks.reveals_nothing(heard)
    return found


def setting_of(stack: Stack, customer: str, contract: int | None = None) -> Setting:
    """What the words of a conversation stand for, as the sandbox is now.

    Args:
        stack: The running bot.
        customer: Key of who writes.
        contract: The one that positions are about; None for the first that owes.
    """
    customers = stack.sandbox.customers()
    own = customers[customer]["contracts"]
    unpaid = [title for title in titles(stack) if title.open and title.contract_id in own]
    contract = contract or (unpaid[0].contract_id if unpaid else own[0])
    return Setting(
        documents={key: customer["document"] for key, customer in customers.items()},
        customer=customer,
        contract=contract,
        invoices=tuple(title for title in unpaid if title.contract_id == contract),
    )


def change(conversation: Conversation, changes: Changes, setting: Setting) -> None:
    """Let happen outside what a script says."""
    sandbox = conversation.stack.sandbox
    if changes.heal:
        sandbox.heal()
    for fault in changes.fault:
        more: dict[str, Any] = fault.dict(exclude={"endpoint", "kind"}, exclude_none=True)
        sandbox.fault(fault.endpoint, fault.kind.value, **more)
    for position in changes.pay:
        sandbox.pay(setting.invoice(position).title_id)
    if changes.contract:
        status = ContractStatus[changes.contract.upper()]
        sandbox.control("contract", {"contract_id": setting.contract, "status": int(status)})
    if changes.outage:
        sandbox.control("maintenance", {})
    if changes.desk:
        conversation.stack.desk.answer(200 if changes.desk == "connected" else NOT_CONNECTED)
    if changes.later:
        conversation.age(changes.later * 60)


def _slips(stack: Stack, messages: list[dict[str, Any]]) -> dict[str, str]:
    """Text of each slip that was sent, by its media id."""
    sent = [message["custom"] for message in messages if message.get("custom", {}).get("type") == "slip_pdf"]
    files = {custom["media_id"]: stack.media.get(custom["media_id"]) for custom in sent}
    return {
        media_id: "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(file.content)).pages)
        for media_id, file in files.items()
        if file is not None
    }
