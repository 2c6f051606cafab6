"""A complaint is a ticket of type complaint, and the legal object beside it (domain.md B-33)."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, Owned, at_most
from crm_api.core.money import Centimes
from crm_api.kit.ids import new_id
from crm_api.kit.money import Money
from crm_api.kit.states import machine
from crm_api.legal_deadlines.models import LegalDeadlineCode
from crm_api.policies.models.policy import refers
from crm_api.tickets.models.words import TicketChannel


class ComplaintStatus(StrEnum):
    """How far a complaint has come."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    INVESTIGATING = "investigating"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    CONTESTED = "contested"
    ESCALATED = "escalated"
    CLOSED = "closed"


COMPLAINT = machine(
    "complaint",
    """
    received: acknowledged
    acknowledged: investigating
    investigating: answered escalated
    answered: accepted contested
    contested: escalated closed
    escalated: investigating
    accepted: closed
    """,
)


class ComplaintRecipient(StrEnum):
    """To whom the complaint was addressed: to us, or to the ministry or the supervisor, who passed it on."""

    COMPANY = "company"
    MINISTRY = "ministry"
    SUPERVISOR = "supervisor"


class ComplaintCategory(StrEnum):
    """What a complaint is about."""

    CLAIM_DELAY = "claim_delay"
    INDEMNITY_AMOUNT = "indemnity_amount"
    REFUSAL = "refusal"
    PREMIUM = "premium"
    INFORMATION = "information"
    BEHAVIOUR = "behaviour"
    DIGITAL_SERVICE = "digital_service"
    DATA_PROTECTION = "data_protection"
    OTHER = "other"


