"""Answers as objects: `usage.data.messages.sms.sent`, `checkout.data.checkout_url`."""

import re
from typing import Any, Dict, Iterator

_HUMP = re.compile(r"(?<!^)(?=[A-Z])")


def snake(name: str) -> str:
    """`checkoutUrl` as Python writes it."""
    return _HUMP.sub("_", name).lower()


class Answer:
    """A JSON object: by attribute in snake_case, by key as the API wrote it."""

    def __init__(self, fields: Dict[str, Any]) -> None:
        self._fields = fields
        self._names = {snake(name): name for name in fields}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._names:
            raise AttributeError(f"the answer has no {name}; it has {', '.join(self._names)}")
        return wrap(self._fields[self._names[name]])

    def __getitem__(self, name: str) -> Any:
        return wrap(self._fields[name])

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Answer):
            return self._fields == other._fields
        return bool(self._fields == other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Answer({self._fields!r})"

    def to_dict(self) -> Dict[str, Any]:
        """The JSON object as it came."""
        return self._fields


def wrap(value: Any) -> Any:
    """Objects become answers, also inside of lists."""
    if isinstance(value, dict):
        return Answer(value)
    if isinstance(value, list):
        return [wrap(item) for item in value]
    return value
