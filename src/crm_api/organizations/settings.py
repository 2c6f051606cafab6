"""What an organization may choose for itself; an absent key has the default written here."""

from datetime import time
from typing import Annotated, Literal

from pydantic import MISSING, ConfigDict, Field, WithJsonSchema

from crm_api.kit.money import Money
from crm_api.kit.schemas import Email, Input

RoleCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$", max_length=40, examples=["administrator"])]
Colour = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$", max_length=7, examples=["#0A5C9E"])]


TimeOfDay = Annotated[
    time,
    WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$", "maxLength": 8}),
]
"""Of the clock on the wall: `format: time` would want a zone."""


class QuietHours(Input):
    """When no message is sent to customers, Algiers time; may run over midnight."""

    start: TimeOfDay = Field(default=time(20), examples=["20:00:00"])
    """First quiet minute."""
    end: TimeOfDay = Field(default=time(8), examples=["08:00:00"])
    """First minute when messages are sent again."""


class PressureCap(Input):
    """How many marketing messages one person gets at most, across all campaigns; contracts are exempt."""

    messages: int = Field(default=2, ge=0, le=50, examples=[2])
    """So many."""
    days: int = Field(default=7, ge=1, le=90, examples=[7])
    """Within so many days."""


class Theme(Input):
    """How the screens look."""

    primary_colour: Colour = "#0A5C9E"
    """Main colour."""
    secondary_colour: Colour = "#F2A900"
    """Second colour."""
    display_mode: Literal["light", "dark", "system"] = "system"
    """What new users start with."""


class OrganizationSettings(Input):
    """The settings of the organization."""

    portfolio_strict: bool = False
    """true: users see their own portfolio only, not their agency's."""
    open_ranking: bool = False
    """true: every agency sees the others' figures in the ranking."""
    session_idle_minutes: int = Field(default=15, ge=5, le=720, examples=[15])
    """Minutes without a touch after which a screen locks itself; sessions themselves last 12 hours unused."""
    mfa_required_roles: list[RoleCode] = Field(
        default=["administrator", "supervisor"], max_length=20, examples=[["administrator", "supervisor"]]
    )
    """Roles (and roles based on them) that must sign in with a second factor; always `administrator`."""
    quiet_hours: QuietHours = QuietHours()
    """When customers are left in peace."""
    pressure_cap: PressureCap = PressureCap()
    """How many marketing messages one person gets at most."""
    sender_email: Email | None = None
    """The address that messages to customers come from."""
    sender_name: str | None = Field(default=None, max_length=80, examples=["Alliance Assurances"])
    """The name beside it."""
    data_residency: Literal["dz"] = "dz"
    """Where the data stays: Algeria."""
    theme: Theme = Theme()
    """Colours and display mode."""
    quote_validity_days: int = Field(default=30, ge=1, le=365, examples=[30])
    """For how many days a quote may be accepted."""
    lead_retention_months: int = Field(default=24, ge=1, le=120, examples=[24])
    """Months after which somebody who never became a customer, and came no more, is anonymised."""
    renewal_notice_days: int = Field(default=60, ge=1, le=180, examples=[60])
    """So many days before a contract ends, its renewal is to be prepared."""
    sms_segment_price: Money = Money.of(300)
    """What one part of an SMS costs, all taxes included."""


class OrganizationSettingsPatch(Input):
    """What to change; a field left out stays."""

    portfolio_strict: bool | MISSING = MISSING
    """true: users see their own portfolio only, not their agency's."""
    open_ranking: bool | MISSING = MISSING
    """true: every agency sees the others' figures in the ranking."""
    session_idle_minutes: Annotated[int, Field(ge=5, le=720, examples=[15])] | MISSING = MISSING
    """Minutes without a touch after which a screen locks itself; sessions themselves last 12 hours unused."""
    mfa_required_roles: (
        Annotated[list[RoleCode], Field(max_length=20, examples=[["administrator", "supervisor"]])] | MISSING
    ) = MISSING
    """Roles that must sign in with a second factor; `administrator` cannot be left out."""
    quiet_hours: QuietHours | MISSING = MISSING
    """When customers are left in peace."""
    pressure_cap: PressureCap | MISSING = MISSING
    """How many marketing messages one person gets at most."""
    sender_email: Email | None | MISSING = MISSING
    """The address that messages to customers come from."""
    sender_name: Annotated[str, Field(max_length=80, examples=["Alliance Assurances"])] | None | MISSING = (
        MISSING
    )
    """The name beside it."""
    theme: Theme | MISSING = MISSING
    """Colours and display mode."""
    quote_validity_days: Annotated[int, Field(ge=1, le=365, examples=[30])] | MISSING = MISSING
    """For how many days a quote may be accepted."""
    lead_retention_months: Annotated[int, Field(ge=1, le=120, examples=[24])] | MISSING = MISSING
    """Months after which somebody who never became a customer, and came no more, is anonymised."""
    renewal_notice_days: Annotated[int, Field(ge=1, le=180, examples=[60])] | MISSING = MISSING
    """So many days before a contract ends, its renewal is to be prepared."""
    sms_segment_price: Money | MISSING = MISSING
    """What one part of an SMS costs, all taxes included."""


class OrganizationSettingsRead(OrganizationSettings):
    """The settings of the organization, those never changed at their defaults."""

    model_config = ConfigDict(extra="ignore", json_schema_serialization_defaults_required=True)

    version: int = Field(ge=1, examples=[3])
    """Of the organization, for If-Match."""
