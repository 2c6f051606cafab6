from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, Field, JsonValue

from crm_api.accounts.models import (
    Account,
    AccountLifecycle,
    AccountSegment,
    AccountStatus,
    AccountTier,
    AccountType,
    RiskFlag,
)
from crm_api.accounts.parts import AccountMasked, BankAccounts, Kyc
from crm_api.core.external_ids import ExternalIds
from crm_api.core.words import tagged, words
from crm_api.kit.contact_points import (
    Addresses,
    EmailEntries,
    EmailInputs,
    PhoneEntries,
    PhoneInputs,
    PostalAddress,
    WilayaCode,
)
from crm_api.kit.identifiers import StatisticalId, TaxArticle, TaxId, TradeRegisterNumber
from crm_api.kit.listing import (
    Bin,
    FieldOf,
    Filter,
    ListQuery,
    Page,
    at_least,
    at_most,
    below,
    contains,
    is_null,
    matching,
    one_of,
    starts_with,
)
from crm_api.kit.money import Money
from crm_api.kit.schemas import Input, Moment, Output, Timestamp
from crm_api.kit.tags import Tag, Tags

AccountNumber = Annotated[str, Field(pattern=r"^C\d{8,12}$", max_length=13, examples=["C00012345"])]
AccountName = Annotated[str, Field(min_length=2, max_length=160, examples=["Famille AISSANI"])]
IndustryCode = Annotated[str, Field(pattern=r"^[0-9A-Z.]{2,10}$", max_length=10, examples=["49.41"])]
Activity = Annotated[str, Field(min_length=1, max_length=200, examples=["Transport routier de marchandises"])]
EmployeeCount = Annotated[int, Field(ge=0, le=1_000_000, examples=[42])]
Band = Annotated[int, Field(ge=0, le=4, examples=[2])]
CustomValues = Annotated[dict[str, JsonValue], Field(max_length=100, examples=[{"fleet_size": 12}])]
Segment = AccountSegment | None
RiskFlags = Annotated[list[RiskFlag], Field(max_length=6, examples=[["vip"]])]
OpenFlag = Literal["unpaid", "litigation", "vip", "pep", "deceased"]
"""Warnings that everybody sees who sees the account."""
FLAG: Filter = matching(contains(Account.risk_flags).build, reads=OpenFlag)
FRAUD: Filter = matching(
    lambda name, asked: (
        contains(Account.risk_flags).build(name, None)
        if asked
        else ~contains(Account.risk_flags).build(name, None)
    ),
    bool,
    lambda _: str(RiskFlag.FRAUD_SUSPICION),
    reads=bool,
)
"""A service asks for the scope before it lets this through."""


class AccountCreate(Input):
    """An account to open."""

    type: AccountType
    """Household, company, public body or association."""
    name: AccountName
    """"Famille AISSANI", a person's name, or the name of the company."""
    addresses: Annotated[list[PostalAddress], Field(min_length=1, max_length=10)]
    """Where it is; the first is the main one."""
    agency_id: UUID | None = None
    """The agency that looks after it; your own when left out."""
    manager_user_id: UUID | None = None
    """The account manager."""
    segment: Segment = None
    """Market segment."""
    industry_code: IndustryCode | None = None
    """Code of the branch of industry (NAA)."""
    activity: Activity | None = None
    """What a company does."""
    employee_count: EmployeeCount | None = None
    """How many people work there."""
    annual_revenue_amount: Money | None = None
    """Yearly turnover; sealed, shown by its band."""
    trade_register_number: TradeRegisterNumber | None = None
    """Registre de commerce; unique."""
    tax_id: TaxId | None = None
    """NIF; unique."""
    statistical_id: StatisticalId | None = None
    """NIS."""
    tax_article: TaxArticle | None = None
    """Article d'imposition."""
    phones: PhoneInputs = []
    """Telephone numbers."""
    emails: EmailInputs = []
    """E-mail addresses."""
    bank_accounts: BankAccounts = []
    """For indemnities; sealed."""
    kyc: Kyc | None = None
    """Identity checks; sealed."""
    parent_account_id: UUID | None = None
    """The account above it in its group."""
    risk_flags: RiskFlags = []
    """Warnings; `fraud_suspicion` needs the scope claims:fraud."""
    tags: Tags = []
    """Words of your own."""
    custom_fields: CustomValues = {}
    """Values of the organization's own fields."""
    external_ids: ExternalIds = []
    """What other systems call it."""


