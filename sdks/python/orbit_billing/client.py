"""`OrbitClient(api_key=…).billing.get_usage()`"""

import json
import os
import random
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import Any, Callable, Dict, Optional, Tuple

from .answer import wrap
from .errors import ConnectionFailed, error_of
from .operations import OPERATIONS, Operation

_TIMEOUT_SECONDS = 30.0
_RETRIES_MAX = 3
_FIRST_WAIT_SECONDS = 0.25
_WAIT_SECONDS_MAX = 8.0
# Answers that say nothing was decided, or that the same ids may be sent again.
_REPEATABLE = {429, 502, 503, 504}


class OrbitClient:
    """The Orbit Billing API for one organization.

    `base_url`: where it runs; else the environment's ORBIT_BASE_URL, else http://localhost:3000.
    """

    def __init__(
        self,
        api_key: Optional[str] = None,
        base_url: Optional[str] = None,
        timeout_seconds: float = _TIMEOUT_SECONDS,
        retries_max: int = _RETRIES_MAX,
    ) -> None:
        key = api_key or os.environ.get("ORBIT_API_KEY")
        if not key:
            raise ValueError("api_key is missing: OrbitClient(api_key='dv_live_sk_…')")
        url = base_url or os.environ.get("ORBIT_BASE_URL") or "http://localhost:3000"
        self._key = key
        self._base_url = url.rstrip("/")
        self._timeout_seconds = timeout_seconds
        self._retries_max = retries_max
        self.billing = Billing(self._call)

    def _call(self, operation: Operation, parameters: Dict[str, Any], key: Optional[str]) -> Any:
        url, body = self._request_of(operation, dict(parameters))
        headers = {"X-API-Key": self._key, "Accept": "*/*"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        # Made once, so that a repeat of the request is a repeat for the server as well.
        if key is None and operation.takes_key:
            key = str(uuid.uuid4())
        if key is not None:
            headers["Idempotency-Key"] = key
        attempt = 0
        while True:
            is_last = attempt >= self._retries_max
            request = urllib.request.Request(url, data=body, headers=headers, method=operation.method)
            retry_after = None
            try:
                with urllib.request.urlopen(request, timeout=self._timeout_seconds) as response:
                    content = response.read()
                    return content if operation.is_bytes else wrap(json.loads(content))
            except urllib.error.HTTPError as answer:
                if is_last or answer.code not in _REPEATABLE:
                    raise self._error_of(answer) from None
                retry_after = answer.headers.get("Retry-After")
            except (urllib.error.URLError, OSError) as error:
                if is_last:
                    raise ConnectionFailed(f"{self._base_url} cannot be reached: {error}") from error
            time.sleep(_wait_seconds(attempt, retry_after))
            attempt += 1

    def _request_of(
        self, operation: Operation, rest: Dict[str, Any]
    ) -> Tuple[str, Optional[bytes]]:
        path = operation.path
        for name in operation.path_names:
            value = rest.pop(name, None)
            if not isinstance(value, str) or value == "":
                raise TypeError(f"{name} is missing")
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

    @staticmethod
    def _error_of(answer: urllib.error.HTTPError) -> Exception:
        try:
            body = json.loads(answer.read())
        except ValueError:
            # A proxy between us answers in its own words; the status says enough.
            body = None
        return error_of(answer.code, body, answer.headers.get("X-Request-Id"))


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

    def __dir__(self) -> list:
        return sorted(OPERATIONS)


def _wait_seconds(attempt: int, retry_after: Optional[str]) -> float:
    """What the server asks for, else doubling with jitter, so that clients do not come back at once."""
    if retry_after is not None and retry_after.replace(".", "", 1).isdigit():
        return min(float(retry_after), _WAIT_SECONDS_MAX)
    return min(_FIRST_WAIT_SECONDS * 2**attempt, _WAIT_SECONDS_MAX) * (0.5 + random.random() / 2)
