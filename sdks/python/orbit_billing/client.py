"""`OrbitClient(api_key=…).billing.get_usage()`"""

import json
import os
import re
import time
import urllib.parse
import uuid
from typing import Any, Callable, Dict, List, Optional, Tuple

from .answer import wrap
from .errors import ConnectionFailed, OrbitApiError, error_of
from .exchange import Sent, WholeAnswer, exchange, unexpected
from .operations import OPERATIONS, Operation
from .repeats import may_be_repeated, retry_after_seconds, wait_seconds

_TIMEOUT_SECONDS = 30.0
_RETRIES_MAX = 3
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_JSON_TYPE = re.compile(r"application/([\w.-]+\+)?json\b", re.IGNORECASE)


class OrbitClient:
    """The Orbit Billing API for one organization.

    `base_url`: where it runs; else the environment's ORBIT_BASE_URL, else http://localhost:3000.
    `timeout_seconds`: of one try, from the connection to the last byte of the answer.
    """

    def __init__(
        self,
        api_key: Optional[str] = None,
        base_url: Optional[str] = None,
        timeout_seconds: float = _TIMEOUT_SECONDS,
        retries_max: int = _RETRIES_MAX,
    ) -> None:
        self._key = _read_key(api_key or os.environ.get("ORBIT_API_KEY"))
        self._base_url = _read_base_url(base_url or os.environ.get("ORBIT_BASE_URL"))
        self._timeout_seconds = timeout_seconds
        self._retries_max = retries_max
        self.billing = Billing(self._call)

    def _call(self, operation: Operation, parameters: Dict[str, Any], key: Optional[str]) -> Any:
        sent = self._sent(operation, parameters, key)
        attempt = 0
        while True:
            asked_seconds = None
            try:
                answer = exchange(sent, self._timeout_seconds)
                if not 200 <= answer.status < 300:
                    raise _failure_of(answer)
                return _success_of(answer, operation.is_bytes)
            except OrbitApiError as error:
                if attempt >= self._retries_max or not may_be_repeated(error):
                    raise
                asked_seconds = error.retry_after_seconds
            except ConnectionFailed:
                if attempt >= self._retries_max:
                    raise
            time.sleep(wait_seconds(attempt, asked_seconds))
            attempt += 1

    def _sent(self, operation: Operation, parameters: Dict[str, Any], key: Optional[str]) -> Sent:
        """Made once per call, so that a repeat of the request is a repeat for the server as well."""
        url, body = self._request_of(operation, dict(parameters))
        headers = {"X-API-Key": self._key, "Accept": "*/*"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if key is None and operation.takes_key:
            key = str(uuid.uuid4())
        if key is not None:
            if not _VISIBLE.fullmatch(key):
                raise ValueError("idempotency_key takes visible ASCII characters")
            headers["Idempotency-Key"] = key
        return Sent(url, operation.method, headers, body)

    def _request_of(
        self, operation: Operation, rest: Dict[str, Any]
    ) -> Tuple[str, Optional[bytes]]:
        path = operation.path
        for name in operation.path_names:
            value = rest.pop(name, None)
            if not isinstance(value, str) or value == "":
                raise TypeError(f"{name} is missing")
            # An address drops such a part, or the one before it: another route would be asked.
            if value in (".", ".."):
                raise TypeError(f"{name} is no id")
            path = path.replace("{" + name + "}", urllib.parse.quote(value, safe=""))
        query = {}
        for name in operation.query_names:
            value = rest.pop(name, None)
            if value is not None:
                query[name] = str(value).lower() if isinstance(value, bool) else value
        url = self._base_url + path
        if query:
            url += "?" + urllib.parse.urlencode(query)
        if operation.method == "GET" or not rest:
            return url, None
        return url, json.dumps(rest).encode()


def _read_key(given: Optional[str]) -> str:
    """Checked here, because what a header refuses is quoted in http.client's error."""
    key = (given or "").strip()
    if not key:
        raise ValueError("api_key is missing: OrbitClient(api_key='dv_live_sk_…')")
    if not _VISIBLE.fullmatch(key):
        raise ValueError("api_key holds characters that no key has")
    return key


def _read_base_url(given: Optional[str]) -> str:
    text = (given or "").strip() or "http://localhost:3000"
    try:
        parts = urllib.parse.urlsplit(text)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or "@" in parts.netloc or not _VISIBLE.fullmatch(text):
        raise ValueError("base_url is no address such as https://billing.example.com")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def _failure_of(answer: WholeAnswer) -> OrbitApiError:
    asked = retry_after_seconds(answer.headers.get("Retry-After"), answer.headers.get("Date"))
    # A proxy between us answers in its own words; then the status says enough.
    return error_of(answer.status, _parse(answer.content), answer.request_id, asked)


def _success_of(answer: WholeAnswer, is_bytes: bool) -> Any:
    """The bytes of a PDF, or the object with `data`. Whatever else came with a success is no answer of the API."""
    kind = answer.content_type or ""
    # http.client takes headers that were cut for the whole head of an answer without a body.
    is_cut = not answer.content and answer.status != 204
    if is_bytes:
        if answer.content.startswith(b"%PDF-") and not kind.lower().startswith("text/html"):
            return answer.content
    else:
        body = _parse(answer.content)
        if isinstance(body, dict) and "data" in body:
            return wrap(body)
        is_cut = is_cut or (body is None and _JSON_TYPE.match(kind) is not None)
    if is_cut and not answer.is_framed:
        raise ConnectionFailed(f"The answer of Orbit Billing at {answer.origin} was cut.")
    unexpected(answer, "a PDF" if is_bytes else "JSON with data")


def _parse(content: bytes) -> Any:
    """None when it is no JSON."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


# Fields of the API that are not written in snake_case.
_CAMEL = {
    "price_id": "priceId",
    "success_url": "successUrl",
    "cancel_url": "cancelUrl",
    "return_url": "returnUrl",
}


class Billing:
    """Every operation of the billing API, such as `get_usage()` and `create_checkout(price_id=…)`."""

    def __init__(self, call: Callable[[Operation, Dict[str, Any], Optional[str]], Any]) -> None:
        self._call = call

    def __getattr__(self, name: str) -> Callable[..., Any]:
        operation = OPERATIONS.get(name)
        if operation is None:
            raise AttributeError(f"there is no operation {name}; see orbit_billing.operations")

        def run(idempotency_key: Optional[str] = None, **parameters: Any) -> Any:
            sent = {
                _CAMEL.get(field, field): value
                for field, value in parameters.items()
                if value is not None
            }
            return self._call(operation, sent, idempotency_key)

        run.__name__ = name
        run.__doc__ = f"{operation.summary}: {operation.method} {operation.path}"
        return run

    def __dir__(self) -> List[str]:
        return sorted(OPERATIONS)
