from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from crm_api.core.context import Context
from crm_api.kit.clock import today
from crm_api.legal_deadlines.errors import LegalDeadlineUnknown, LegalUnitUnfit
from crm_api.legal_deadlines.models import LegalDeadline, LegalDeadlineCode, LegalUnit
from crm_api.legal_deadlines.reckoning import Rule
from crm_api.legal_deadlines.repository import FIELDS, LegalDeadlineRepository
from crm_api.legal_deadlines.schemas import (
    LegalDeadlineCreate,
    LegalDeadlineList,
    LegalDeadlineRead,
    LegalDeadlineRow,
)
from crm_api.legal_deadlines.seeds import SEEDS

_KNOWN = "legal deadlines"
"""What they are remembered under, for seconds, by each process."""
_DELAYS = (LegalUnit.CALENDAR_DAYS, LegalUnit.WORKING_DAYS, LegalUnit.HOURS, LegalUnit.MONTHS)
_UNITS: Mapping[LegalDeadlineCode, tuple[LegalUnit, ...]] = {
    LegalDeadlineCode.CLAIM_LATE: (LegalUnit.FLAG,),
    LegalDeadlineCode.CASH_BAN: (LegalUnit.FLAG,),
    LegalDeadlineCode.LATE_INTEREST_RATE: (LegalUnit.BASIS_POINTS,),
}
"""Those that are no delays."""


class _Recorded(NamedTuple):
    rule: Rule
    id: UUID
    created_at: datetime


Known = Mapping[LegalDeadlineCode, Sequence[_Recorded]]
"""The rows of each limit, the oldest first."""


class LegalDeadlineService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.deadlines = LegalDeadlineRepository(ctx)

    # --- the rule, for every domain above

    async def rule(self, code: LegalDeadlineCode | str, on: date) -> Rule:
        """What the limit is on that local day. Raises LegalDeadlineUnknown."""
        found = await self.rule_or_none(code, on)
        if found is None:
            raise LegalDeadlineUnknown(code=str(code), day=str(on))
        return found

    async def rule_or_none(self, code: LegalDeadlineCode | str, on: date) -> Rule | None:
        """None where nothing is laid down for that day."""
        code = LegalDeadlineCode(code)
        rows = [each.rule for each in (await self._known()).get(code, ())] or _seeded(code)
        held = [rule for rule in rows if rule.valid_from <= on]
        return held[-1] if held else None

    async def holds(self, code: LegalDeadlineCode | str, on: date) -> bool:
        """Of a `flag`: whether the rule holds on that day."""
        found = await self.rule_or_none(code, on)
        return found is not None and found.unit is LegalUnit.FLAG and found.value == 1

    async def _known(self) -> Known:
        """Read at most every few seconds by each process."""
        key = _KNOWN, self.ctx.organization_id
        known: Known | None = self.ctx.tools.memory.get(key)
        if known is None:
            known = await self._read()
            if not self.ctx.begun:  # what an open transaction sees may never come true
                self.ctx.tools.memory.put(key, known)
        return known

    async def _read(self) -> Known:
        rows = [dict(zip(FIELDS, row, strict=True)) for row in await self.deadlines.everything()]
        recorded = [
            _Recorded(
                Rule(
                    LegalDeadlineCode(row["code"]),
                    row["value"],
                    LegalUnit(row["unit"]),
                    *(row[name] for name in Rule._fields[3:]),
                ),
                row["id"],
                row["created_at"],
            )
            for row in rows
        ]
        return {code: list(group) for code, group in groupby(recorded, lambda each: each.rule.code)}

    # --- the rows

    async def list(self) -> LegalDeadlineList:
        known = await self._read()
        return LegalDeadlineList(data=[_shown(rows) for _, rows in sorted(known.items())])

    async def add(self, data: LegalDeadlineCreate) -> LegalDeadlineRead:
        """A row more. Raises LegalDeadlineTaken, LegalUnitUnfit."""
        units = _UNITS.get(data.code, _DELAYS)
        if data.unit not in units:
            raise LegalUnitUnfit(units=", ".join(units))
        self.ctx.begin()
        await self.seed()  # an organization older than the limits
        before = await self._labels(data.code)
        given = {name: value for name, value in data if value is not None}
        row = LegalDeadline(**{"label_fr": data.code.value} | before | given)
        await self.deadlines.save(row)
        self._forget()
        return _shown((await self._read())[data.code])

    async def _labels(self, code: LegalDeadlineCode) -> dict[str, str | None]:
        rows = (await self._read()).get(code)
        if not rows:
            return {}
        last = rows[-1].rule
        return {"label_fr": last.label_fr, "label_ar": last.label_ar, "label_en": last.label_en}

    async def seed(self) -> None:
        """The limits of the book, where the organization has no row of that code."""
        known = await self._read()
        await self.deadlines.add_all(
            [LegalDeadline(**seed._asdict()) for seed in SEEDS if seed.code not in known]
        )
        self._forget()

    def _forget(self) -> None:
        self.ctx.tools.memory.forget((_KNOWN, self.ctx.organization_id))


def _seeded(code: LegalDeadlineCode) -> list[Rule]:
    """For an organization that has no row yet."""
    return [
        Rule(
            *(each.code, each.value, each.unit, each.source, each.valid_from, False),
            *(each.label_fr, each.label_ar, each.label_en),
        )
        for each in SEEDS
        if each.code is code
    ]


def _shown(rows: Sequence[_Recorded]) -> LegalDeadlineRead:
    """Rows of one code, the oldest first."""
    last = rows[-1].rule
    ends = [each.rule.valid_from - timedelta(days=1) for each in rows[1:]]
    history = [
        LegalDeadlineRow.model_validate(
            {**each.rule._asdict(), "id": each.id, "created_at": each.created_at, "valid_to": end}
        )
        for each, end in zip(rows, [*ends, None], strict=True)
    ]
    held = [row for row in history if row.valid_from <= today()]
    return LegalDeadlineRead(
        code=last.code,
        label_fr=last.label_fr,
        label_ar=last.label_ar,
        label_en=last.label_en,
        current=held[-1] if held else None,
        history=history[::-1],
    )