class AccountPatch(Input):
    """What to change; a field left out stays, null empties it. Lists are replaced as a whole."""

    type: AccountType | MISSING = MISSING
    """Household, company, public body or association."""
    name: AccountName | MISSING = MISSING
    """Its name."""
    addresses: Annotated[list[PostalAddress], Field(min_length=1, max_length=10)] | MISSING = MISSING
    """Where it is; the first is the main one."""
    segment: Segment | MISSING = MISSING
    """Market segment."""
    industry_code: IndustryCode | None | MISSING = MISSING
    """Code of the branch of industry (NAA)."""
    activity: Activity | None | MISSING = MISSING
    """What a company does."""
    employee_count: EmployeeCount | None | MISSING = MISSING
    """How many people work there."""
    annual_revenue_amount: Money | None | MISSING = MISSING
    """Yearly turnover; sealed."""
    trade_register_number: TradeRegisterNumber | None | MISSING = MISSING
    """Registre de commerce; unique."""
    tax_id: TaxId | None | MISSING = MISSING
    """NIF; unique."""
    statistical_id: StatisticalId | None | MISSING = MISSING
    """NIS."""
    tax_article: TaxArticle | None | MISSING = MISSING
    """Article d'imposition."""
    phones: PhoneInputs | MISSING = MISSING
    """Telephone numbers; what is known of one that stays is kept."""
    emails: EmailInputs | MISSING = MISSING
    """E-mail addresses; what is known of one that stays is kept."""
    bank_accounts: BankAccounts | MISSING = MISSING
    """For indemnities; sealed."""
    kyc: Kyc | None | MISSING = MISSING
    """Identity checks; sealed."""
    parent_account_id: UUID | None | MISSING = MISSING
    """The account above it in its group."""
    risk_flags: RiskFlags | MISSING = MISSING
    """Warnings; without claims:fraud, a hidden `fraud_suspicion` stays as it is."""
    tags: Tags | MISSING = MISSING
    """Words of your own."""
    custom_fields: CustomValues | MISSING = MISSING
    """Laid over the present values; null takes one away."""
    external_ids: ExternalIds | MISSING = MISSING
    """What other systems call it."""


class AccountKpis(Output):
    """Figures computed every night; null until there is something to compute."""

    written_premium_12m: Money | None = None
    """Premiums written in twelve months."""
    paid_claims_36m: Money | None = None
    """Indemnities paid in thirty-six months."""
    loss_ratio_36m_rate: str | None = Field(default=None, max_length=12, examples=["0.42"])
    """Claims over premiums in thirty-six months."""
    outstanding_amount: Money | None = None
    """Premiums due and unpaid."""
    clv_amount: Money | None = None
    """Expected value of the customer."""
    churn_score: int | None = Field(default=None, ge=0, le=100, examples=[35])
    """Risk of leaving, 0 to 100."""
    nps_last: int | None = Field(default=None, ge=0, le=10, examples=[9])
    """Last answer to "would you recommend us"."""


class AccountRead(Output):
    """An account."""

    id: UUID
    """Identifier."""
    number: AccountNumber
    """Customer code (code client)."""
    type: AccountType
    """Household, company, public body or association."""
    name: AccountName
    """Its name."""
    segment: Segment
    """Market segment."""
    status: AccountStatus
    """active, archived, closed or merged."""
    lifecycle: AccountLifecycle
    """Follows the policies."""
    tier: AccountTier
    """Loyalty tier."""
    industry_code: IndustryCode | None
    """Code of the branch of industry (NAA)."""
    activity: Activity | None
    """What a company does."""
    employee_count: EmployeeCount | None
    """How many people work there."""
    revenue_band: Band
    """Turnover in million dinars: 0 unknown, 1 up to 40, 2 up to 400, 3 up to 4,000, 4 more."""
    trade_register_number: TradeRegisterNumber | None
    """Registre de commerce."""
    tax_id: TaxId | None
    """NIF."""
    statistical_id: StatisticalId | None
    """NIS."""
    tax_article: TaxArticle | None
    """Article d'imposition."""
    addresses: Addresses
    """Where it is; the first is the main one."""
    phones: PhoneEntries
    """Telephone numbers."""
    emails: EmailEntries
    """E-mail addresses."""
    masked: AccountMasked
    """Official and financial data on file."""
    agency_id: UUID
    """The agency that looks after it."""
    manager_user_id: UUID | None
    """The account manager."""
    customer_since: date | None
    """First day of the first policy."""
    last_policy_expiry: date | None
    """Last day of the latest policy."""
    parent_account_id: UUID | None
    """The account above it in its group."""
    risk_flags: RiskFlags
    """Warnings that you may see."""
    kpis: AccountKpis
    """Figures of the night."""
    tags: Tags
    """Words of your own."""
    custom_fields: CustomValues
    """Values of the organization's own fields."""
    external_ids: ExternalIds
    """What other systems call it."""
    merged_into_id: UUID | None
    """The account that took it over."""
    merged_at: Timestamp | None
    """When it was merged."""
    version: int
    """For If-Match."""
    created_at: Timestamp
    """When it was opened here."""
    updated_at: Timestamp
    """When it last changed."""
    deleted_at: Timestamp | None
    """When it was put in the bin."""


