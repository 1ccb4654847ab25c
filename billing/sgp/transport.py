"""One HTTP call to SGP: where secrets go in, what must not come out, and when to stop waiting."""

from __future__ import annotations

import logging
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

from billing.sgp.answers import Answer, read
from billing.sgp.errors import SgpBudgetUsedUp, SgpError, SgpMisconfigured, SgpOutage, SgpTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from billing.deadline import Deadline
    from billing.sgp.breaker import CircuitBreaker
    from billing.sgp.limiter import RateLimiter

MAX_BODY_BYTES = 2 * 1024 * 1024
"""Of the decoded body; SGP's largest known answer, 250 titles, is about a quarter of it."""

USER_AGENT = "sgp-billing-bot"

_CHUNK_BYTES = 64 * 1024

logger = logging.getLogger(__name__)


class _QueryRedaction(logging.Filter):
    """urllib3 logs each path at DEBUG, and SGP wants the token of its GET routes in the query."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                f"{value.partition('?')[0]}?..." if isinstance(value, str) and "?" in value else value
                for value in record.args
            )
        return True


_QUERY_REDACTION = _QueryRedaction()


def pooled_session(pool_size: int) -> requests.Session:
    """A session that many threads share and that keeps nothing of one call for the next.

    Args:
        pool_size: Connections kept open; more calls at once open extra connections instead of waiting.
    """
    session = requests.Session()
    session.trust_env = False
    # SGP's framework sets session cookies; sharing them would tie calls about different customers together.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_maxsize=pool_size, pool_block=False)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class Transport:
    """Sends single requests with SGP's credentials and classifies the answers.

    Args:
        base_url: `https://host`, without a trailing slash.
        token: API token.
        app: Name registered with the token, case-sensitive.
        session: Shared by all threads.
        limiter: Gives each call its slot.
        breaker: Spares calls while SGP is away.
        clock: Monotonic clock in seconds, the one the deadlines use.
        connect_timeout: Seconds.
        read_timeout: Seconds for the whole answer.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        app: str,
        *,
        session: requests.Session,
        limiter: RateLimiter,
        breaker: CircuitBreaker,
        clock: Callable[[], float],
        connect_timeout: float,
        read_timeout: float,
    ) -> None:
        self._base_url = base_url
        self._credentials = {"token": token, "app": app}
        self._session = session
        self._limiter = limiter
        self._breaker = breaker
        self._clock = clock
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        logging.getLogger("urllib3.connectionpool").addFilter(_QUERY_REDACTION)

    def __repr__(self) -> str:
        return f"Transport({self._base_url!r})"

    def post(self, endpoint: str, form: Mapping[str, str], deadline: Deadline, *, suffix: str = "") -> Any:
        """POST a form.

        Args:
            endpoint: Path, which errors may show.
            form: Parameters besides the credentials.
            deadline: End of the turn's time.
            suffix: Variable end of the path, which errors don't show.

        Returns:
            JSON, see `answers.read`.

        Raises:
            SgpError: See errors.py.
        """
        return self._call("POST", endpoint, deadline, suffix=suffix, data={**self._credentials, **form})

    def get(self, endpoint: str, deadline: Deadline) -> Any:
        """GET a list; arguments, result and errors as in `post`."""
        return self._call("GET", endpoint, deadline, params=self._credentials)

    def _call(
        self, method: str, endpoint: str, deadline: Deadline, *, suffix: str = "", **content: Any
    ) -> Any:
        with self._breaker.watch(endpoint), self._limiter.slot(endpoint, deadline):
            allowed = min(self._read_timeout, deadline.remaining())
            if allowed <= 0:
                raise SgpBudgetUsedUp(endpoint, "no time left in this turn, not called")
            begun = self._clock()
            answer = self._exchange(method, endpoint, suffix, allowed, content)
            outcome = answer.status if isinstance(answer, Answer) else type(answer).__name__
            spent = round(1000 * (self._clock() - begun))
            logger.info("SGP called", extra={"endpoint": endpoint, "outcome": outcome, "ms": spent})
            # Raised here and not where it was caught: requests' exceptions carry the request with its form
            # and would stay attached as the context.
            if isinstance(answer, SgpError):
                raise answer
            return read(endpoint, answer)

    def _exchange(
        self, method: str, endpoint: str, suffix: str, allowed: float, content: dict[str, Any]
    ) -> Answer | SgpError:
        stop_at = self._clock() + allowed
        try:
            with self._session.request(
                method,
                f"{self._base_url}{endpoint}{suffix}",
                headers={"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "gzip"},
                timeout=(min(self._connect_timeout, allowed), allowed),
                allow_redirects=False,
                stream=True,
                **content,
            ) as response:
                body = self._body(endpoint, response, stop_at, allowed)
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            return SgpTimeout(endpoint, "timed out", allowed=allowed)
        except (requests.exceptions.ContentDecodingError, urllib3.exceptions.DecodeError):
            return SgpMisconfigured(endpoint, "the compressed body is damaged")
        except (requests.RequestException, urllib3.exceptions.HTTPError):
            return SgpOutage(endpoint, "connection failed or dropped")
        except SgpError as error:
            return error
        return Answer(response.status_code, response.headers.get("Content-Type", ""), body)

    def _body(self, endpoint: str, response: requests.Response, stop_at: float, allowed: float) -> bytes:
        body = bytearray()
        # read1 gives what one receive brought. requests' iter_content waits for a full chunk, and its
        # time-out starts anew with each receive: a server that drips bytes would hold a thread for hours.
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise SgpMisconfigured(endpoint, "the body is larger than any answer of SGP")
            if self._clock() >= stop_at:
                raise SgpTimeout(endpoint, "the body took too long", allowed=allowed)
        return bytes(body)
