"""A slip's PDF, fetched from nowhere but the ERP and the hosts that the operator allowed."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import requests.utils

from billing.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from urllib.parse import SplitResult

MAX_BYTES = 5 * 1024 * 1024
"""Of a slip; a page with pictures is well below it."""

MAX_REDIRECTS = 3
CONNECT_SECONDS = 3.0
READ_SECONDS = 8.0

_PDF_BEGINS = b"%PDF-"
_PDF_ENDS = b"%%EOF"
_END_WITHIN = 1024
"""Readers look for the end mark in this many last bytes (PDF 1.7, implementation note 18)."""

_REDIRECTS = {301, 302, 303, 307, 308}
_LOOPBACK_NAMES = {"127.0.0.1", "localhost", "::1"}
_SPECIAL = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b::/96", "3fff::/20", "fec0::/10"))
)
"""Never a bank's, though Python's `is_global` lets them pass (IANA's registries of special addresses)."""
_CHUNK_BYTES = 64 * 1024
_HEADERS = {"User-Agent": "sgp-billing-bot", "Accept": "application/pdf", "Accept-Encoding": "identity"}


class SlipError(Exception):
    """A link gave no slip. Messages are safe to log: they never hold the link."""


class SlipForbidden(SlipError):
    """The link leads to a host that is not allowed, or into a private network."""


class SlipUnreachable(SlipError):
    """Network, certificate, or a status other than 200."""


class SlipTimeout(SlipError):
    """It took longer than the turn has."""


class NotASlip(SlipError):
    """What came is no whole PDF: a login page, a broken or an oversized file."""


class SlipFetcher:
    """Fetches slips.

    The address that a host name resolves to is looked at first and then connected to, so that the name
    cannot lead elsewhere in between (DNS rebinding). Links come from the ERP, whose data others can write.

    Args:
        sgp_url: `scheme://host[:port]` of the ERP; on loopback it may be plain http and is the one private
            address that is connected to.
        hosts: Further `host[:port]` from which slips may come, over https.
        resolve: `socket.getaddrinfo` or alike.
        connect: `socket.create_connection` or alike.
        certificates: Whom to believe; None for the public authorities.
    """

    def __init__(
        self,
        sgp_url: str,
        hosts: Collection[str] = (),
        *,
        resolve: Callable[..., Sequence[tuple[Any, ...]]] = socket.getaddrinfo,
        connect: Callable[..., socket.socket] = socket.create_connection,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        own = sgp_url.lower()
        self._origins = {own, *(f"https://{host.lower()}" for host in hosts)}
        self._loopback = own if urlsplit(own).hostname in _LOOPBACK_NAMES else None
        self._resolve = resolve
        self._connect = connect
        self._certificates = certificates or ssl.create_default_context(
            cafile=requests.utils.DEFAULT_CA_BUNDLE_PATH
        )

    def allows(self, link: str) -> bool:
        """Whether the link begins at an allowed host; nothing is fetched."""
        return _origin(_parts(link)) in self._origins

    def fetch(self, link: str, deadline: Deadline) -> bytes:
        """Fetch a slip and see that it is a PDF.

        Args:
            link: Absolute address.
            deadline: End of the turn's time; one fetch never takes more than `READ_SECONDS` of it.

        Returns:
            The file, at most `MAX_BYTES`.

        Raises:
            SlipError: See above.
        """
        stop = Deadline.after(min(READ_SECONDS, deadline.remaining()), deadline.clock)
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._get(link, stop)
            if isinstance(answer, bytes):
                return _checked(answer)
            link = _joined(link, answer)
        raise SlipForbidden("redirected too often")

    def _get(self, link: str, stop: Deadline) -> bytes | str:
        """The body, or where a redirect leads."""
        # The parts that are looked at are those that are connected to.
        parts = _parts(link)
        if _origin(parts) not in self._origins:
            raise SlipForbidden("the host is not allowed")
        if stop.remaining() <= 0:
            raise SlipTimeout("no time left, not fetched")
        try:
            with closing(self._connected(parts, stop)) as connection, _cut_off(connection, stop.remaining()):
                return _exchange(connection, parts, stop)
        except (OSError, http.client.HTTPException, ValueError):
            # Not as the cause: http.client quotes the path, and whoever has it has the slip.
            if stop.remaining() <= 0:
                raise SlipTimeout("took too long") from None
            raise SlipUnreachable("connection failed or dropped") from None

    def _connected(self, parts: SplitResult, stop: Deadline) -> socket.socket:
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        failure: OSError = ConnectionError()
        for address in self._addresses(host, port, loopback=_origin(parts) == self._loopback):
            allowed = min(CONNECT_SECONDS, stop.remaining())
            try:
                plain = self._connect((address, port), timeout=max(allowed, 0.001))
            except OSError as error:
                failure = error
                continue
            plain.settimeout(max(stop.remaining(), 0.001))
            if parts.scheme == "http":
                return plain
            return self._certificates.wrap_socket(plain, server_hostname=host)
        raise failure

    def _addresses(self, host: str, port: int, *, loopback: bool) -> list[str]:
        answers = self._resolve(host, port, type=socket.SOCK_STREAM)
        found = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
        if not all(_is_loopback(address) if loopback else _is_public(address) for address in found):
            raise SlipForbidden("the host has a private address")
        return found


def _exchange(connection: socket.socket, parts: SplitResult, stop: Deadline) -> bytes | str:
    client = http.client.HTTPConnection(parts.hostname or "")
    # Never connects by itself: the socket leads to the address that was looked at.
    client.sock = connection
    target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    client.request("GET", target, headers={"Host": parts.netloc, **_HEADERS})
    with client.getresponse() as response:
        if response.status in _REDIRECTS:
            return response.getheader("Location") or ""
        if response.status != http.HTTPStatus.OK:
            raise SlipUnreachable(f"answered with status {response.status}")
        body = bytearray()
        while chunk := response.read1(_CHUNK_BYTES):
            body += chunk
            if len(body) > MAX_BYTES:
                raise NotASlip("too large")
    if stop.remaining() <= 0:
        raise SlipTimeout("took too long")
    return bytes(body)


@contextmanager
def _cut_off(connection: socket.socket, seconds: float) -> Iterator[None]:
    """End whatever waits on the connection when the time is over.

    A socket's own time-out starts anew with each byte, so a server that drips its headers would hold the
    thread for hours.
    """

    def cut() -> None:
        with suppress(OSError):
            # Not the TLS socket's own method, which changes what the reading thread is using.
            socket.socket.shutdown(connection, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _checked(content: bytes) -> bytes:
    if not content.startswith(_PDF_BEGINS):
        raise NotASlip("not a PDF")
    if _PDF_ENDS not in content[-_END_WITHIN:]:
        raise NotASlip("a PDF without its end")
    return content


def _parts(link: str) -> SplitResult:
    """The link as it is asked for; blank when unreadable."""
    try:
        return urlsplit(requests.utils.requote_uri(link))
    except ValueError:
        return urlsplit("")


def _origin(parts: SplitResult) -> str:
    """`scheme://host[:port]` in lower case, with a user name if there is one."""
    return f"{parts.scheme}://{parts.netloc}".lower()


def _joined(link: str, location: str) -> str:
    try:
        return urljoin(link, location)
    except ValueError:
        raise SlipForbidden("redirected to an unreadable address") from None


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback


def _is_public(address: str) -> bool:
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address) and (found.sixtofour or found.teredo):
        # An IPv4 address, maybe a private one, inside an IPv6 address; other ways to do that are reserved.
        return False
    if found.is_multicast or found.is_reserved or any(found in network for network in _SPECIAL):
        return False
    return found.is_global