class AccountPage(Page[AccountRead]):
    """One page of accounts."""


SortKey = Literal[
    "created_at", "-created_at", "updated_at", "-updated_at", "name", "-name", "revenue_band", "-revenue_band"
]


class AccountQuery(ListQuery):
    """Which accounts. Accounts that were merged away are left out."""

    sortable: ClassVar = {
        "created_at": Account.created_at,
        "updated_at": Account.updated_at,
        "name": Account.name_folded,
        "revenue_band": Account.revenue_band,
    }

    sort: SortKey = "-created_at"
    """Sort key; a leading `-` means descending."""
    q: Annotated[str | None, words(Account)] = Field(
        default=None, min_length=2, max_length=100, examples=["aissani 0550"]
    )
    """Words of the name, number, e-mail, telephone or legal numbers: each begins one, in any order."""
    name_prefix: Annotated[str | None, starts_with(Account.name_folded)] = Field(
        default=None, min_length=1, max_length=80, examples=["famille ai"]
    )
    """Beginning of the name, accents and case ignored."""
    number: Annotated[list[AccountNumber] | None, one_of(Account.number)] = Field(default=None, max_length=50)
    """One or several customer codes (repeat the parameter)."""
    type: Annotated[list[AccountType] | None, one_of(Account.type)] = Field(default=None, max_length=4)
    """One or several kinds."""
    segment: Annotated[list[AccountSegment] | None, one_of(Account.segment)] = Field(
        default=None, max_length=7
    )
    """One or several segments."""
    status: Annotated[list[AccountStatus] | None, one_of(Account.status)] = Field(default=None, max_length=4)
    """One or several states."""
    lifecycle: Annotated[list[AccountLifecycle] | None, one_of(Account.lifecycle)] = Field(
        default=None, max_length=4
    )
    """Prospects, customers, former customers, blocked ones."""
    tier: Annotated[list[AccountTier] | None, one_of(Account.tier)] = Field(default=None, max_length=4)
    """One or several loyalty tiers."""
    wilaya_code: Annotated[list[WilayaCode] | None, one_of(Account.wilaya_code)] = Field(
        default=None, max_length=69
    )
    """One or several wilayas of the main address."""
    agency_id: Annotated[list[UUID] | None, one_of(Account.agency_id)] = Field(default=None, max_length=50)
    """One or several agencies."""
    manager_user_id: Annotated[list[UUID] | None, one_of(Account.owner_user_id)] = Field(
        default=None, max_length=50
    )
    """One or several account managers."""
    manager_user_id_null: Annotated[bool | None, is_null(Account.owner_user_id)] = None
    """true: accounts without a manager."""
    parent_account_id: Annotated[list[UUID] | None, one_of(Account.parent_account_id)] = Field(
        default=None, max_length=50
    )
    """The accounts directly below these."""
    parent_account_id_null: Annotated[bool | None, is_null(Account.parent_account_id)] = None
    """true: only the tops of groups."""
    tax_id: Annotated[list[TaxId] | None, one_of(Account.tax_id)] = Field(default=None, max_length=50)
    """One or several tax numbers."""
    revenue_band_gte: Annotated[Band | None, at_least(Account.revenue_band)] = None
    """This band of turnover or a higher one."""
    revenue_band_lte: Annotated[Band | None, at_most(Account.revenue_band)] = None
    """This band of turnover or a lower one."""
    risk_flag: Annotated[OpenFlag | None, FLAG] = None
    """Has this warning."""
    fraud_suspicion: Annotated[bool | None, FRAUD] = None
    """Whether fraud is suspected; needs the scope claims:fraud."""
    tag: Annotated[list[Tag] | None, tagged(Account)] = Field(default=None, max_length=10)
    """Has all of these tags."""
    created_at_gte: Annotated[Moment | None, at_least(Account.created_at)] = None
    """Opened at this moment or later."""
    created_at_lt: Annotated[Moment | None, below(Account.created_at)] = None
    """Opened before this moment."""
    updated_at_gte: Annotated[Moment | None, at_least(Account.updated_at)] = None
    """Changed at this moment or later."""
    updated_at_lt: Annotated[Moment | None, below(Account.updated_at)] = None
    """Changed before this moment."""
    deleted: Bin = "without"
    """Rows in the bin: left out, mixed in, or alone."""


class AccountListQuery(AccountQuery):
    """Which accounts, and what of them."""

    fields: list[Annotated[str, FieldOf(AccountRead)]] | None = Field(
        default=None, max_length=80, examples=[["id", "name"]]
    )
    """Only these fields."""
