"""What can go wrong when SGP is asked.

    SgpError
    ├── SgpOutage                 no usable answer: network, 5xx, dropped connection
    │   ├── SgpTimeout            it took too long
    │   └── SgpNotCalled          nothing was sent
    │       ├── SgpBudgetUsedUp   the turn's time was over before the call, or before its slot
    │       └── SgpCircuitOpen    SGP has been away; it is asked again in some seconds
    ├── SgpRouteAbsent            this installation has no such route (404)
    ├── SgpCredentialOrThrottle   refused (401, 403, 429): a wrong token, or too many calls
    ├── SgpMisconfigured          redirect, HTML, unreadable answer: wrong base address, or a proxy
    ├── SgpRequestRejected        SGP understood and refused the request: our mistake
    ├── SgpUnexpectedShape        JSON that is not what this version is known to answer, or somebody else's
    └── SgpWriteOutcomeUnknown    a write that may have happened: read before doing anything else

None of them ever means "not found" or "no debt". Messages are safe to log: they hold the route and a fixed
sentence, never the token, a document, a query string or SGP's text.
"""

from __future__ import annotations

import math


class SgpError(Exception):
    """SGP gave no answer that can be used.

    Args:
        endpoint: Path of the route, without variable parts and query.
        reason: Fixed English sentence.
    """

    def __init__(self, endpoint: str, reason: str) -> None:
        super().__init__(endpoint, reason)
        self.endpoint = endpoint
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.reason}"


class SgpOutage(SgpError):
    """SGP can't be reached or failed on its side."""


class SgpTimeout(SgpOutage):
    """The answer took longer than the call or the turn allowed.

    Attributes:
        allowed: Seconds that the call had; what is left of a turn may be less than SGP ever needs.
    """

    def __init__(self, endpoint: str, reason: str, *, allowed: float = math.inf) -> None:
        super().__init__(endpoint, reason)
        self.allowed = allowed


class SgpNotCalled(SgpOutage):
    """The call was not made, so that nothing can have happened."""


class SgpBudgetUsedUp(SgpNotCalled):
    """The turn's time was over before the call, or would be before its slot."""


class SgpCircuitOpen(SgpNotCalled):
    """SGP has been away for so many calls that it is left alone for some seconds."""


class SgpRouteAbsent(SgpError):
    """The installation has no such route, or the token may not use it."""


class SgpCredentialOrThrottle(SgpError):
    """Refused; only history tells a bad credential from too many calls.

    Attributes:
        throttle_likely: True when SGP did not say that it was about the credential (no `detail` in the body).
    """

    def __init__(self, endpoint: str, reason: str, *, throttle_likely: bool = False) -> None:
        super().__init__(endpoint, reason)
        self.throttle_likely = throttle_likely


class SgpMisconfigured(SgpError):
    """Something other than SGP's API answered, or answered unreadably."""


class SgpRequestRejected(SgpError):
    """SGP refused the request itself; sending it again would not help."""


class SgpUnexpectedShape(SgpError):
    """The expected key is missing or nonsense, or rows belong to another document or contract."""


class SgpWriteOutcomeUnknown(SgpError):
    """A write was sent and its result is not known; it must not be sent again blindly.

    Args:
        cause: What happened instead of an answer.
    """

    def __init__(self, cause: SgpError) -> None:
        super().__init__(cause.endpoint, f"outcome unknown after {type(cause).__name__} ({cause.reason})")
        self.cause = cause
