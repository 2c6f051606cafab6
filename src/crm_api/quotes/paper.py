"""The quote on paper: French, what is covered, what it costs line by line, and how to accept it."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from crm_api.agencies.service import AgencyService
from crm_api.core import paper
from crm_api.core.context import Context
from crm_api.kit.clock import ALGIERS, today
from crm_api.kit.errors import NotFound
from crm_api.kit.later import later
from crm_api.kit.money import Money, in_french
from crm_api.organizations.errors import NoLogo
from crm_api.organizations.schemas import OrganizationShown
from crm_api.organizations.service import OrganizationService
from crm_api.products.catalogue import Sold
from crm_api.products.service import ProductService
from crm_api.quotes.models import QuoteStatus, RatedBy
from crm_api.quotes.repository import QuoteRepository
from crm_api.quotes.schemas.quote import QuoteRead
from crm_api.quotes.schemas.words import QuoteLine
from crm_api.quotes.sharing import link_of
from crm_api.reference import service as reference
from crm_api.reference.models import LabelLanguage
from crm_api.users.service import UserService

if TYPE_CHECKING:
    import typst
else:
    typst = later("typst")

_TEMPLATE = resources.files(__package__).joinpath("quote.typ").read_text("utf-8")
_PICTURES = {"image/png": "logo.png", "image/jpeg": "logo.jpg", "image/svg+xml": "logo.svg"}
_AGENCY = re.compile("^agence (de |d')?", re.IGNORECASE)
_MARKS = {
    QuoteStatus.DRAFT: "PROJET",
    QuoteStatus.NEEDS_REFERRAL: "À VALIDER",
    QuoteStatus.REFUSED: "REFUSÉ",
    QuoteStatus.SUPERSEDED: "REMPLACÉ",
    QuoteStatus.EXPIRED: "EXPIRÉ",
    QuoteStatus.DECLINED: "DÉCLINÉ",
}
_TAXES = (
    ("Accessoires (coût de police)", "policy_fee"),
    ("TVA", "vat"),
    ("Fonds de garantie automobile (FGA)", "fga"),
    ("Timbre de dimension", "dimension_stamp"),
    ("Timbre gradué", "graduated_stamp"),
    ("Taxe annuelle sur les véhicules", "vehicle_tax"),
)
_WORDS = {
    "personal": "Privé",
    "civil_servant": "Fonctionnaire",
    "business": "Affaires",
    "trade": "Commerce",
    "taxi": "Taxi",
    "driving_school": "Auto-école",
    "sir_mhani": "Sir Mhani",
    "tranquillite": "Tranquillité",
    "tranquillite_plus": "Tranquillité Plus",
    "liberte": "Liberté",
    "flat": "Appartement",
    "house": "Maison",
    "villa": "Villa",
    "shop": "Commerce",
    "factory": "Industrie",
    "owner": "Propriétaire",
    "tenant": "Locataire",
    "landlord": "Bailleur",
    "yes": "Oui",
    "no": "Non",
    "unknown": "Non connu",
    "00": "Voiture de tourisme",
}


class PrintedQuote(NamedTuple):
    """A page to hand out."""

    name: str
    content: bytes


class QuotePaper:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.quotes = QuoteRepository(ctx)

    async def print(self, quote_id: UUID, *, as_: paper.Format = "pdf") -> PrintedQuote:
        """What may not be accepted says so across the page."""
        quote = (await self.quotes.get(quote_id)).value
        data, pictures = await self._data(quote), await self._logo()
        data["logo"] = next(iter(pictures), None)
        if quote.sent_at is not None and quote.status not in _MARKS:
            data["link"] = link_of(self.ctx, quote).url
            pictures["qr.svg"] = paper.qr_code(data["link"])
        try:
            page = await paper.printed(_TEMPLATE, data, pictures, as_=as_)
        except typst.TypstError:  # a logo that no program can draw spoils no quote
            page = await paper.printed(_TEMPLATE, data | {"logo": None}, pictures, as_=as_)
        return PrintedQuote(f"{quote.number}-{quote.revision}.{as_}", page)

    async def _data(self, quote: QuoteRead) -> dict[str, Any]:
        product = await ProductService(self.ctx).sold(quote.product_code, quote.effective_on)
        plan = product.plan(quote.plan_code)
        agency = (await AgencyService(self.ctx).get(quote.agency_id)).value
        made_on = (quote.rated_at or quote.created_at).astimezone(ALGIERS).date()
        last = quote.expires_on - timedelta(days=1)
        return {
            "number": quote.number,
            "revision": quote.revision if quote.revision > 1 else None,
            "mark": _MARKS.get(quote.status),
            "organization": _house(await OrganizationService(self.ctx).shown()),
            "agency": f"{_AGENCY.sub('', agency.name)} ({agency.code})",
            "phone": agency.phone,
            "seller": await self._seller(quote.seller_user_id),
            "customer": await self._customer(quote),
            "product": product.label,
            "plan": plan.label if plan else quote.plan_code,
            "object": quote.object_label,
            "made_on": _day(made_on),
            "valid_until": _day(quote.valid_until),
            "effective": _day(quote.effective_on),
            "last": _day(last),
            "term": f"{quote.term_months} mois" if quote.term_months else f"{quote.term_days} jours",
            "answers": list(_answers(product, quote)),
            "coverages": [_line(line) for line in quote.coverages],
            "premium": list(_premium(quote)),
            "total": _dinars(quote.total_premium),
            "is_estimate": quote.rated_by is not RatedBy.POLICY_SYSTEM,
            "documents": [_document(kind) for kind in product.documents],
            "logo": None,
            "link": None,
            "printed_on": _day(today()),
        }

    async def _seller(self, seller_id: UUID | None) -> str | None:
        if seller_id is None:
            return None
        try:
            user = (await UserService(self.ctx).get(seller_id)).value
        except NotFound:
            return None
        return f"{user.first_name} {user.last_name.upper()}"

    async def _customer(self, quote: QuoteRead) -> str | None:
        """Whoever it is for, by the name that the house knows."""
        for kind in ("contact", "account", "lead"):
            party_id = getattr(quote, f"{kind}_id")
            if party_id is None or kind not in self.ctx.tools.objects:
                continue
            try:
                sheet = (await self.ctx.tools.objects[kind](self.ctx).get(party_id)).value
            except NotFound:
                continue
            names = (getattr(sheet, name, None) for name in ("display_name", "name", "full_name"))
            return next((str(name) for name in names if name), None)
        return None

    async def _logo(self) -> dict[str, bytes]:
        try:
            logo = await OrganizationService(self.ctx).logo()
        except NoLogo:
            return {}
        return {_PICTURES[logo.media_type]: logo.data}


def _house(sheet: OrganizationShown) -> dict[str, str]:
    address = " · ".join(part for part in (sheet.address, sheet.postal_code) if part)
    register = f"RC {sheet.trade_register_number}" if sheet.trade_register_number else None
    licence = f"Agrément {sheet.insurance_license_number}" if sheet.insurance_license_number else None
    footer = " · ".join(part for part in (sheet.name, register, licence, sheet.mobile) if part)
    return {"name": sheet.name or "", "address": address, "footer": footer}


def _answers(product: Sold, quote: QuoteRead) -> Iterator[tuple[str, str]]:
    """What the questionnaire asked; what is class P3 stays out of the paper."""
    for name, about in product.questionnaire.get("properties", {}).items():
        told = quote.inputs.get(name)
        if told is None or "x-label-fr" not in about or "x-pii" in about:
            continue
        yield about["x-label-fr"], _answer(about, told)


def _answer(about: dict[str, Any], told: Any) -> str:
    if isinstance(told, bool):
        return "Oui" if told else "Non"
    if about.get("x-money"):
        return _dinars(Money(amount=str(told), currency="DZD"))
    if about.get("format") == "date":
        return _day(date.fromisoformat(str(told)))
    if "x-tariff-zone" in about:
        return f"{told} {reference.wilaya(str(told)).label_fr}"
    return _WORDS.get(str(told), str(told))


def _line(line: QuoteLine) -> dict[str, str | None]:
    return {
        "label": line.label,
        "sum": _dinars(line.sum_insured) if line.sum_insured else None,
        "deductible": _dinars(line.deductible) if line.deductible and line.deductible.centimes else None,
        "discount": _dinars(line.discount) if line.discount.centimes else None,
        "net": _dinars(line.net) if line.net.centimes else "Inclus",
    }


def _premium(quote: QuoteRead) -> Iterable[tuple[str, str]]:
    yield "Prime nette", _dinars(quote.net_premium)
    if quote.surcharge.centimes:
        yield "Majoration", _dinars(quote.surcharge)
    for label, name in _TAXES:
        amount: Money = getattr(quote, name)
        if amount.centimes:
            yield label, _dinars(amount)


def _dinars(amount: Money) -> str:
    return in_french(amount.centimes).replace(" ", "\u00a0")


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _document(kind: str) -> str:
    return reference.enums(LabelLanguage.FR).get("document.kind", {}).get(kind, kind)
