"""Lists, page after page: `for t in pages(client.billing.list_transactions, limit=100): …`"""

from typing import Any, Callable, Dict, Iterator, Optional


def pages(operation: Callable[..., Any], **parameters: Any) -> Iterator[Any]:
    """Every item of a list, as it is asked for."""
    following: Optional[Dict[str, Any]] = {}
    while following is not None:
        answer = operation(**parameters, **following).to_dict()
        yield from _items_of(answer["data"])
        following = _next_of(answer)


def _items_of(data: Any) -> list:
    from .answer import wrap

    if isinstance(data, list):
        return wrap(data)
    lists = [value for value in data.values() if isinstance(value, list)]
    return wrap(lists[0]) if lists else []


def _next_of(answer: dict) -> Optional[Dict[str, Any]]:
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
    return dict(following) if isinstance(following, dict) else None
