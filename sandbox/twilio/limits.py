"""What Twilio refuses at once in a message to be sent; what the channel refuses later is in `deliveries`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.twilio.account import MESSAGING_SERVICE_SID, WHATSAPP_NUMBER
from sandbox.twilio.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.twilio.specification import Problem

Json = Any

MAX_BODY = 1600
MAX_ADDRESS = 4000
VALIDITY_SECONDS = range(1, 36_001)
_PERSON = re.compile(r"whatsapp:(?:\+[1-9]\d{6,14}|[A-Z]{2}\.[A-Za-z0-9]{1,128})")

_CODES = {
    "StatusCallback": 21609,
    "To": 21211,
    "From": 21212,
    "MessagingServiceSid": 21701,
    "MediaUrl": 21620,
    "ContentSid": 21655,
    "ContentVariables": 21656,
}
_UNKNOWN, _NO_RECIPIENT, _INVALID = 20001, 21604, 20422


def refuse(problems: Iterable[Problem]) -> None:
    """Refuses a request that has problems, by the first one.

    Raises:
        Refusal: With the code that Twilio has for that parameter.
    """
    for problem in problems:
        code = _CODES.get(problem.parameter.split("/")[0], _INVALID)
        if problem.kind == "additionalProperties":
            code = _UNKNOWN
        elif problem.kind == "required" and problem.parameter == "To":
            code = _NO_RECIPIENT
        raise Refusal(code, f"{problem.parameter}: {problem.text}")


def check_message(form: Json) -> None:
    """Checks what OpenAPI does not say of a new message.

    Args:
        form: Parameters by name, already as OpenAPI describes them.

    Raises:
        Refusal: With Twilio's code.
    """
    if not is_person(form["To"]):
        raise Refusal(21211, f"To {form['To']} is not whatsapp:+<E.164> or whatsapp:<country>.<id>")
    _check_sender(form)
    _check_content(form)
    if len(form.get("StatusCallback", "")) > MAX_ADDRESS:
        raise Refusal(21609, f"more than {MAX_ADDRESS} characters")
    validity = form.get("ValidityPeriod", VALIDITY_SECONDS[0])
    if validity not in VALIDITY_SECONDS:
        raise Refusal(20422, f"ValidityPeriod {validity} is not within 1 to {VALIDITY_SECONDS[-1]}")


def is_person(address: str) -> bool:
    """Whether this is a person's WhatsApp address, by phone number or business-scoped id."""
    return _PERSON.fullmatch(address) is not None


def _check_sender(form: Json) -> None:
    sender, service = form.get("From"), form.get("MessagingServiceSid")
    if not sender and not service:
        raise Refusal(21603)
    if service and service != MESSAGING_SERVICE_SID:
        raise Refusal(21701, status=404)
    if sender and not sender.startswith("whatsapp:"):
        raise Refusal(21910)
    if sender and sender != WHATSAPP_NUMBER:
        raise Refusal(63007)


def _check_content(form: Json) -> None:
    body = form.get("Body", "")
    if not body.strip() and not form.get("MediaUrl") and not form.get("ContentSid"):
        raise Refusal(21619)
    # An emoji counts as two: the limit is in units of UTF-16.
    if len(body.encode("utf-16-le")) // 2 > MAX_BODY:
        raise Refusal(21617)
    if len(form.get("MediaUrl", ())) > 1:
        raise Refusal(21623, "a WhatsApp message holds one")
