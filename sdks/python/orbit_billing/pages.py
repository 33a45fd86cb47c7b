"""Lists, page after page: `for t in pages(client.billing.list_transactions, limit=100): …`"""

from typing import Any, Callable, Dict, Iterator, List, Optional

from .answer import wrap
from .errors import OrbitError


def pages(operation: Callable[..., Any], **parameters: Any) -> Iterator[Any]:
    """Every item of a list, as it is asked for."""
    following: Optional[Dict[str, Any]] = {}
    while following is not None:
        answer = operation(**{**parameters, **following}).to_dict()
        yield from _items_of(answer["data"])
        coming = _next_of(answer)
        # Better an error than a list that ends early, or never.
        if coming is not None and coming == following:
            raise OrbitError("The list has more, but its cursor does not lead on.")
        following = coming


def _items_of(data: Any) -> List[Any]:
    if isinstance(data, list):
        return [wrap(item) for item in data]
    lists = [value for value in (data or {}).values() if isinstance(value, list)]
    return [wrap(item) for item in lists[0]] if lists else []


def _next_of(answer: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    data = answer["data"]
    beside = data if isinstance(data, dict) else {}
    place = answer.get("meta", {}).get("pagination") or beside
    if not place.get("has_more"):
        return None
    if isinstance(place.get("cursor"), str):
        return {"cursor": place["cursor"]}
    following = beside.get("next_cursor")
    if isinstance(following, str):
        return {"cursor": following}
    return dict(following) if isinstance(following, dict) else {}
