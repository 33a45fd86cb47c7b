"""Client of the Orbit Billing API. No dependencies; Python 3.9 or later."""

from .client import OrbitClient
from .errors import (
    AuthenticationError,
    ConflictError,
    ConnectionFailed,
    InvalidRequestError,
    NotFoundError,
    OrbitApiError,
    OrbitError,
    PaymentRequiredError,
    RateLimitError,
    RedirectError,
    ServerError,
    UnexpectedAnswerError,
)
from .pages import pages

__all__ = [
    "AuthenticationError",
    "ConflictError",
    "ConnectionFailed",
    "InvalidRequestError",
    "NotFoundError",
    "OrbitApiError",
    "OrbitClient",
    "OrbitError",
    "PaymentRequiredError",
    "RateLimitError",
    "RedirectError",
    "ServerError",
    "UnexpectedAnswerError",
    "pages",
]
