"""Words that several schemas of premiums and payments share."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from crm_api.kit.money import Money
from crm_api.kit.schemas import Day, Output


def _in_our_times(day: date) -> date:
    if not date(2000, 1, 1) <= day < date(2100, 1, 1):
        raise PydanticCustomError("not_in_our_times", "Between 2000 and 2100")
    return day


def _some_dinars(amount: Money) -> Money:
    if amount.currency != "DZD" or amount.centimes <= 0:
        raise PydanticCustomError("positive_dinars_expected", "An amount of dinars, above zero")
    return amount


BillingDay = Annotated[Day, AfterValidator(_in_our_times), Field(examples=["2026-11-25"])]
SomeDinars = Annotated[Money, AfterValidator(_some_dinars)]
ReceiptNumber = Annotated[str, Field(max_length=60, examples=["16012/2026/AUTO_RC/00913"])]
PaymentNumber = Annotated[str, Field(max_length=40, examples=["E16012-2026-000381"])]
PaymentReference = Annotated[
    str, Field(min_length=1, max_length=80, pattern=r"^\S.*$", examples=["CHQ 0044821 BNA"])
]
PostingNumber = Annotated[
    str, Field(min_length=4, max_length=60, pattern=r"^[A-Za-z0-9 /.-]+$", examples=["RR123456789DZ"])
]
BillingReason = Annotated[
    str, Field(min_length=3, max_length=500, examples=["Double paiement constaté au guichet"])
]
DisputeReason = Annotated[
    str, Field(min_length=3, max_length=300, examples=["Le client dit avoir payé par virement"])
]
SystemName = Annotated[str, Field(max_length=40, examples=["crm"])]
ExternalName = Annotated[str, Field(max_length=80, examples=["ENC-2026-004711"])]


class PremiumShown(Output):
    """The lines of a premium; their sum is the total."""

    net: Money
    """Net premium."""
    fee: Money
    """Coût de police."""
    vat: Money
    """Value added tax."""
    fga: Money
    """Contribution to the motor guarantee fund."""
    dimension_stamp: Money
    """Timbre de dimension."""
    graduated_stamp: Money
    """Timbre gradué."""
    vehicle_tax: Money
    """Annual tax on the vehicle."""
    total: Money
    """What it comes to."""
