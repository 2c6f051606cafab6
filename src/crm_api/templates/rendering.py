"""A template as it is kept ready to be sent, and one message of it."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from crm_api.templates.fields import Value
from crm_api.templates.merging import Text

MOST_KEPT = 256


@dataclass(frozen=True, slots=True)
class Compiled:
    """Its texts, read; a thousand messages a second are made of one."""

    id: UUID
    channel: str
    language: str
    subject: Text | None
    html: Text | None
    text: Text

    @property
    def variables(self) -> tuple[str, ...]:
        """The fields that it names."""
        texts = [one for one in (self.subject, self.html, self.text) if one is not None]
        return tuple(dict.fromkeys(name for one in texts for name in one.variables))


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message."""

    subject: str
    html: str | None
    text: str
    missing: tuple[str, ...]
    """Fields that the template names and for which nothing was given: left empty."""


def render(compiled: Compiled, fields: Mapping[str, Value]) -> Rendered:
    """Values by the codes of the catalogue. What a value holds is text: escaped in HTML, one line in the
    subject, never read as a template. Raises TooMuch."""
    subject = compiled.subject.fill(fields) if compiled.subject else ""
    return Rendered(
        subject=" ".join("".join(sign if sign.isprintable() else " " for sign in subject).split()),
        html=compiled.html.fill(fields) if compiled.html else None,
        text=compiled.text.fill(fields),
        missing=tuple(name for name in compiled.variables if not fields.get(name)),
    )


class Shelf:
    """The templates of this process that cannot change any more, the least used thrown away first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[UUID, UUID], Compiled] = OrderedDict()

    def take(self, organization_id: UUID, id: UUID) -> Compiled | None:
        found = self._kept.get((organization_id, id))
        if found is not None:
            self._kept.move_to_end((organization_id, id))
        return found

    def put(self, organization_id: UUID, compiled: Compiled) -> None:
        self._kept[organization_id, compiled.id] = compiled
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)


SHELF = Shelf()