class ComplaintSeverity(StrEnum):
    """How much a complaint weighs; regulatory: an authority looks on."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    REGULATORY = "regulatory"


class ComplaintDecision(StrEnum):
    """Whether the complainant was right."""

    UPHELD = "upheld"
    PARTLY = "partly"
    REJECTED = "rejected"


ANSWER_RULES = {
    ComplaintRecipient.COMPANY: LegalDeadlineCode.COMPLAINT_ANSWER,
    ComplaintRecipient.MINISTRY: LegalDeadlineCode.COMPLAINT_ANSWER_MINISTRY,
    ComplaintRecipient.SUPERVISOR: LegalDeadlineCode.COMPLAINT_ANSWER_SUPERVISOR,
}
OWED = frozenset(
    {
        *(ComplaintStatus.RECEIVED, ComplaintStatus.ACKNOWLEDGED),
        *(ComplaintStatus.INVESTIGATING, ComplaintStatus.ESCALATED),
    }
)
"""An answer is owed."""
HIGHEST = 3
"""0 agency, 1 region, 2 quality at the head office, 3 mediator or supervisor."""


class Complaint(Owned, Entity):
    """`owner_user_id` is who handles it, `agency_id` the agency involved. Never deleted."""

    __tablename__ = "complaints"
    label = "complaint"
    personal: ClassVar = frozenset(
        {
            *("complainant_name", "demanded_outcome", "answer_text", "contest_reason", "send_back_reason"),
            "escalation_reason",
        }
    )
    __table_args__ = (
        Index("uq_complaints_number", "organization_id", "number", unique=True),
        Index("uq_complaints_ticket", "organization_id", "ticket_id", unique=True),
        Index("ix_complaints_received", "organization_id", "received_at", "id"),
        Index("ix_complaints_due", "organization_id", "answer_due_at", "id"),
        Index("ix_complaints_status", "organization_id", "status", "received_at", "id"),
        Index("ix_complaints_owner", "organization_id", "owner_user_id", "received_at", "id"),
        Index("ix_complaints_agency", "organization_id", "agency_id", "received_at", "id"),
        Index("ix_complaints_account", "organization_id", "account_id", "received_at", "id"),
        Index("ix_complaints_clock", "organization_id", "sla_clock_id"),
        Index(
            "ix_complaints_unacknowledged",
            "organization_id",
            "ack_due_at",
            "id",
            postgresql_where=text("status = 'received'"),
        ),
        refers("complaints", "ticket_id", "tickets", "ticket"),
        refers("complaints", "account_id", "accounts", "account"),
        refers("complaints", "contact_id", "contacts", "contact"),
        refers("complaints", "claim_id", "claims", "claim"),
        refers("complaints", "policy_id", "policies", "policy"),
        refers("complaints", "agency_id", "agencies", "agency"),
        refers("complaints", "owner_user_id", "users", "owner"),
        refers("complaints", "answer_drafted_by_id", "users", "drafter"),
        refers("complaints", "answer_approved_by_id", "users", "approver"),
        refers("complaints", "answer_document_id", "files", "answer"),
        CheckConstraint(f"escalation_level BETWEEN 0 AND {HIGHEST}", name="levels"),
        CheckConstraint("status <> 'closed' OR root_cause IS NOT NULL", name="closed_with_a_cause"),
        CheckConstraint("compensation_amount >= 0", name="compensation"),
        CheckConstraint("answer_approved_by_id <> answer_drafted_by_id", name="two_people_answer"),
        at_most("demanded_outcome", 500),
        at_most("root_cause", 60),
        at_most("external_reference", 60),
        at_most("answer_text", 10_000),
    )

    number: Mapped[str]
    ticket_id: Mapped[UUID]
    sla_clock_id: Mapped[UUID | None]
    status: Mapped[ComplaintStatus] = mapped_column(default=ComplaintStatus.RECEIVED)
    recipient: Mapped[ComplaintRecipient] = mapped_column(default=ComplaintRecipient.COMPANY)
    channel: Mapped[TicketChannel]
    category: Mapped[ComplaintCategory] = mapped_column(default=ComplaintCategory.OTHER)
    severity: Mapped[ComplaintSeverity] = mapped_column(default=ComplaintSeverity.MEDIUM)
    account_id: Mapped[UUID | None]
    contact_id: Mapped[UUID | None]
    complainant_name: Mapped[str | None]
    """As the letter addresses them."""
    product_code: Mapped[str | None]
    branch_code: Mapped[str | None]
    claim_id: Mapped[UUID | None]
    policy_id: Mapped[UUID | None]
    demanded_outcome: Mapped[str | None]
    external_reference: Mapped[str | None]
    """What the ministry or the supervisor calls it."""
    received_at: Mapped[datetime]
    ack_due_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    answer_due_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    """When it was first answered: what the register counts."""
    escalation_level: Mapped[int] = mapped_column(server_default="0", default=0)
    escalation_reason: Mapped[str | None]

    decision: Mapped[ComplaintDecision | None]
    compensation_amount: Mapped[Money | None] = mapped_column(Centimes)
    answer_text: Mapped[str | None]
    answer_drafted_by_id: Mapped[UUID | None]
    answer_drafted_at: Mapped[datetime | None]
    answer_approved_by_id: Mapped[UUID | None]
    answer_document_id: Mapped[UUID | None]
    send_back_reason: Mapped[str | None]
    contest_reason: Mapped[str | None]
    root_cause: Mapped[str | None]
    closed_at: Mapped[datetime | None]


class ComplaintStep(Ledger):
    """Something that was done about a complaint, by whom: the file shows all of it."""

    __tablename__ = "complaint_steps"
    __table_args__ = (
        Index("ix_complaint_steps_complaint", "organization_id", "complaint_id", "at", "id"),
        refers("complaint_steps", "complaint_id", "complaints", "complaint"),
        {"info": {"append_only": True}},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    complaint_id: Mapped[UUID]
    at: Mapped[datetime]
    by_kind: Mapped[str]
    by_id: Mapped[UUID]
    step: Mapped[str]
    status: Mapped[ComplaintStatus]
    escalation_level: Mapped[int]
    note: Mapped[str | None]
