"""What of a row differs from what is on record: a list that says the same again changes nothing."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from crm_api.kit.money import Money

Body = dict[str, Any]
_POINT = frozenset({"kind", "value", "is_primary"})
"""Of a telephone or an e-mail address, what a patch may say."""
_MOMENT = 19
"""Letters of a day and a time: 2026-11-23T09:00:00."""


class Differing:
    """`was`: the row on record as JSON, column by column."""

    def __init__(self, schema: type[BaseModel], was: Mapping[str, Any], match_on: str | None) -> None:
        self.schema, self.was, self.match_on = schema, was, match_on

    def of(self, body: Body, validate: Callable[[Body], BaseModel | None]) -> BaseModel | None:
        """The patch of what differs, read as a single change is; None when nothing does, or it is refused.

        Lists gain what they lack, and a name from outside stays as it is.
        """
        wanted = {
            name: joined
            for name, value in body.items()
            if name in self.schema.model_fields and name not in ("external_ids", self.match_on)
            if (joined := _joined(self.was.get(name), value)) != self.was.get(name)
        }
        whole = validate(wanted)
        if whole is None:
            return None
        written = to_jsonable_python(whole.model_dump(exclude_unset=True))
        differing = {name: value for name, value in wanted.items() if not self._says(name, written[name])}
        return validate(differing) if differing else None

    def _says(self, name: str, value: Any) -> bool:
        return _same(self.was.get(name), value)


def _same(kept: Any, given: Any) -> bool:
    """Money is kept in centimes, moments with another zone mark; of an object the parts given count."""
    if isinstance(given, dict) and isinstance(kept, int):
        return "currency" in given and Money.model_validate(given).centimes == kept
    if isinstance(given, dict) and isinstance(kept, dict):
        return all(_same(kept.get(name), part) for name, part in given.items() if part is not None)
    if isinstance(given, str) and isinstance(kept, str) and len(given) >= _MOMENT:
        return given == kept or _moment(given) == _moment(kept) is not None
    return bool(kept == given)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _joined(kept: Any, given: Any) -> Any:
    if not isinstance(given, list) or not isinstance(kept, list):
        return given
    if not any(isinstance(entry, dict) for entry in [*given, *kept]):
        return list(dict.fromkeys([*kept, *given]))
    if not any("value" in entry for entry in given):  # addresses: the main one is replaced
        main = [{**old, **new} for old, new in zip(kept, given, strict=False)]
        return [*main, *given[len(kept) :], *kept[len(given) :]]
    known = {entry["value"] for entry in given}
    main, *more = given
    whole = [{**main, "is_primary": True}, *more]
    whole += [{**entry, "is_primary": False} for entry in kept if entry["value"] not in known]
    if [entry["value"] for entry in whole] == [entry["value"] for entry in kept]:
        return kept
    return [{name: part for name, part in entry.items() if name in _POINT} for entry in whole]
