"""Does the number that writes to us stand in the customer's registration?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, parse

if TYPE_CHECKING:
    from collections.abc import Iterable

BRAZIL = 55
AREA_CODE_DIGITS = 2
OLD_NUMBER_DIGITS = 8
MOBILE_FIRST_DIGITS = "6789"


def canonical_phone(text: str) -> str | None:
    """One spelling for all ways a number is written.

    A Brazilian mobile loses its ninth digit only where the 8-digit number behind it starts with
    6 to 9 (Anatel's Resolution 553/2010 put a 9 before exactly those); anything else is kept, so
    landlines only match exactly.

    Args:
        text: "(11) 98765-4321", "5511987654321", "whatsapp:+5511987654321", …; without a "+" the
            number is read as Brazilian.

    Returns:
        "+" and digits, or None when it is no complete number.
    """
    text = text.removeprefix("whatsapp:").strip()
    try:
        number = parse(text, "BR")
    except NumberParseException:
        return None
    if number.country_code != BRAZIL:
        return format_number(number, PhoneNumberFormat.E164)
    national = str(number.national_number)
    area, local = national[:AREA_CODE_DIGITS], national[AREA_CODE_DIGITS:]
    if len(local) == OLD_NUMBER_DIGITS + 1 and local[0] == "9" and local[1] in MOBILE_FIRST_DIGITS:
        local = local[1:]
    elif len(local) not in {OLD_NUMBER_DIGITS, OLD_NUMBER_DIGITS + 1}:
        return None
    return f"+{BRAZIL}{area}{local}"


def spellings(text: str) -> tuple[str, ...]:
    """All ways in which a channel may write one number: a mobile with and without its ninth digit.

    Args:
        text: As in `canonical_phone`.

    Returns:
        "+" and digits each; empty when it is no complete number.
    """
    phone = canonical_phone(text)
    if phone is None:
        return ()
    area_end = len(f"+{BRAZIL}") + AREA_CODE_DIGITS
    local = phone[area_end:]
    if phone.startswith(f"+{BRAZIL}") and len(local) == OLD_NUMBER_DIGITS and local[0] in MOBILE_FIRST_DIGITS:
        return phone, f"{phone[:area_end]}9{local}"
    return (phone,)


def shows_number(sender_address: str) -> bool:
    """Whether the channel tells from which number somebody writes.

    WhatsApp can hide it behind a user name; what stands there then may hold digits too, and they are no
    number: only what is written as E.164 is one.

    Args:
        sender_address: Like `whatsapp:+5511987654321`, or `whatsapp:BR.1349120865530274` of a hidden one.
    """
    number = sender_address.removeprefix("whatsapp:")
    if not number.startswith("+") or canonical_phone(number) is None:
        return False
    # "+55011…" would be read as "+5511…": no phone writes from it, only somebody who makes it up.
    return format_number(parse(number), PhoneNumberFormat.E164) == number


def is_registered(sender_address: str, registered: Iterable[str]) -> bool:
    """Whether the sender's number is one of the registered ones.

    Args:
        sender_address: The channel address, always with its country code.
        registered: Phones as the ERP holds them.
    """
    sender = canonical_phone(sender_address) if shows_number(sender_address) else None
    # Every number is compared, wherever the match stands, so that time tells nothing.
    matches = [canonical_phone(phone) == sender for phone in registered]
    return sender is not None and any(matches)
