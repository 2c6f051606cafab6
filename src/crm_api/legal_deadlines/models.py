"""Legal limits as dated rows (domain.md 0.6): a change of the law is a new row, the old one goes on ruling
what happened before.
"""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, at_most


class LegalUnit(StrEnum):
    """What the value of a legal limit counts; `flag`: 1 the rule holds, 0 it does not."""

    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    HOURS = "hours"
    MONTHS = "months"
    BASIS_POINTS = "basis_points"
    FLAG = "flag"


class LegalDeadlineCode(StrEnum):
    """Which legal limit a row is about."""

    CLAIM_REPORT_GENERAL = "claim_report_general"
    CLAIM_REPORT_THEFT = "claim_report_theft"
    CLAIM_REPORT_HAIL = "claim_report_hail"
    CLAIM_REPORT_LIVESTOCK = "claim_report_livestock"
    CLAIM_REPORT_CATNAT = "claim_report_catnat"
    CLAIM_LATE = "claim_late"
    SETTLE_AUTO = "settle_auto"
    SETTLE_IDA = "settle_ida"
    SETTLE_TOUS_RISQUES = "settle_tous_risques"
    SETTLE_CATNAT = "settle_catnat"
    LATE_INTEREST_RATE = "late_interest_rate"
    PREMIUM_NOTICE = "premium_notice"
    PREMIUM_GRACE = "premium_grace"
    PREMIUM_FORMAL_NOTICE = "premium_formal_notice"
    PREMIUM_SUSPEND = "premium_suspend"
    PREMIUM_TERMINATE = "premium_terminate"
    PREMIUM_REINSTATE = "premium_reinstate"
    PREMIUM_PROMISE_PAUSE = "premium_promise_pause"
    LIMITATION = "limitation"
    CASH_BAN = "cash_ban"
    ENV_TAX = "env_tax"
    BREACH_NOTICE = "breach_notice"
    DSR_RECTIFY = "dsr_rectify"
    DSR_ACCESS = "dsr_access"
    DIRECT_MARKETING = "direct_marketing"
    COMPLAINT_ACKNOWLEDGE = "complaint_acknowledge"
    COMPLAINT_ANSWER = "complaint_answer"
    COMPLAINT_ANSWER_MINISTRY = "complaint_answer_ministry"
    COMPLAINT_ANSWER_SUPERVISOR = "complaint_answer_supervisor"


class LegalDeadline(Entity):
    """One limit from a day on, until the next row of its code. Never changed, never deleted."""

    __tablename__ = "legal_deadlines"
    label = "legal_deadline"
    __table_args__ = (
        Index("uq_legal_deadlines_code", "organization_id", "code", "valid_from", unique=True),
        CheckConstraint("value BETWEEN 0 AND 100000", name="value_range"),
        CheckConstraint("unit <> 'flag' OR value <= 1", name="flag_range"),
        at_most("label_fr", 160),
        at_most("label_ar", 160),
        at_most("label_en", 160),
        at_most("source", 300),
    )

    code: Mapped[LegalDeadlineCode]
    valid_from: Mapped[date]
    value: Mapped[int]
    unit: Mapped[LegalUnit]
    label_fr: Mapped[str]
    label_ar: Mapped[str | None]
    label_en: Mapped[str | None]
    source: Mapped[str]
    """The text that says so, or where it was read."""
    verified: Mapped[bool] = mapped_column(default=False)
    """Whether somebody checked it against the text of the law."""
