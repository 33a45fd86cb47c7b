"""One request and its whole answer, within a time, and nowhere but where it was meant to go."""

import gzip
import http.client
import socket
import threading
import urllib.error
import urllib.parse
import urllib.request
import zlib
from email.message import Message
from typing import Any, Dict, List, NamedTuple, NoReturn, Optional

from .errors import ConnectionFailed, RedirectError, UnexpectedAnswerError

_REDIRECTS_MAX = 5
_REDIRECTS = {301, 302, 303, 307, 308}
# These keep method and body; after the others a client asks for another thing than it meant.
_KEEPING = {307, 308}


class Sent(NamedTuple):
    url: str
    method: str
    headers: Dict[str, str]
    body: Optional[bytes]


class WholeAnswer(NamedTuple):
    origin: str
    status: int
    headers: Message
    content: bytes

    @property
    def request_id(self) -> Optional[str]:
        return self.headers.get("X-Request-Id")

    @property
    def is_framed(self) -> bool:
        """Without a length an answer ends where the connection does: a cut one looks whole."""
        return "Content-Length" in self.headers or "Transfer-Encoding" in self.headers

    @property
    def content_type(self) -> Optional[str]:
        return self.headers.get("Content-Type")


def exchange(sent: Sent, timeout_seconds: float) -> WholeAnswer:
    """Raises ConnectionFailed when no whole answer came in time, RedirectError when it is elsewhere."""
    origin = origin_of(sent.url)
    deadline = _Deadline(timeout_seconds)
    opener = urllib.request.build_opener(_AsItIs(), _Http(deadline), _Https(deadline))
    url = sent.url
    try:
        for _ in range(_REDIRECTS_MAX + 1):
            request = urllib.request.Request(
                url, data=sent.body, headers=sent.headers, method=sent.method
            )
            with opener.open(request, timeout=timeout_seconds) as response:
                if response.status not in _REDIRECTS:
                    answer = _whole(origin, response)
                    # What the deadline broke off may look whole, when it has no length.
                    if deadline.is_over:
                        raise OSError("broken off")
                    return answer
                status, location = response.status, response.headers.get("Location")
            url = _next_address(url, sent.method, status, location)
        raise RedirectError(f"{origin} redirects ({status}) again and again.", status, _shown(url))
    except (http.client.HTTPException, OSError, EOFError, zlib.error, ValueError) as error:
        # ValueError: a status line or a length that is none.
        if deadline.is_over:
            why = "did not answer in time"
        elif isinstance(error, urllib.error.URLError):
            why = f"cannot be reached: {error.reason}"
        else:
            why = f"broke its answer off: {error!r}"
        raise ConnectionFailed(f"Orbit Billing at {origin} {why}") from error
    finally:
        deadline.end()


def origin_of(url: str) -> str:
    """Scheme, host and port, the port always told."""
    parts = urllib.parse.urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    host = (parts.hostname or "").lower()
    return f"{parts.scheme.lower()}://{f'[{host}]' if ':' in host else host}:{port}"


def unexpected(answer: WholeAnswer, expected: str) -> NoReturn:
    came = answer.content_type or "a body without a content type"
    if not answer.content:
        came = "an empty body"
    raise UnexpectedAnswerError(
        f"{answer.origin} answered {answer.status} with {came}, where Orbit Billing answers {expected}. "
        "Look at what lies between, such as a proxy or a sign-in page, and at base_url.",
        answer.status,
        answer.content_type,
        answer.request_id,
    )


def _whole(origin: str, response: Any) -> WholeAnswer:
    content = response.read()
    answer = WholeAnswer(origin, response.status, response.headers, content)
    encoding = (response.headers.get("Content-Encoding") or "identity").strip().lower()
    # Nobody asked for it, and some proxies pack all the same.
    if encoding in ("gzip", "x-gzip"):
        answer = answer._replace(content=gzip.decompress(content))
    elif encoding == "deflate":
        answer = answer._replace(content=zlib.decompress(content))
    elif encoding != "identity":
        unexpected(answer, "without packing")
    if 300 <= answer.status < 400:
        unexpected(answer, "with success or an error")
    return answer


def _next_address(url: str, method: str, status: int, location: Optional[str]) -> str:
    """Where it goes on: within its origin alone, so that no key and no body reach another server."""
    here = f"Orbit Billing at {origin_of(url)} redirects ({status})"
    try:
        following = urllib.parse.urljoin(url, location or "")
        parts = urllib.parse.urlsplit(following)
        shown, origin = _shown(following), origin_of(following)
    except ValueError:
        location = None
    if not location:
        raise RedirectError(f"{here} without an address that can be read.", status, None)
    if origin != origin_of(url):
        raise RedirectError(
            f"{here} to {shown}, which is another origin. The key was not sent there; "
            "if that is where Orbit Billing runs, give it as base_url.",
            status,
            shown,
        )
    if parts.username is not None or parts.password is not None:
        raise RedirectError(f"{here} to {shown} with a user and password.", status, shown)
    if method != "GET" and status not in _KEEPING:
        raise RedirectError(
            f"{here} to {shown}, which would turn the {method} into a GET. It may not have been carried out.",
            status,
            shown,
        )
    return parts._replace(fragment="").geturl().replace(" ", "%20")


def _shown(url: str) -> str:
    """What a log may hold: user, query and fragment may be secrets, and `data:` may be anything."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme}:"
    port = "" if parts.port is None else f":{parts.port}"
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{parts.path}"


class _AsItIs(urllib.request.HTTPErrorProcessor):
    """Hands every answer on: urllib would follow redirects, key included, and turn a POST into a GET."""

    def http_response(self, request: Any, response: Any) -> Any:
        return response

    https_response = http_response


class _Deadline:
    """A time-out of sockets starts anew with each byte. This one ends the whole exchange."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._sockets: List[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def watch(self, connected: socket.socket) -> None:
        with self._lock:
            self._sockets.append(connected)
        if self.is_over:
            self._expire()

    def end(self) -> None:
        self._timer.cancel()

    def _expire(self) -> None:
        with self._lock:
            self.is_over = True
            for connected in self._sockets:
                try:
                    # Of the plain socket: TLS would wait for the other side's farewell.
                    socket.socket.shutdown(connected, socket.SHUT_RDWR)
                except OSError:
                    pass  # It is closed already.


class _Http(urllib.request.HTTPHandler):
    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()

        class Connection(http.client.HTTPConnection):
            def connect(self) -> None:
                super().connect()
                deadline.watch(self.sock)

        self._connection = Connection

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()

        class Connection(http.client.HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                deadline.watch(self.sock)

        self._connection = Connection

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, req)
