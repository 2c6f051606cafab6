"""Sentences that hold for every resource alike, so that no domain writes them again."""

import re

_MEANINGS = {
    "id": "Identifier (UUIDv7), given by the server.",
    "organization_id": "The organization that owns this.",
    "version": "Rises by one with every change; the same number as in the ETag.",
    "created_at": "When it was recorded.",
    "updated_at": "When it was last changed.",
    "deleted_at": "When it was put in the bin; null while it is in use.",
    "created_by": "Who recorded it.",
    "updated_by": "Who changed it last.",
    "external_id": "The identifier that the source system gave it.",
    "source": "The system it came from.",
    "data": "The elements of this page.",
    "next_cursor": "Pass it back as `cursor` for the next page; null on the last one.",
    "has_more": "Whether another page follows.",
    "total": "How many there are in all; only with `include=total`, else null.",
    "cursor": "Opaque: `next_cursor` of the previous page, with the same filters and sort.",
    "limit": "How many elements at most.",
    "sort": "The order; a leading `-` turns it round.",
    "include": "What to add to the answer.",
    "fields": "The only fields wanted in the answer.",
    "q": "Words to look for; accents and capitals do not matter.",
}
_RANGES = {
    "gte": "at or after",
    "gt": "after",
    "lte": "at or before",
    "lt": "before",
    "from": "at or after",
    "to": "before",
}


def meaning(name: str) -> str | None:
    """What a field or parameter of that name means everywhere, or None: then its schema must say it."""
    if name in _MEANINGS:
        return _MEANINGS[name]
    if found := re.fullmatch(r"(\w+)_(gte|gt|lte|lt)", name):
        return f"Only those whose `{found[1]}` is {_RANGES[found[2]]} this."
    if found := re.fullmatch(r"(\w+)_null", name):
        return f"Only those whose `{found[1]}` is empty (true) or filled in (false)."
    if found := re.fullmatch(r"(\w+)_prefix", name):
        return f"Only those whose `{found[1]}` begins so; accents and capitals do not matter."
    if found := re.fullmatch(r"(\w+)_id", name):
        return f"Identifier of the {_spaced(found[1])}."
    return None


_PURPOSES = {
    "list": "One page of those you may see, by keyset: pass `next_cursor` back as `cursor`. Filters add up.",
    "get": "The whole resource, with its ETag.",
    "create": "Records it and answers the whole resource, with its ETag and address.",
    "update": "Changes only what is sent (RFC 7396): null clears, what is left out stays as it is.",
    "delete": "Puts it in the bin, out of every list; it can be restored for 30 days.",
    "restore": "Takes it out of the bin.",
    "count": "How many there are under the same filters as the list.",
    "search": "Like the list, with conditions in two levels: all of them, each one of several.",
    "batch": "Up to 100 operations in one request; each has its own result.",
}


def purpose(operation_id: str) -> str | None:
    """The description of an operation whose verb says everything."""
    verb = re.match(r"[a-z]+", operation_id)
    return _PURPOSES.get(verb[0]) if verb else None


def headline(operation_id: str) -> str:
    """`convertLead` is "Convert lead"."""
    return _spaced(re.sub(r"([A-Z])", r"_\1", operation_id)).capitalize()


def _spaced(name: str) -> str:
    return name.replace("_", " ").lower()
