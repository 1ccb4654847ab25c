"""What Twilio's words and numbers about a sent message mean for us.

Statuses: the enum of Twilio's API. Codes: Twilio's "Error and warning dictionary".
"""

from __future__ import annotations

from dataclasses import dataclass

FAILED = {"failed", "undelivered", "canceled"}

_ORDER = (
    {"accepted", "scheduled"},
    {"queued"},
    {"sending"},
    {"sent"},
    {"delivered", *FAILED},
    {"read"},
)


def rank(status: str) -> int:
    """How far a message has come; a status that Twilio invents later ranks below all."""
    return next((place for place, names in enumerate(_ORDER, start=1) if status in names), 0)


def advances(current: str | None, new: str) -> bool:
    """Whether a callback's status replaces the one we have: they repeat and come out of order.

    Args:
        current: What we have; None at first.
        new: What the callback says.
    """
    if current in FAILED:
        return False
    return rank(new) > (rank(current) if current else 0)


@dataclass(frozen=True)
class Failure:
    """What to do when a message was refused or not delivered.

    Attributes:
        retry: The same may go well later.
        other_format: The same content as plain text may go well.
        alert: A person at the provider should look: a setting, a limit, or a mistake of ours.
    """

    retry: bool = False
    other_format: bool = False
    alert: bool = False


_FAILURES = {
    20003: Failure(alert=True),  # credentials refused
    20429: Failure(retry=True),  # too many requests
    21211: Failure(alert=True),  # no such "to"
    21408: Failure(alert=True),  # not permitted for the country
    21606: Failure(alert=True),  # no such "from"
    21610: Failure(),  # the person sent STOP
    21611: Failure(alert=True),  # the sender's queue overflowed
    21617: Failure(alert=True),  # body too long
    21658: Failure(alert=True),  # body too long
    11200: Failure(retry=True, other_format=True, alert=True),  # our media could not be fetched
    12300: Failure(other_format=True, alert=True),  # our media's content type
    30001: Failure(alert=True),  # the queue overflowed
    30008: Failure(retry=True),  # unknown error of the channel
    63003: Failure(),  # the person is not on WhatsApp
    63005: Failure(retry=True),  # temporary error of the channel
    63016: Failure(alert=True),  # outside the 24 hours after the person's last message
    63017: Failure(retry=True),  # the account's rate
    63018: Failure(retry=True),  # the channel's rate
    63019: Failure(retry=True, other_format=True, alert=True),  # our media could not be downloaded
    63021: Failure(other_format=True, alert=True),  # content refused by the channel
    63024: Failure(),  # no valid recipient
    63038: Failure(alert=True),  # the account's daily limit
}


def failure(error_code: int | None) -> Failure:
    """What Twilio's number means; an unknown one may be about the format, and somebody should look."""
    return _FAILURES.get(error_code or 0, Failure(other_format=True, alert=True))
