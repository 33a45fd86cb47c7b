"""When a request is sent again, and after how long."""

import random
import re
import time
from email.utils import parsedate_to_datetime
from typing import Optional

from .error_catalogue import ERROR_CATALOGUE
from .errors import OrbitApiError

_FIRST_WAIT_SECONDS = 0.25
_WAIT_SECONDS_MAX = 8.0
# Who asks for more is asked again at our own pace: no call stands still for an hour.
_RETRY_AFTER_SECONDS_MAX = 60.0
# Answers without a code of ours: nothing was decided, or the same ids may be sent again.
_REPEATABLE_STATUSES = {408, 429, 502, 503, 504}
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")


def may_be_repeated(error: OrbitApiError) -> bool:
    """Whether the same request may be sent again, as the catalogue says of its code."""
    known = ERROR_CATALOGUE.get(error.code)
    return error.status in _REPEATABLE_STATUSES if known is None else known[1]


def retry_after_seconds(value: Optional[str], server_date: Optional[str]) -> Optional[float]:
    """`Retry-After` in seconds or as a date, which counts from the server's own `Date`: our clock may be wrong."""
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    until = _instant(text)
    if until is None:
        return None
    now = _instant(server_date)
    return max(0.0, until - (time.time() if now is None else now))


def wait_seconds(attempt: int, asked_seconds: Optional[float]) -> float:
    """What the server asks for, else doubling with jitter, so that clients do not come back at once."""
    if asked_seconds is not None and asked_seconds <= _RETRY_AFTER_SECONDS_MAX:
        return asked_seconds
    return min(_FIRST_WAIT_SECONDS * 2.0**attempt, _WAIT_SECONDS_MAX) * (0.5 + random.random() / 2)


def _instant(text: Optional[str]) -> Optional[float]:
    if not text or not text.endswith("GMT"):
        return None
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
