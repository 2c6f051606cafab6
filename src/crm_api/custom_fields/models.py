"""The fields that an organization defines for itself; their values live in `custom_fields` of each row."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, at_most

MOST_PER_ENTITY = 100


class CustomEntity(StrEnum):
    """The kinds of object that may have fields of the organization's own, by their label."""

    LEAD = "lead"
    ACCOUNT = "account"
    CONTACT = "contact"
    OPPORTUNITY = "opportunity"
    QUOTE = "quote"
    POLICY = "policy"
    CLAIM = "claim"
    TICKET = "ticket"
    TASK = "task"
    CAMPAIGN = "campaign"


class CustomFieldType(StrEnum):
    """What the values of a custom field are."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    ENUM = "enum"
    MULTI_ENUM = "multi_enum"
    MONEY = "money"


class CustomFieldStatus(StrEnum):
    """Whether a custom field takes values, or only keeps those it has."""

    ACTIVE = "active"
    RETIRED = "retired"


class CustomFieldPiiClass(StrEnum):
    """Values are stored in clear, so classes P3 and P4 are not offered."""

    P0 = "p0"
    P1 = "p1"
    P2 = "p2"


WITH_OPTIONS = frozenset({CustomFieldType.ENUM, CustomFieldType.MULTI_ENUM})


class CustomField(Entity):
    """A definition. Never deleted, only retired: a key keeps its type for ever, so values stay readable."""

    __tablename__ = "custom_fields"
    label = "custom_field"
    __table_args__ = (
        Index("uq_custom_fields_key", "organization_id", "entity", "key", unique=True),
        CheckConstraint("key ~ '^[a-z][a-z0-9_]{0,39}$'", name="key_form"),
        at_most("label_fr", 80),
    )

    entity: Mapped[CustomEntity]
    key: Mapped[str]
    label_fr: Mapped[str]
    label_ar: Mapped[str | None]
    label_en: Mapped[str | None]
    type: Mapped[CustomFieldType]
    required: Mapped[bool] = mapped_column(default=False)
    options: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    limits: Mapped[dict[str, Any]] = mapped_column(default=dict)
    pii_class: Mapped[CustomFieldPiiClass] = mapped_column(default=CustomFieldPiiClass.P0)
    status: Mapped[CustomFieldStatus] = mapped_column(default=CustomFieldStatus.ACTIVE)
