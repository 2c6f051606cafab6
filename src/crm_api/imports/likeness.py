"""Who in one file repeats whom: the rules of section L between the rows, before any is on record."""

from collections.abc import Sequence
from uuid import UUID

from crm_api.imports.rows import Alike
from crm_api.kit.matching import PROBABLE_FROM, Facts, match

MOST_COMPARED = 20
"""Rows looked at that share one key: a telephone that more rows share says nothing."""


class Seen:
    """The rows of the file so far, by what they could be found by."""

    def __init__(self) -> None:
        self._by_key: dict[str, list[tuple[int, UUID, Facts]]] = {}
        self.written: set[UUID] = set()
        """Those that are on record by now; a rehearsal writes none."""

    def like(self, type: str, at: int, facts: Facts, keys: Sequence[str]) -> list[Alike]:
        """Other rows so far that are probably about the same one as row `at`, most alike first."""
        found: dict[int, Alike] = {}
        for key in keys:
            for number, id, other in self._by_key.get(key, ()):
                if number == at or number in found:
                    continue
                alike = match(facts, other)
                if alike.score >= PROBABLE_FROM:
                    reasons = tuple(str(reason) for reason in alike.reasons)
                    found[number] = Alike(type, id, number, alike.score, reasons)
        return sorted(found.values(), key=lambda one: (-one.score, one.number))

    def add(self, number: int, id: UUID, facts: Facts, keys: Sequence[str]) -> None:
        for key in keys:
            rows = self._by_key.setdefault(key, [])
            if len(rows) < MOST_COMPARED:
                rows.append((number, id, facts))
