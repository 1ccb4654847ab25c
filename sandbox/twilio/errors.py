"""Twilio's error codes, and its way of refusing a request."""

from __future__ import annotations

from aiohttp import web

ERROR_TEXTS = {
    20001: "Unknown parameters",
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20422: "Invalid Parameter",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    21211: "Invalid 'To' Phone Number",
    21212: "Invalid 'From' Phone Number",
    21408: "Permission to send a message has not been enabled for the region indicated by the 'To' number",
    21603: "A 'From' phone number is required",
    21604: "A 'To' phone number is required",
    21606: "The 'From' phone number provided is not a valid message-capable phone number",
    21609: "The 'StatusCallback' URL is not a valid URL",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum number of queued messages",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21619: "A text message body or media urls must be specified",
    21620: "Invalid media URL(s)",
    21623: "Number of media files exceeds allowed limit",
    21655: "The ContentSid is Invalid",
    21656: "The ContentVariables Parameter is invalid",
    21658: "Content size exceeds the limit",
    21701: "The Messaging Service does not exist",
    21910: "Invalid From and To pair. From and To should be of the same channel",
    12300: "Invalid Content-Type",
    30008: "Unknown error",
    63003: "Channel could not find To address",
    63005: "Channel did not accept given content",
    63007: "Twilio could not find a Channel with the specified From address",
    63016: "Failed to send freeform message because you are outside the allowed window",
    63018: "Rate limit exceeded for Channel",
    63019: "Media failed to download",
    63021: "Channel invalid content error",
    63024: "Invalid message recipient",
    63038: "Account exceeded the daily messages limit",
}
"""The codes that matter to this bot; texts as Twilio's dictionary words them, or nearly."""


class Refusal(Exception):
    """A request that Twilio refuses.

    Attributes:
        code: Twilio's error code.
        status: HTTP status.
        detail: What exactly was wrong, for the developer who reads the answer.
    """

    def __init__(self, code: int, detail: str = "", *, status: int = 400) -> None:
        super().__init__(f"{code} {detail}")
        self.code = code
        self.status = status
        self.detail = detail

    def response(self) -> web.Response:
        """The refusal as Twilio answers it."""
        text = error_text(self.code)
        return web.json_response(
            {
                "code": self.code,
                "message": f"{text}: {self.detail}" if self.detail else text,
                "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
                "status": self.status,
            },
            status=self.status,
        )


def error_text(code: int) -> str:
    """Twilio's words for a code; of an unknown one only that it is an error."""
    return ERROR_TEXTS.get(code, "Error")
