"""Everything that this client raises once a request is on its way: `OrbitError` is the base of all."""

from typing import Any, Dict, Optional, Type


class OrbitError(Exception):
    """What went wrong with a request."""


class OrbitApiError(OrbitError):
    """What the API says no with.

    `code` is precise, `type` coarse; `param` names the field at fault; quote `request_id` when you ask.
    `retry_after_seconds`: after how long the server wants to be asked again, when it says so.
    """

    def __init__(
        self,
        message: str,
        status: int,
        body: Any,
        request_id: Optional[str],
        retry_after_seconds: Optional[float] = None,
    ) -> None:
        super().__init__(message)
        error = _object_in(body, "error")
        self.message = message
        self.status = status
        self.code: str = _text_in(error, "code") or "unknown"
        self.type: str = _text_in(error, "type") or "unknown"
        self.param = _text_in(error, "param")
        self.details = _object_in(error, "details")
        self.request_id = request_id
        self.retry_after_seconds = retry_after_seconds


class InvalidRequestError(OrbitApiError):
    """400, 405, 408, 413, 415, 422, 431: the request is wrong."""


class AuthenticationError(OrbitApiError):
    """401, 403: the key is missing, unknown, revoked, or not allowed to do this."""


class PaymentRequiredError(OrbitApiError):
    """402: the wallet or the payment method does not cover it."""


class NotFoundError(OrbitApiError):
    """404: there is no such object in the organization of the key."""


class ConflictError(OrbitApiError):
    """409: the id or key stands for something else, or the object is in another state."""


class RateLimitError(OrbitApiError):
    """429: too many requests; the client has waited and tried again already."""


class ServerError(OrbitApiError):
    """5xx: the other side failed; the client has tried again already, with the same ids."""


class ConnectionFailed(OrbitError):
    """No whole answer came: the network failed, the answer was cut, or the time was up. It may have been carried out."""


class RedirectError(OrbitError):
    """The answer points elsewhere, and the key goes nowhere but to `base_url`. Nothing was sent to `location`."""

    def __init__(self, message: str, status: int, location: Optional[str]) -> None:
        super().__init__(message)
        self.status = status
        # Without user, query and fragment; None when it cannot be read.
        self.location = location


class UnexpectedAnswerError(OrbitError):
    """A success that is no answer of the API: the page of a proxy or a sign-in, an empty body, broken JSON."""

    def __init__(
        self, message: str, status: int, content_type: Optional[str], request_id: Optional[str]
    ) -> None:
        super().__init__(message)
        self.status = status
        self.content_type = content_type
        self.request_id = request_id


_BY_TYPE: Dict[str, Type[OrbitApiError]] = {
    "invalid_request_error": InvalidRequestError,
    "authentication_error": AuthenticationError,
    "permission_error": AuthenticationError,
    "payment_required_error": PaymentRequiredError,
    "not_found_error": NotFoundError,
    "conflict_error": ConflictError,
    "rate_limit_error": RateLimitError,
    "unavailable_error": ServerError,
    "internal_error": ServerError,
}

# For answers of whoever stands between us, which know nothing of our types.
_BY_STATUS: Dict[int, Type[OrbitApiError]] = {
    401: AuthenticationError,
    402: PaymentRequiredError,
    403: AuthenticationError,
    404: NotFoundError,
    409: ConflictError,
    429: RateLimitError,
}


def error_of(
    status: int,
    body: Any,
    request_id: Optional[str],
    retry_after_seconds: Optional[float] = None,
) -> OrbitApiError:
    """The error of an answer, by its status and body."""
    error = _object_in(body, "error")
    fallback = _BY_STATUS.get(status, ServerError if status >= 500 else InvalidRequestError)
    error_class = _BY_TYPE.get(_text_in(error, "type") or "", fallback)
    return error_class(
        _text_in(error, "message") or f"The API answered with status {status}.",
        status,
        body,
        _text_in(_object_in(body, "meta"), "request_id") or request_id,
        retry_after_seconds,
    )


def _object_in(value: Any, name: str) -> Dict[str, Any]:
    inner = value.get(name) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}


def _text_in(value: Dict[str, Any], name: str) -> Optional[str]:
    text = value.get(name)
    return text if isinstance(text, str) else None
