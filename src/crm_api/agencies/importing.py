"""A whole network from one table: agencies are opened or updated by their numbers, in one transaction."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from pydantic import ValidationError

from crm_api.agencies.errors import (
    AgencyClosedForGood,
    AgencyTreeCircle,
    AgencyTreeTooDeep,
    CodeTwiceInTable,
    UnknownParentAgency,
    UnknownRegion,
)
from crm_api.agencies.models import DEEPEST, Agency, AgencyStatus
from crm_api.agencies.repository import AgencyRepository, RegionRepository
from crm_api.agencies.schemas import AgencyLine
from crm_api.core.context import Context
from crm_api.core.progress import Line, Run, RunOutcome, invalid, refused
from crm_api.jobs.schemas import JobRead
from crm_api.jobs.service import JobService
from crm_api.kit.errors import DomainError
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.kit.tables import Row, read_table

KIND = "import_agencies"
MOST_LINES = 5_000
AT_ONCE = 100
COLUMNS = frozenset(AgencyLine.model_fields)
Report = Callable[[int, int, int], Awaitable[None]]
"""Lines in all, done, refused."""
REQUIRED = tuple(name for name, field in AgencyLine.model_fields.items() if field.is_required())


class AgencyImportService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def start(self, table: bytes) -> Json[JobRead]:
        """Refuses at once a table that cannot be read; the lines are looked at later."""
        read_table(table, COLUMNS, REQUIRED, MOST_LINES)
        return await JobService(self.ctx).start(KIND, table)


class AgencyImport:
    """One run over one table that was sent as it is."""

    def __init__(self, ctx: Context, run: Run) -> None:
        self.ctx, self.run = ctx, run

    async def work(self) -> None:
        rows = read_table(await self.run.input(), COLUMNS, REQUIRED, MOST_LINES)
        await self.run.report(len(rows), 0)
        await self.run.succeed(await AgencyTable(self.ctx).take_in(rows, self.run.report))


class AgencyTable:
    """Lines of a network, numbered from 1. One that is refused leaves the others alone."""

    def __init__(self, ctx: Context) -> None:
        self.locale = ctx.origin.locale
        self.agencies, self.regions = AgencyRepository(ctx), RegionRepository(ctx)
        self.lines: dict[int, Line] = {}

    async def take_in(self, rows: list[Row], report: Report | None = None) -> list[Line]:
        region_ids = await self.regions.ids_by_code()
        wanted = self._examined(rows, region_ids)
        known = await self.agencies.load_by_code([line.code for line in wanted.values()])
        tree = Tree({row[0]: (row[1], row[6]) for row in await self.agencies.network()})
        placed = self._placed(wanted, known, tree)
        for start in range(0, len(placed), AT_ONCE):
            batch = placed[start : start + AT_ONCE]
            changed = [self._written(n, rows[n - 1], wanted[n], region_ids, known, tree) for n in batch]
            await self.agencies.save_all(changed)
            failed = sum(line.outcome is RunOutcome.FAILED for line in self.lines.values())
            if report is not None:
                await report(len(rows), len(self.lines) - failed, failed)
        return [self.lines[number] for number in sorted(self.lines)]

    def _examined(self, rows: list[Row], region_ids: Mapping[str, UUID]) -> dict[int, AgencyLine]:
        """The lines that make sense alone, by their numbers."""
        wanted: dict[int, AgencyLine] = {}
        codes: set[str] = set()
        for number, row in enumerate(rows, 1):
            try:
                line = AgencyLine.model_validate(row)
            except ValidationError as error:
                self.lines[number] = invalid(number, row.get("code"), error, self.locale)
                continue
            if line.code in codes:
                self._refuse(number, line, CodeTwiceInTable(), "code")
            elif line.region_code not in region_ids:
                self._refuse(number, line, UnknownRegion(), "region_code")
            else:
                wanted[number] = line
                codes.add(line.code)
        return wanted

    def _placed(
        self, wanted: Mapping[int, AgencyLine], known: Mapping[str, Agency], tree: "Tree"
    ) -> list[int]:
        """The lines that fit into the network, those above before those below."""
        placed: list[int] = []
        waiting = dict(wanted)
        while waiting:
            ready = {
                n: line
                for n, line in waiting.items()
                if line.parent_code is None or line.parent_code in tree.ids
            }
            if not ready:
                break
            for number, line in ready.items():
                del waiting[number]
                agency = known.get(line.code)
                if agency is not None and agency.status is AgencyStatus.CLOSED:
                    self._refuse(number, line, AgencyClosedForGood(), "code")
                elif refusal := tree.place(line.code, line.parent_code):
                    self._refuse(number, line, refusal, "parent_code")
                else:
                    placed.append(number)
        codes = {line.code for line in waiting.values()}
        for number, line in waiting.items():
            refusal = AgencyTreeCircle() if line.parent_code in codes else UnknownParentAgency()
            self._refuse(number, line, refusal, "parent_code")
        return placed

    def _written(
        self,
        number: int,
        row: Row,
        line: AgencyLine,
        region_ids: Mapping[str, UUID],
        known: Mapping[str, Agency],
        tree: "Tree",
    ) -> Agency:
        """Only the cells that are filled."""
        fields = {name: getattr(line, name) for name in row if name not in ("region_code", "parent_code")}
        fields["region_id"] = region_ids[line.region_code]
        if line.parent_code is not None:
            fields["parent_agency_id"] = tree.ids[line.parent_code]
        agency = known.get(line.code)
        if agency is None:
            agency, outcome = Agency(id=tree.ids[line.code], **fields), RunOutcome.CREATED
        else:
            changed = {name: value for name, value in fields.items() if getattr(agency, name) != value}
            for name, value in changed.items():
                setattr(agency, name, value)
            outcome = RunOutcome.UPDATED if changed else RunOutcome.UNCHANGED
        self.lines[number] = Line(number, outcome, line.code, agency.id)
        return agency

    def _refuse(self, number: int, line: AgencyLine, error: DomainError, column: str) -> None:
        self.lines[number] = refused(number, line.code, error, self.locale, column)


class Tree:
    """Who stands below whom, as it is and as the table wants it."""

    def __init__(self, network: Mapping[UUID, tuple[str, UUID | None]]) -> None:
        self.ids = {code: id for id, (code, _) in network.items()}
        self.parents = {id: parent for id, (_, parent) in network.items()}
        self.children: dict[UUID | None, set[UUID]] = defaultdict(set)
        for id, parent in self.parents.items():
            self.children[parent].add(id)

    def place(self, code: str, parent_code: str | None) -> DomainError | None:
        """Below that parent (None: where it is, or at the top), unless there is a reason not to."""
        id = self.ids.get(code) or new_id()
        if parent_code is not None:
            above = self._above(self.ids[parent_code])
            if id in above:
                return AgencyTreeCircle()
            if len(above) + self._height(id) > DEEPEST:
                return AgencyTreeTooDeep()
            self.children[self.parents.get(id)].discard(id)
            self.parents[id] = self.ids[parent_code]
            self.children[self.parents[id]].add(id)
        self.ids[code] = id
        return None

    def _above(self, id: UUID | None) -> list[UUID]:
        above: list[UUID] = []
        while id is not None and id not in above:
            above.append(id)
            id = self.parents.get(id)
        return above

    def _height(self, id: UUID) -> int:
        return 1 + max((self._height(child) for child in self.children[id]), default=0)
