"""Who is what to whom, between people and accounts (domain.md B-10)."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, Enum, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity


class PartyType(StrEnum):
    """Which kind of party stands in a relationship: a person (contact) or an account."""

    CONTACT = "contact"
    ACCOUNT = "account"


class RelationshipType(StrEnum):
    """Read from left to right: the first party is ... of the second."""

    SPOUSE_OF = "spouse_of"
    CHILD_OF = "child_of"
    PARENT_OF = "parent_of"
    SIBLING_OF = "sibling_of"
    GUARDIAN_OF = "guardian_of"
    EMPLOYEE_OF = "employee_of"
    DIRECTOR_OF = "director_of"
    BENEFICIAL_OWNER_OF = "beneficial_owner_of"
    BROKER_OF = "broker_of"
    REFERRED_BY = "referred_by"


FAMILY = frozenset(
    {
        RelationshipType.SPOUSE_OF,
        RelationshipType.CHILD_OF,
        RelationshipType.PARENT_OF,
        RelationshipType.SIBLING_OF,
        RelationshipType.GUARDIAN_OF,
    }
)
"""Between people only."""
TO_ACCOUNT = frozenset({RelationshipType.DIRECTOR_OF, RelationshipType.BENEFICIAL_OWNER_OF})
"""Of an account only."""

# One bond, however it is told: "A parent_of B" is "B child_of A", and spouses and siblings are so both ways.
_BOND = """CASE
    WHEN type IN ('spouse_of', 'sibling_of')
        THEN type || '|' || least(from_id::text, to_id::text) || '|' || greatest(from_id::text, to_id::text)
    WHEN type = 'child_of' THEN 'parent_of|' || to_id::text || '|' || from_id::text
    ELSE type || '|' || from_id::text || '|' || to_id::text
END"""


def _reference(side: str, party: str) -> Computed:
    return Computed(f"CASE WHEN {side}_type = '{party}' THEN {side}_id END", persisted=True)


def _party(constraint: str) -> Enum:
    """Two columns of one enumeration: each check needs a name of its own."""
    return Enum(
        PartyType,
        name=constraint,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda kind: [member.value for member in kind],
    )


class Relationship(Entity):
    """`from` is `type` `to`. Both are people or accounts of the organization."""

    __tablename__ = "relationships"
    label = "relationship"
    personal = frozenset({"from_id", "to_id"})
    __table_args__ = (
        Index("ix_relationships_from", "organization_id", "from_id", "created_at", "id"),
        Index("ix_relationships_to", "organization_id", "to_id", "created_at", "id"),
        Index(
            "uq_relationships_bond",
            "organization_id",
            "bond",
            "from_date",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        *(
            ForeignKeyConstraint(
                ["organization_id", f"{side}_{party}_id"], [f"{party}s.organization_id", f"{party}s.id"]
            )
            for side in ("from", "to")
            for party in ("contact", "account")
        ),
        CheckConstraint("from_id <> to_id", name="not_with_itself"),
        CheckConstraint("to_date >= from_date", name="order"),
    )

    from_type: Mapped[PartyType] = mapped_column(_party("from_party"))
    from_id: Mapped[UUID]
    to_type: Mapped[PartyType] = mapped_column(_party("to_party"))
    to_id: Mapped[UUID]
    type: Mapped[RelationshipType]
    from_date: Mapped[date | None]
    to_date: Mapped[date | None]
    bond: Mapped[str] = mapped_column(Computed(_BOND, persisted=True))
    from_contact_id: Mapped[UUID | None] = mapped_column(_reference("from", "contact"))
    from_account_id: Mapped[UUID | None] = mapped_column(_reference("from", "account"))
    to_contact_id: Mapped[UUID | None] = mapped_column(_reference("to", "contact"))
    to_account_id: Mapped[UUID | None] = mapped_column(_reference("to", "account"))
