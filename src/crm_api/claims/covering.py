"""Whether a contract covered when it happened: said to who decides, never a refusal by itself (B-27)."""

from collections.abc import Collection
from datetime import datetime

from crm_api.claims.models.words import CoverageCheck, CoverageCheckReason
from crm_api.claims.repository.cover import Cover

_ACTIVE = "active"
Checked = tuple[CoverageCheck, CoverageCheckReason | None]


def checked(cover: Cover | None, occurred_at: datetime, invoked: Collection[str]) -> Checked:
    """The first thing that speaks against it, in the order in which one would ask."""
    if cover is None:
        return CoverageCheck.UNKNOWN, CoverageCheckReason.POLICY_UNKNOWN
    reason = _against(cover, occurred_at, invoked)
    return (CoverageCheck.FAILED, reason) if reason else (CoverageCheck.PASSED, None)


def _against(cover: Cover, occurred_at: datetime, invoked: Collection[str]) -> CoverageCheckReason | None:
    if cover.in_force_since is None:  # no cover without payment
        return CoverageCheckReason.NEVER_IN_FORCE
    if occurred_at < max(cover.effective_at, cover.in_force_since):
        return CoverageCheckReason.BEFORE_COVER
    end = min(cover.expires_at, cover.terminated_at or cover.expires_at)
    if occurred_at >= end:
        return CoverageCheckReason.AFTER_COVER
    if cover.suspended:
        return CoverageCheckReason.SUSPENDED
    if cover.coverages and any(cover.coverages.get(code) != _ACTIVE for code in invoked):
        return CoverageCheckReason.COVERAGE_MISSING
    return None
