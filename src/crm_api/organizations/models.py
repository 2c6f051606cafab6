"""The company that works here: its legal sheet and its settings (domain.md B-1)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Computed, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, at_most
from crm_api.core.money import Centimes
from crm_api.kit.money import Money
from crm_api.kit.states import machine


class OrganizationStatus(StrEnum):
    """Where an organization stands: being set up, in use, suspended, or closed."""

    DRAFT = "draft"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class LegalForm(StrEnum):
    """The form of a company in Algerian law."""

    SPA = "spa"
    SARL = "sarl"
    EURL = "eurl"
    SNC = "snc"
    MUTUAL = "mutual"
    BRANCH = "branch"
    OTHER = "other"


ORGANIZATION = machine(
    "organization", "draft: active \n active: suspended closed \n suspended: active closed"
)


class Organization(Entity):
    """One row an organization: its id is that of the organization itself."""

    __tablename__ = "organizations"
    label = "organization"
    personal = frozenset({"address", "mobile", "email", "dpo_name", "dpo_email"})
    __table_args__ = (
        CheckConstraint("id = organization_id", name="is_its_own"),
        # Of the whole installation: no company registers twice (domain.md E-1).
        Index("uq_organizations_trade_register", "trade_register_key", unique=True),
        CheckConstraint("status = 'draft' OR name IS NOT NULL", name="named_when_active"),
        at_most("name", 160),
        {
            "info": {
                "key": "id",
                "ddl": (
                    # A forced policy binds the owner too; this one lets the function below see all rows.
                    "CREATE POLICY directory ON organizations FOR SELECT TO CURRENT_USER USING (true)",
                    """CREATE OR REPLACE FUNCTION crm_organizations() RETURNS SETOF uuid
                    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
                    AS $$ SELECT o.id FROM public.organizations o
                          WHERE o.status = 'active' ORDER BY o.id $$""",
                    "REVOKE ALL ON FUNCTION crm_organizations() FROM PUBLIC",
                    "GRANT EXECUTE ON FUNCTION crm_organizations() TO crm_app",
                ),
            }
        },
    )

    name: Mapped[str | None]
    legal_form: Mapped[LegalForm | None]
    status: Mapped[OrganizationStatus] = mapped_column(default=OrganizationStatus.DRAFT)
    address: Mapped[str | None]
    wilaya_code: Mapped[str | None]
    commune_code: Mapped[str | None]
    postal_code: Mapped[str | None]
    mobile: Mapped[str | None]
    email: Mapped[str | None]
    website: Mapped[str | None]
    employee_count: Mapped[int | None]
    trade_register_number: Mapped[str | None]
    trade_register_key: Mapped[str | None] = mapped_column(
        Text(collation="C"),
        Computed("regexp_replace(upper(trade_register_number), '[^0-9A-Z]', '', 'g')", persisted=True),
    )
    tax_id: Mapped[str | None]
    statistical_id: Mapped[str | None]
    tax_article: Mapped[str | None]
    insurance_license_number: Mapped[str | None]
    share_capital_amount: Mapped[Money | None] = mapped_column(Centimes)
    dpo_name: Mapped[str | None]
    dpo_email: Mapped[str | None]
    anpdp_declaration_number: Mapped[str | None]
    timezone: Mapped[str] = mapped_column(default="Africa/Algiers")
    locale: Mapped[str] = mapped_column(default="fr-DZ")
    currency: Mapped[str] = mapped_column(default="DZD")
    logo_key: Mapped[str | None]
    logo_media_type: Mapped[str | None]
    settings: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), default=dict)
    administrator_verified_at: Mapped[datetime | None]
    """When an administrator proved the e-mail address; a complete sheet then makes it active."""
    activated_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    @property
    def is_complete(self) -> bool:
        """Whether the company sheet has everything it needs."""
        needed = self.name, self.address, self.postal_code, self.mobile, self.email, self.employee_count
        return None not in (*needed, self.trade_register_number)
