"""What the API says no with."""

from typing import Any, Optional


class OrbitApiError(Exception):
    """`code` is precise, `type` coarse; `param` names the field at fault; quote `request_id` when you ask."""

    def __init__(self, message: str, status: int, body: Any, request_id: Optional[str]) -> None:
        super().__init__(message)
        error = body.get("error") if isinstance(body, dict) else None
        error = error if isinstance(error, dict) else {}
        self.message = message
        self.status = status
        self.code = error.get("code", "unknown")
        self.type = error.get("type", "unknown")
        self.param = error.get("param")
        self.details = error.get("details") or {}
        self.request_id = request_id


class InvalidRequestError(OrbitApiError):
    """400, 413, 415, 422: the request is wrong."""


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


class ConnectionFailed(Exception):
    """No answer came: the network failed, or the time was up."""


_BY_STATUS = {
    400: InvalidRequestError,
    401: AuthenticationError,
    402: PaymentRequiredError,
    403: AuthenticationError,
    404: NotFoundError,
    409: ConflictError,
    413: InvalidRequestError,
    415: InvalidRequestError,
    422: InvalidRequestError,
    429: RateLimitError,
}


def error_of(status: int, body: Any, request_id: Optional[str]) -> OrbitApiError:
    """The error of an answer, by its status and body."""
    error = body.get("error") if isinstance(body, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    meta = body.get("meta") if isinstance(body, dict) else None
    told = meta.get("request_id") if isinstance(meta, dict) else None
    fallback = ServerError if status >= 500 else OrbitApiError
    error_class = _BY_STATUS.get(status, fallback)
    return error_class(
        message or f"The API answered with status {status}.", status, body, told or request_id
    )
