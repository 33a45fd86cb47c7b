"""Client of the Orbit Billing API. No dependencies; Python 3.9 or later."""

from .client import OrbitClient
from .errors import (
    AuthenticationError,
    ConflictError,
    ConnectionFailed,
    InvalidRequestError,
    NotFoundError,
    OrbitApiError,
    PaymentRequiredError,
    RateLimitError,
    ServerError,
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
    "PaymentRequiredError",
    "RateLimitError",
    "ServerError",
    "pages",
]
