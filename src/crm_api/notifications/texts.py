"""What a notification says: a sentence of `messages.json` (section `notifications`) and what fills it.

It is written in the language of each recipient when they are told.
"""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from crm_api.core import i18n
from crm_api.kit.clock import ALGIERS

Value = str | int | date | datetime


class Message:
    """`Message("lead_assigned", name="Karim BOUCHAREB")`: for `notify`, as its title or its body."""

    __slots__ = ("key", "values")

    def __init__(self, key: str, **values: Value) -> None:
        self.key, self.values = key, values

    def written(self, language: str, most: int, zone: ZoneInfo = ALGIERS) -> str:
        """In one line of at most `most` signs. Raises KeyError for a sentence or a value that is missing."""
        template = i18n.messages()["notifications"][self.key][language]
        values: Mapping[str, str] = {name: _shown(value, zone) for name, value in self.values.items()}
        line = " ".join(template.format_map(values).split())
        return line if len(line) <= most else line[: most - 1] + "…"


def _shown(value: Value, zone: ZoneInfo) -> str:
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return str(value)
