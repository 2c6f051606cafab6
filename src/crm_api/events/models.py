"""Tickets: for browsers, whose EventSource cannot send a header."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Ledger


class EventTicket(Ledger):
    """Stands for a credential, once, for a minute."""

    __tablename__ = "event_tickets"
    __table_args__ = (Index("ix_event_tickets_expiry", "organization_id", "expires_at"),)

    digest: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]
    """The credential, which only the ticket itself opens."""
    expires_at: Mapped[datetime]
