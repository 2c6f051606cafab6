"""Rows taken all together: read, compared and judged as a set, then written by one statement.

Whatever the rules of a single creation refuse is refused here before anything is written, so no savepoint
is needed; should somebody else write the same number meanwhile, the constraint refuses the whole part and
it is taken again. Changes of rows that exist go through the service of their domain, one by one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from anyio import to_thread
from pydantic import BaseModel

from crm_api.core.batch import alone
from crm_api.core.context import Context
from crm_api.core.external_ids import ExternalIdTaken, objects_named
from crm_api.core.progress import RunOutcome
from crm_api.core.repository import Repository
from crm_api.core.sealing import vault_of
from crm_api.imports.columns import Columns
from crm_api.imports.differing import Differing
from crm_api.imports.errors import AmbiguousMatch, NothingMatches, ProbableDuplicate, RowRepeated
from crm_api.imports.likeness import Seen
from crm_api.imports.models import ImportMode, OnDuplicate
from crm_api.imports.references import References
from crm_api.imports.repository import rows_as_json
from crm_api.imports.rows import Alike, Made, Options, Row, Verdict, refusals_of, validated
from crm_api.kit.errors import DomainError
from crm_api.kit.matching import PROBABLE_FROM, Facts
from crm_api.kit.schemas import Json

Body = dict[str, Any]


class Desk(Protocol):
    """Where things of one kind are taken in: what a domain offers for many of its objects at once."""

    entity: str
    columns: Columns
    create: type[BaseModel]
    patch: type[BaseModel]
    keys: Mapping[str, Any]
    """Column that may tell existing ones apart -> how its values are written on record."""

    def __init__(self, ctx: Context) -> None: ...
    @property
    def repository(self) -> Repository[Any, Any]: ...
    def completed(self, body: Body) -> Body:
        """The body of a creation, with what a file of this kind never says."""

    def facts(self, content: Any) -> Facts: ...
    def keys_of(self, facts: Facts) -> list[str]: ...
    def id_of(self, draft: Any) -> UUID: ...
    def agency_of(self, draft: Any) -> UUID | None: ...
    async def drafts(self, contents: Sequence[Any]) -> list[Any | DomainError]: ...
    async def alike(self, drafts: Sequence[Any], facts: Sequence[Facts]) -> list[list[Alike]]: ...
    async def write(self, drafts: Sequence[Any], alike: Sequence[Sequence[Alike]]) -> Sequence[UUID]:
        """The ids of what came along (households)."""

    async def find(self, key: str, values: Sequence[str]) -> Mapping[str, Sequence[UUID]]: ...
    async def update(self, id: UUID, patch: Any) -> Json[Any]: ...
    async def take_back(self, ids: Sequence[UUID]) -> Sequence[UUID]:
        """Those that could be: nobody had touched them."""

    async def take_back_companions(self, ids: Sequence[UUID]) -> None: ...
    async def put_back(self, id: UUID, version: int, before: Mapping[str, Any]) -> Json[Any]: ...


Judged = list[tuple[Row, Any, Any]]
"""Row, content and draft of those that no rule refuses."""


@dataclass(slots=True)
class Prepared:
    """Rows that were judged, and wait to be written."""

    rows: list[Row]
    judged: Judged
    alike: dict[int, list[Alike]]


class Taker(Protocol):
    """What takes the rows of one kind in."""

    async def prepare(self, rows: Sequence[Row]) -> Prepared: ...
    async def take(self, prepared: Prepared) -> tuple[list[Verdict], Made]: ...
    async def take_back(self, made: Made) -> list[UUID]:
        """The ids of those that stay: somebody touched them."""


class SetWise:
    def __init__(self, ctx: Context, desk: Desk, columns: Columns, options: Options, seen: Seen) -> None:
        self.ctx, self.desk, self.columns = ctx, desk, columns
        self.options, self.seen = options, seen
        self._verdicts: dict[int, Verdict] = {}

    async def prepare(self, rows: Sequence[Row]) -> Prepared:
        """All that writes nothing: names of others resolved, rules asked, likes looked for.

        New ones only: what a row changes is looked for where it is written.
        """
        await References(self.ctx, self.columns, self.options.locale).resolve(rows)
        judged: Judged = []
        alike: dict[int, list[Alike]] = {}
        if self.options.mode is ImportMode.CREATE:
            sound = [row for row in rows if not row.faults]
            await to_thread.run_sync(self._read_all, sound)
            judged = await self._judged(sound)
            alike = await self._compared(judged)
        return Prepared([*rows], judged, alike)

    async def take(self, prepared: Prepared) -> tuple[list[Verdict], Made]:
        """Writes what was prepared."""
        rows = prepared.rows
        judged, alike, updated = prepared.judged, prepared.alike, list[dict[str, Any]]()
        if self.options.mode is not ImportMode.CREATE:
            sound = [row for row in rows if not row.faults]
            known = await self._known(sound)
            fresh = [row for row in sound if row.number not in known and not row.faults]
            self._read_all(fresh)
            judged = await self._judged(fresh)
            alike = await self._compared(judged)
            updated = await self._update([row for row in sound if row.number in known], known)
        created, companions = await self._create(judged, alike)
        for row in rows:
            if row.faults:
                self._verdicts[row.number] = row.refused()
        return [self._verdicts[row.number] for row in rows], Made(created, companions, updated)

    async def take_back(self, made: Made) -> list[UUID]:
        gone = {*await self.desk.take_back(made.created)}
        kept = [id for id in made.created if id not in gone]
        await self.desk.take_back_companions(made.companions)
        for one in made.updated:
            back = partial(self.desk.put_back, UUID(one["id"]), one["version"], one["before"])
            if isinstance(await alone(self.ctx, back), DomainError):
                kept.append(UUID(one["id"]))
        return kept

    # --- who is known already

    async def _known(self, rows: Sequence[Row]) -> dict[int, UUID]:
        """Row -> what it changes. In mode `update` a row that matches nothing is refused."""
        key = self.options.match_on
        if self.options.mode is ImportMode.CREATE or key is None:
            return {}
        asked = {row.number: self._written(key, row) for row in rows if key in row.values}
        found = await self._find(key, [*{value for value in asked.values() if value}])
        known: dict[int, UUID] = {}
        taken: set[UUID] = set()
        for row in rows:
            ids = found.get(asked.get(row.number) or "", ())
            if len(ids) > 1:
                self._refuse(row, AmbiguousMatch(), key)
            elif ids and ids[0] in taken:
                self._refuse(row, RowRepeated(), key)
            elif ids:
                known[row.number] = ids[0]
                taken.add(ids[0])
            elif self.options.mode is ImportMode.UPDATE:
                self._refuse(row, NothingMatches(), key)
        return known

    def _written(self, key: str, row: Row) -> str | None:
        value = str(row.values[key])
        written: str | None = self.desk.keys[key](value) if key in self.desk.keys else value
        return written

    async def _find(self, key: str, values: Sequence[str]) -> Mapping[str, Sequence[UUID]]:
        if not values:
            return {}
        if key != "external_id":
            return await self.desk.find(key, values)
        system = self.options.external_system
        named = await objects_named(self.ctx, self.desk.entity, [(system, value) for value in values])
        seen = await self.desk.repository.seen([*named.values()])
        return {value: [id] for (_, value), id in named.items() if id in seen}

    # --- new ones

    async def _create(
        self, judged: Judged, alike: Mapping[int, list[Alike]]
    ) -> tuple[list[UUID], Sequence[UUID]]:
        if not judged:
            return [], ()
        kept = [one for one in judged if self._kept(one[0], alike[one[0].number])]
        drafts = [draft for _, _, draft in kept]
        ids = [self.desk.id_of(draft) for draft in drafts]
        there = self.seen.written.union(ids)
        recorded = [
            [one for one in alike[row.number] if one.number is None or one.id in there] for row, *_ in kept
        ]
        companions = await self.desk.write(drafts, recorded)
        for row, _, draft in kept:
            self._created(row, draft, alike[row.number])
        return ids, companions

    async def _judged(self, rows: Sequence[Row]) -> Judged:
        """Row, content and draft of those that no rule refuses."""
        read = [(row, row.content) for row in rows if row.content is not None]
        await self._refuse_taken_names(read)
        read = [(row, content) for row, content in read if not row.faults]
        drafts = await self.desk.drafts([content for _, content in read]) if read else []
        judged = []
        for (row, content), draft in zip(read, drafts, strict=True):
            if isinstance(draft, DomainError):
                row.faults += refusals_of(draft, self.columns, self.options.locale)
            else:
                judged.append((row, content, draft))
        return judged

    def _read_all(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if row.content is None and not row.faults:
                body = self.desk.completed(row.body(self.columns, self.options.external_system))
                row.content = validated(self.desk.create, row, body, self.columns, self.options.locale)

    async def _refuse_taken_names(self, read: Sequence[tuple[Row, Any]]) -> None:
        """An external id names one object of its kind."""
        named = [(row, one.system, one.value) for row, content in read for one in content.external_ids]
        taken = {*await objects_named(self.ctx, self.desk.entity, [(s, v) for _, s, v in named])}
        for row, system, value in named:
            if (system, value) in taken:
                self._refuse(row, ExternalIdTaken(), "external_id")
            taken.add((system, value))

    async def _compared(self, judged: Judged) -> dict[int, list[Alike]]:
        """Whom each row may repeat: in the file and on record, most alike first."""
        if not judged:
            return {}
        all_facts = [self.desk.facts(content) for _, content, _ in judged]
        recorded = await self.desk.alike([draft for *_, draft in judged], all_facts)
        compared = {}
        for (row, _, draft), facts, on_record in zip(judged, all_facts, recorded, strict=True):
            keys = self.desk.keys_of(facts)
            earlier = self.seen.like(self.desk.entity, row.number, facts, keys)
            self.seen.add(row.number, self.desk.id_of(draft), facts, keys)
            ids = {one.id for one in earlier}
            both = earlier + [one for one in on_record if one.id not in ids]
            compared[row.number] = sorted(both, key=lambda one: -one.score)
        return compared

    def _kept(self, row: Row, alike: Sequence[Alike]) -> bool:
        probable = [one for one in alike if one.score >= PROBABLE_FROM]
        if not probable or self.options.on_duplicate is OnDuplicate.CREATE:
            return True
        found = Verdict(row.number, RunOutcome.UNCHANGED, row.key(), duplicates=_in_sight(alike))
        found.object_id = probable[0].id if probable[0].in_sight else None
        found.faults = refusals_of(ProbableDuplicate(), self.columns, self.options.locale)
        self._verdicts[row.number] = found
        return False

    def _created(self, row: Row, draft: Any, alike: Sequence[Alike]) -> None:
        made = Verdict(row.number, RunOutcome.CREATED, row.key(), self.desk.id_of(draft))
        made.duplicates, made.agency_id = _in_sight(alike), self.desk.agency_of(draft)
        if alike and alike[0].score >= PROBABLE_FROM:
            made.faults = refusals_of(ProbableDuplicate(), self.columns, self.options.locale)
        self._verdicts[row.number] = made

    # --- known ones

    async def _update(self, rows: Sequence[Row], known: Mapping[int, UUID]) -> list[dict[str, Any]]:
        """One by one, each in a savepoint of its own: the service of the domain knows its rules."""
        before = await rows_as_json(self.ctx, self.desk.repository, [known[row.number] for row in rows])
        changed: list[dict[str, Any]] = []
        for row in rows:
            id = known[row.number]
            was = before[id]
            body = row.body(self.columns, self.options.external_system)
            differing = Differing(self.desk.patch, await self._in_clear(id, was), self.options.match_on)
            patch = differing.of(body, lambda body, row=row: self._patch(row, body))  # type: ignore[misc]
            if row.faults:
                continue
            verdict = Verdict(row.number, RunOutcome.UNCHANGED, row.key(), id)
            if patch is not None:
                done = await alone(self.ctx, lambda id=id, patch=patch: self.desk.update(id, patch))  # type: ignore[misc]
                if isinstance(done, DomainError):
                    row.faults += refusals_of(done, self.columns, self.options.locale)
                    continue
                verdict.outcome = RunOutcome.UPDATED
                changed.append({"id": str(id), "version": done.version, "before": was})
            self._verdicts[row.number] = verdict
        return changed

    def _patch(self, row: Row, body: Body) -> BaseModel | None:
        return validated(self.desk.patch, row, body, self.columns, self.options.locale)

    async def _in_clear(self, id: UUID, was: Mapping[str, Any]) -> Mapping[str, Any]:
        """The row, what it keeps sealed too: a list that says it again changes nothing."""
        if not was.get("sealed"):
            return was
        vault = await vault_of(self.ctx)
        blob = bytes.fromhex(was["sealed"].removeprefix("\\x"))
        kept = vault.open(blob, table=self.desk.repository.model.__tablename__, row_id=id)
        return {**was, **kept, "quick_data": kept}

    def _refuse(self, row: Row, error: DomainError, column: str) -> None:
        row.faults += refusals_of(error, self.columns, self.options.locale, column)


def _in_sight(alike: Sequence[Alike]) -> list[Alike]:
    return [one for one in alike if one.in_sight][:20]
