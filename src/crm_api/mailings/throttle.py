"""The memory of the throttles: how many messages went where within which minute."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Ledger


class DomainMinute(Ledger):
    """How many messages one provider carried to a recipient domain within a minute: the throttle's memory."""

    __tablename__ = "domain_minutes"
    __table_args__ = (Index("ix_domain_minutes_minute", "organization_id", "minute"),)

    provider_key: Mapped[str] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    messages: Mapped[int]
