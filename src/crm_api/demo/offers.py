"""Quotes of the demonstration: every state that a quote can stand in before the contract."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from crm_api.accounts.schemas import AccountQuery
from crm_api.accounts.service import AccountService
from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.clock import today
from crm_api.quotes.models import DeclineReason, SendingWay
from crm_api.quotes.pricing import Pricing
from crm_api.quotes.schemas.actions import QuoteDecline, QuoteDiscount, QuoteSend
from crm_api.quotes.schemas.quote import QuoteCreate, QuotePatch
from crm_api.quotes.service import QuoteService
from crm_api.quotes.sharing import Sharing
from crm_api.quotes.steps import QuoteSteps

_DRIVER = {"driver_born_on": "1984-05-17", "licence_on": "2005-09-10", "wilaya": "16"}
_CARS = (
    ("Renault", "Symbol", 6, "1850000.00"),
    ("Dacia", "Logan", 5, "1600000.00"),
    ("Peugeot", "208", 7, "2900000.00"),
    ("Volkswagen", "Golf", 8, "4200000.00"),
    ("Hyundai", "i10", 5, "1950000.00"),
)
_TOO_DEAR = ("Mercedes-Benz", "Classe S", 18, "24000000.00")
HANDED = QuoteSend(by=SendingWay.HANDED_OVER)
FATES = ("draft", "rated", "referred", "sent", "viewed", "declined", "late", "revised", "sent", "rated")
ROUNDS = 3
_DISCOUNT = QuoteDiscount.model_validate({"rate": "0.05", "reason": "Deuxième contrat du foyer"})


async def quote(ctx: Context, sellers: list[tuple[UUID, UUID]]) -> dict[str, str]:
    """One id of each kind; quotes that expire are told so by the job of the house."""
    accounts = (await AccountService(ctx).page(AccountQuery(limit=50))).value.data
    if not accounts or not sellers:
        return {}
    made: dict[str, str] = {}
    for number in range(ROUNDS * len(FATES)):
        account = accounts[number % len(accounts)]
        seller_id, agency_id = sellers[number % len(sellers)]
        fate = FATES[number % len(FATES)]
        body = _risk(number, fate) | {"account_id": account.id, "seller_user_id": seller_id}
        data = QuoteCreate.model_validate(body | {"agency_id": agency_id})
        quote_id = (await QuoteService(ctx).create(data)).value.id
        await _fulfil(ctx, quote_id, fate)
        if fate == "sent":
            made.setdefault("quote", str(quote_id))
    await QuoteSteps(ctx).expire()
    return made


def _risk(number: int, fate: str) -> dict[str, Any]:
    begins = today() + timedelta(days=number % 20)
    if fate == "referred":
        return _car(_TOO_DEAR, begins)
    if number % 5 == 3:
        home = {"dwelling": "flat", "rooms": 3 + number % 3, "occupancy": "owner", "wilaya": "16"}
        home |= {"contents_value": "1200000.00"}
        return {"product_code": "MRH", "plan_code": "BASE", "inputs": home, "effective_on": begins}
    if number % 5 == 4:
        walls = {"building": "flat", "surface_m2": 80 + number, "seismic_zone": "3", "wilaya": "16"}
        walls |= {"compliant": True, "permit": "yes"}
        return {"product_code": "CATNAT", "plan_code": "BASE", "inputs": walls, "effective_on": begins}
    return _car(_CARS[number % len(_CARS)], begins)


def _car(car: tuple[str, str, int, str], begins: Any) -> dict[str, Any]:
    make, model, power, value = car
    inputs = {**_DRIVER, "usage": "personal", "make": make, "model": model, "power": power, "value": value}
    inputs |= {"assistance": "tranquillite"}
    return {
        "product_code": "AUTO_P",
        "plan_code": "TOUS_RISQUES",
        "inputs": inputs,
        "effective_on": begins,
    }


async def _fulfil(ctx: Context, quote_id: UUID, fate: str) -> None:
    if fate == "draft":
        return
    priced = (await Pricing(ctx).rate(quote_id, ANY_VERSION)).value
    if fate in ("rated", "referred"):
        if fate == "rated" and priced.product_code == "AUTO_P":
            await Pricing(ctx).discount(quote_id, _DISCOUNT, ANY_VERSION)
        return
    steps = QuoteSteps(ctx)
    await steps.send(quote_id, HANDED, ANY_VERSION)
    if fate in ("viewed", "declined", "late"):
        await Sharing(ctx).view(quote_id)
    if fate == "declined":
        no = QuoteDecline(reason=DeclineReason.PRICE, comment="Moins cher chez son courtier")
        await steps.decline(quote_id, no, ANY_VERSION)
    if fate == "late":
        quote = await QuoteService(ctx).loaded(quote_id, ANY_VERSION)
        quote.valid_until = today() - timedelta(days=1)
        await steps.quotes.save(quote)
    if fate == "revised":
        await QuoteService(ctx).revise(quote_id, QuotePatch(), ANY_VERSION)
