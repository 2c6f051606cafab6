from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic_core import from_json

from crm_api.billing.coverage import Standing, judged
from crm_api.billing.models.receivable import DunningState
from crm_api.billing.schemas.coverage import CoverageState, CoverageStateRead
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.errors import InsufficientScope, NotFound
from crm_api.kit.money import Money
from crm_api.kit.schemas import Json
from crm_api.policies.models.policy import OURS, PolicyStatus
from crm_api.profiles.repository import ProfileRepository
from crm_api.profiles.schemas import (
    MOST,
    AccountProfile,
    ContactProfile,
    ProfileCoverage,
)
from crm_api.profiles.sections import OF_PAGE

COVERAGE_SCOPE = "policies:read"


class ProfileService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def of_contact(self, contact_id: UUID, include: Sequence[str] | None) -> Json[ContactProfile]:
        """Raises NotFound; InsufficientScope for a section asked for without its right."""
        return Json(ContactProfile, await self._page("contact", contact_id, include))

    async def of_account(self, account_id: UUID, include: Sequence[str] | None) -> Json[AccountProfile]:
        """Raises NotFound; InsufficientScope for a section asked for without its right."""
        return Json(AccountProfile, await self._page("account", account_id, include))

    async def _page(self, root: str, object_id: UUID, include: Sequence[str] | None) -> str:
        names, coverage = self._allowed(root, include)
        page = await ProfileRepository(self.ctx).page(root, object_id, names, coverage=coverage)
        if page is None:
            raise NotFound(id=str(object_id))
        cover = "null"
        if coverage:
            standings = from_json(page.standings) if page.standings else None
            cover = _cover(root, object_id, standings or []).model_dump_json()
        return f'{page.body[:-1]},"coverage":{cover}}}'

    def _allowed(self, root: str, include: Sequence[str] | None) -> tuple[list[str], bool]:
        """The sections to read, in the order of the page; a section asked for must be one's to read."""
        scopes = {name: section.scope for name, section in OF_PAGE[root].items()} | {
            "coverage": COVERAGE_SCOPE
        }
        held = self.ctx.principal.scopes
        asked = scopes.keys() if include is None else set(include)
        missing = {scope for name in asked if (scope := scopes[name]) is not None and scope not in held}
        if missing and include is not None:
            raise InsufficientScope(required_scopes=sorted(missing))
        names = [name for name, scope in scopes.items() if name in asked and (scope is None or scope in held)]
        return [name for name in names if name != "coverage"], "coverage" in names


def _cover(root: str, object_id: UUID, rows: list[dict[str, Any]]) -> ProfileCoverage:
    at = now()
    shown = rows[:MOST]
    systems = {row["source_system"] for row in shown}
    told = [_moment(row["as_of"]) for row in shown if row["source_system"] != OURS]
    return ProfileCoverage(
        as_of=min([at, *told]),
        source=OURS if not systems else systems.pop() if len(systems) == 1 else "several",
        href=f"/v1/{root}s/{object_id}/profile?include=coverage",
        has_more=len(rows) > MOST,
        data=[_state(row, at) for row in shown],
    )


def _state(row: dict[str, Any], at: datetime) -> CoverageStateRead:
    standing = Standing(
        status=PolicyStatus(row["status"]),
        source_system=row["source_system"],
        effective_at=_moment(row["effective_at"]),
        expires_at=_moment(row["expires_at"]),
        reinstates_at=row["reinstates_at"] and _moment(row["reinstates_at"]),
        owed=row["owed"],
        oldest_due_on=row["oldest"] and date.fromisoformat(row["oldest"]),
        states=frozenset(DunningState(state) for state in row["states"] or ()),
        disputed=row["disputed"],
        uncleared=row["uncleared"],
        next_due_on=row["next_on"] and date.fromisoformat(row["next_on"]),
        next_due_amount=row["next_amount"],
    )
    state, reasons = judged(standing, at)
    covered = state in (CoverageState.COVERED, CoverageState.COVERED_UNPAID)
    following = standing.next_due_amount
    return CoverageStateRead(
        policy_id=row["id"],
        policy_status=standing.status,
        state=state,
        is_covered=covered,
        reasons=reasons,
        as_of=at,
        covered_until=standing.expires_at if covered else None,
        cover_resumes_at=standing.reinstates_at if state is CoverageState.REINSTATING else None,
        owed=Money.of(standing.owed),
        oldest_due_on=standing.oldest_due_on,
        next_due_on=standing.next_due_on,
        next_due_amount=None if following is None else Money.of(following),
        source=standing.source_system,
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
