from typing import Annotated
from uuid import UUID

from pydantic import Field

from crm_api.kit.identifiers import StatisticalId, TaxArticle, TaxId, TradeRegisterNumber
from crm_api.kit.money import Money
from crm_api.kit.phones import Phone
from crm_api.kit.schemas import Email, Input, Output, Timestamp
from crm_api.organizations.models import LegalForm, OrganizationStatus

CompanyName = Annotated[str, Field(min_length=2, max_length=160, examples=["Alliance Assurances SPA"])]
Address = Annotated[
    str, Field(min_length=1, max_length=300, examples=["Lotissement El Qods, Les Sources, Bir Mourad Raïs"])
]
WilayaCode = Annotated[str, Field(pattern=r"^\d{2}$", max_length=2, examples=["16"])]
CommuneCode = Annotated[str, Field(pattern=r"^\d{4,6}$", max_length=6, examples=["1601"])]
PostalCode = Annotated[str, Field(pattern=r"^\d{5}$", max_length=5, examples=["16000"])]
Website = Annotated[
    str,
    Field(
        pattern=r"^https://[^\s/]+\S*$", max_length=200, examples=["https://www.allianceassurances.com.dz"]
    ),
]
LicenceNumber = Annotated[str, Field(min_length=1, max_length=40, examples=["122/05"])]
PersonName = Annotated[str, Field(min_length=1, max_length=160, examples=["Nadia Hamdi"])]
DeclarationNumber = Annotated[str, Field(min_length=1, max_length=60, examples=["ANPDP-2024-00118"])]
EmployeeCount = Annotated[int, Field(ge=1, le=1_000_000, examples=[800])]


class OrganizationSheet(Input):
    """The company sheet, as a whole: what is left out becomes empty."""

    name: CompanyName
    """Legal name."""
    address: Address
    """Registered office."""
    postal_code: PostalCode
    """Five digits."""
    mobile: Phone
    """Mobile number, E.164."""
    email: Email
    """The company's address."""
    employee_count: EmployeeCount
    """How many people work here."""
    trade_register_number: TradeRegisterNumber
    """N° de registre de commerce; an unusual form gives a warning, not a refusal."""
    legal_form: LegalForm | None = None
    """Insurers are an SPA or a mutual."""
    wilaya_code: WilayaCode | None = None
    """Wilaya of the registered office."""
    commune_code: CommuneCode | None = None
    """Commune of the registered office."""
    website: Website | None = None
    """https only."""
    tax_id: TaxId | None = None
    """NIF."""
    statistical_id: StatisticalId | None = None
    """NIS."""
    tax_article: TaxArticle | None = None
    """AI."""
    insurance_license_number: LicenceNumber | None = None
    """Agrément."""
    share_capital_amount: Money | None = None
    """Share capital."""
    dpo_name: PersonName | None = None
    """Data protection officer (law 25-11)."""
    dpo_email: Email | None = None
    """How to reach that officer."""
    anpdp_declaration_number: DeclarationNumber | None = None
    """Declaration to the ANPDP."""


class OrganizationRead(Output):
    """The company sheet and its state."""

    id: UUID
    """Identifier of the organization."""
    status: OrganizationStatus
    """draft until the sheet is complete and an administrator's address is proved."""
    name: CompanyName | None
    """Legal name."""
    legal_form: LegalForm | None
    """Insurers are an SPA or a mutual."""
    address: Address | None
    """Registered office."""
    wilaya_code: WilayaCode | None
    """Wilaya of the registered office."""
    commune_code: CommuneCode | None
    """Commune of the registered office."""
    postal_code: PostalCode | None
    """Five digits."""
    mobile: Phone | None
    """Mobile number, E.164."""
    email: Email | None
    """The company's address."""
    website: Website | None
    """https only."""
    employee_count: EmployeeCount | None
    """How many people work here."""
    trade_register_number: TradeRegisterNumber | None
    """N° de registre de commerce."""
    tax_id: TaxId | None
    """NIF."""
    statistical_id: StatisticalId | None
    """NIS."""
    tax_article: TaxArticle | None
    """AI."""
    insurance_license_number: LicenceNumber | None
    """Agrément."""
    share_capital_amount: Money | None
    """Share capital."""
    dpo_name: PersonName | None
    """Data protection officer."""
    dpo_email: Email | None
    """How to reach that officer."""
    anpdp_declaration_number: DeclarationNumber | None
    """Declaration to the ANPDP."""
    timezone: str = Field(max_length=40, examples=["Africa/Algiers"])
    """Zone of all local dates."""
    locale: str = Field(max_length=10, examples=["fr-DZ"])
    """Language and country."""
    currency: str = Field(max_length=3, examples=["DZD"])
    """ISO 4217."""
    logo_media_type: str | None = Field(max_length=40, examples=["image/png"])
    """What kind of picture the logo is; null: there is none."""
    activated_at: Timestamp | None
    """When it became active."""
    version: int = Field(ge=1, examples=[3])
    """For If-Match."""
    created_at: Timestamp
    """When the administrator signed up."""
    updated_at: Timestamp
    """When the sheet or the settings last changed."""


class SheetWarning(Output):
    """Something that deserves a second look and is accepted as it is."""

    pointer: str = Field(max_length=80, examples=["/tax_id"])
    """The field (RFC 6901)."""
    code: str = Field(max_length=40, examples=["unusual_form"])
    """Kind of warning."""
    detail: str = Field(max_length=300, examples=["Ce numéro n'a pas la forme habituelle."])
    """For people, in the language asked for."""


class OrganizationShown(OrganizationRead):
    """The company sheet, its state, and what deserves a second look."""

    warnings: list[SheetWarning] = Field(max_length=10)
    """Legal numbers of an unusual form."""
