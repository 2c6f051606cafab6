"""The words of the domain, as its schemas bound and exemplify them."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, JsonValue

from crm_api.kit.identifiers import Plate
from crm_api.kit.schemas import Input, Output, Timestamp

FullName = Annotated[str, Field(min_length=2, max_length=161, examples=["Ilyès AISSANI"])]
FirstName = Annotated[str, Field(min_length=1, max_length=80, examples=["Ilyès"])]
LastName = Annotated[str, Field(min_length=1, max_length=80, examples=["AISSANI"])]
JobTitle = Annotated[str, Field(min_length=1, max_length=120, examples=["Gérant"])]
CompanyName = Annotated[str, Field(min_length=1, max_length=160, examples=["SARL Transport El Amel"])]
BestTime = Annotated[str, Field(min_length=1, max_length=120, examples=["après 17 h"])]
Detail = Annotated[str, Field(min_length=1, max_length=200, examples=["Salon de l'automobile d'Alger"])]
Utm = Annotated[str, Field(min_length=1, max_length=200, examples=["rentree-2026"])]
Url = Annotated[
    str,
    Field(pattern=r"^https?://\S+$", max_length=2000, examples=["https://www.example.com/devis-auto"]),
]
ClickId = Annotated[str, Field(min_length=1, max_length=200, examples=["EAIaIQobChMI"])]
ProductCode = Annotated[str, Field(pattern=r"^[A-Z0-9_]{2,40}$", max_length=40, examples=["AUTO_P"])]
Products = Annotated[list[ProductCode], Field(max_length=20, examples=[["AUTO_P", "MRH"]])]
Need = Annotated[
    str, Field(min_length=1, max_length=4000, examples=["Tous risques pour une voiture neuve, dès janvier"])
]
WilayaCode = Annotated[str, Field(pattern=r"^\d{2}$", max_length=2, examples=["16"])]
CommuneCode = Annotated[str, Field(pattern=r"^\d{4,6}$", max_length=6, examples=["1601"])]
PostalCode = Annotated[str, Field(pattern=r"^\d{5}$", max_length=5, examples=["16000"])]
Insurer = Annotated[str, Field(min_length=1, max_length=120, examples=["SAA"])]
Reference = Annotated[
    str, Field(pattern=r"^[\x21-\x7e]{1,120}$", max_length=120, examples=["CMP-2026-88412"])
]
TextVersion = Annotated[str, Field(pattern=r"^[\w.-]{1,40}$", max_length=40, examples=["2026-10"])]
Comment = Annotated[
    str, Field(min_length=1, max_length=1000, examples=["A déjà renouvelé chez son assureur"])
]
Reason = Annotated[str, Field(min_length=3, max_length=500, examples=["Le client demande un devis"])]
CustomValues = Annotated[dict[str, JsonValue], Field(max_length=100, examples=[{"fleet_size": 12}])]
Number = Annotated[str, Field(max_length=20, examples=["P-2026-000777"])]


class VehicleQuickData(Input):
    """What a first motor quote needs."""

    plate: Plate | None = None
    """Registration plate."""
    make: str | None = Field(default=None, min_length=1, max_length=60, examples=["Renault"])
    """Make."""
    model: str | None = Field(default=None, min_length=1, max_length=60, examples=["Symbol"])
    """Model."""
    first_registration_year: int | None = Field(default=None, ge=1950, le=2100, examples=[2021])
    """Year it was first registered."""
    fiscal_power: int | None = Field(default=None, ge=1, le=100, examples=[7])
    """Fiscal horsepower (puissance fiscale)."""
    value_dzd: int | None = Field(default=None, ge=0, le=1_000_000_000, examples=[2_400_000])
    """Declared value, whole dinars."""


class HomeQuickData(Input):
    """What a first home quote needs."""

    surface_m2: int | None = Field(default=None, ge=1, le=100_000, examples=[110])
    """Living area, square metres."""
    rooms: int | None = Field(default=None, ge=1, le=200, examples=[4])
    """Main rooms."""
    construction_year: int | None = Field(default=None, ge=1800, le=2100, examples=[1998])
    """Year it was built."""
    contents_value_dzd: int | None = Field(default=None, ge=0, le=1_000_000_000, examples=[1_500_000])
    """Declared value of the contents, whole dinars."""


class QuickData(Input):
    """Data for a first quote, class P3: kept sealed, shown masked, in clear only by `unmask`."""

    birth_date: date | None = Field(default=None, ge=date(1900, 1, 1), examples=["1990-05-14"])
    """Birth date of the driver or insured person."""
    vehicle: VehicleQuickData | None = None
    """The vehicle."""
    home: HomeQuickData | None = None
    """The home."""


class Consent(Input):
    """What the person agreed to, and the proof of it."""

    text_version: TextVersion
    """Version of the text shown."""
    text: str | None = Field(
        default=None, max_length=2000, examples=["J'accepte d'être rappelé au sujet de ma demande."]
    )
    """The text itself, where its versions are not registered here."""
    accepted_at: AwareDatetime | None = None
    """When; now when left out."""
    marketing_email: bool = False
    """Offers by e-mail."""
    marketing_sms: bool = False
    """Offers by SMS."""
    marketing_phone: bool = False
    """Offers by phone."""
    marketing_whatsapp: bool = False
    """Offers by WhatsApp."""


class ConsentSnapshot(Output):
    """What the person had agreed to when the lead was recorded."""

    text_version: str | None = Field(max_length=40, examples=["2026-10"])
    """Version of the text shown; null: no proof was given."""
    text: str | None = Field(max_length=2000, examples=["J'accepte d'être rappelé au sujet de ma demande."])
    """The text itself, where it was given."""
    accepted_at: Timestamp | None
    """When."""
    channels: list[str] = Field(max_length=4, examples=[["marketing_email"]])
    """The marketing purposes agreed to; none by default."""
    marketing: bool
    """Whether any of them was."""
    only_for_request: bool
    """true: no proof of consent, so the person may be called about this request only."""
    ip: str | None = Field(max_length=45, examples=["197.112.0.8"])
    """Where from."""


class ScoreFactor(Output):
    """One reason for the score."""

    code: str = Field(max_length=40, examples=["quote_completed"])
    """The rule."""
    points: int = Field(ge=-100, le=100, examples=[20])
    """What it adds or takes."""
    label: str = Field(max_length=120, examples=["Devis terminé en ligne"])
    """The reason, for people, in French."""


class DuplicateCandidate(Output):
    """Somebody recorded who may be the same person."""

    type: str = Field(max_length=20, examples=["lead"])
    """`lead` or `contact`."""
    id: UUID
    """Identifier."""
    score: int = Field(ge=0, le=100, examples=[80])
    """How sure: 90 and more is the same person, 60 to 89 probably."""
    reasons: list[str] = Field(max_length=8, examples=[["name_phone", "phone"]])
    """What agrees, strongest first."""
