"""The premiums of domain.md F-5, to the centime: what is asked, and what must come out."""

from decimal import Decimal
from typing import Any, NamedTuple

from crm_api.kit.money import to_centimes


class Golden(NamedTuple):
    """One case: the risk, and its components in dinars."""

    name: str
    product: str
    plan: str
    inputs: dict[str, Any]
    net: str
    fee: str
    vat: str
    fga: str
    dimension: str
    graduated: str
    tax: str
    surcharge: str
    total: str

    def expected(self) -> dict[str, str]:
        """As a quote shows it."""
        return {
            "net_premium": self.net,
            "policy_fee": self.fee,
            "vat": self.vat,
            "fga": self.fga,
            "dimension_stamp": self.dimension,
            "graduated_stamp": self.graduated,
            "vehicle_tax": self.tax,
            "surcharge": self.surcharge,
            "total_premium": self.total,
        }


def centimes(amount: str) -> int:
    return to_centimes(Decimal(amount))


def car(power: int, value: str | None = None, **more: Any) -> dict[str, Any]:
    """A private car of the North, a grown-up driver with an old licence."""
    told = {"usage": "personal", "power": power, "wilaya": "16"}
    told |= {"driver_born_on": "1980-03-02", "licence_on": "2002-06-01"}
    return told | ({"value": value} if value else {}) | more


def home(dwelling: str, rooms: int, contents: str, **more: Any) -> dict[str, Any]:
    told = {"dwelling": dwelling, "rooms": rooms, "contents_value": contents, "occupancy": "owner"}
    return told | {"wilaya": "16"} | more


def building(kind: str, surface: int, zone: str, *, compliant: bool, permit: str = "yes") -> dict[str, Any]:
    told = {"building": kind, "surface_m2": surface, "seismic_zone": zone, "wilaya": "16"}
    return told | {"compliant": compliant, "permit": permit}


PAID = {"vehicle_tax_paid_until": "2099-12-31", "vehicle_tax_receipt": "Quittance 4471"}
YOUNG = "23"
"""Years: the test works the birthday out from the first day of cover."""
CASES = (
    Golden(
        "tous risques",
        "AUTO_P",
        "TOUS_RISQUES",
        car(6, "2000000.00", assistance="tranquillite"),
        *("66604.40", "500.00", "12749.84", "76.63", "40.00", "2207.09", "1500.00", "0.00", "83677.96"),
    ),
    Golden(
        "tous risques, vehicle tax paid",
        "AUTO_P",
        "TOUS_RISQUES",
        car(6, "2000000.00", assistance="tranquillite", **PAID),
        *("66604.40", "500.00", "12749.84", "76.63", "40.00", "2207.09", "0.00", "0.00", "82177.96"),
    ),
    Golden(
        "collision, young driver",
        "AUTO_P",
        "DCVV",
        car(6, "1500000.00", assistance="sir_mhani", driver_born_on=YOUNG),
        *("57862.56", "500.00", "11088.89", "85.88", "40.00", "2032.25", "1500.00", "0.00", "73109.58"),
    ),
    Golden(
        "oto laki",
        "OTO_LAKI",
        "UNIQUE",
        car(4, "2400000.00", assistance="tranquillite_plus"),
        *("69094.22", "500.00", "13222.90", "68.83", "40.00", "2256.88", "1500.00", "0.00", "86682.83"),
    ),
    Golden(
        "liability alone",
        "AUTO_RC",
        "RC",
        car(8),
        *("2320.69", "500.00", "535.93", "84.62", "40.00", "300.00", "1500.00", "0.00", "5281.24"),
    ),
    Golden(
        "tous risques, 12 horse-powers",
        "AUTO_P",
        "TOUS_RISQUES",
        car(12, "4000000.00", assistance="liberte"),
        *("132999.17", "500.00", "25364.84", "145.48", "40.00", "7069.97", "1500.00", "0.00", "167619.46"),
    ),
    Golden(
        "home, flat of 3 rooms",
        "MRH",
        "BASE",
        home("flat", 3, "1000000.00"),
        *("2740.00", "500.00", "615.60", "0.00", "120.00", "0.00", "0.00", "0.00", "3975.60"),
    ),
    Golden(
        "home, villa of 6 rooms with a terrace",
        "MRH",
        "BASE",
        home("villa", 6, "3000000.00", terrace=True),
        *("8290.00", "500.00", "1670.10", "0.00", "120.00", "0.00", "0.00", "0.00", "10580.10"),
    ),
    Golden(
        "natural disasters, flat in zone 3",
        "CATNAT",
        "BASE",
        building("flat", 120, "3", compliant=True),
        *("3420.00", "1000.00", "0.00", "0.00", "80.00", "0.00", "0.00", "0.00", "4500.00"),
    ),
    Golden(
        "natural disasters, the least premium",
        "CATNAT",
        "BASE",
        building("flat", 50, "0", compliant=True),
        *("1500.00", "1000.00", "0.00", "0.00", "80.00", "0.00", "0.00", "0.00", "2580.00"),
    ),
    Golden(
        "natural disasters, house without permit",
        "CATNAT",
        "BASE",
        building("house", 200, "3", compliant=False, permit="no"),
        *("11750.00", "1000.00", "0.00", "0.00", "80.00", "0.00", "0.00", "2350.00", "15180.00"),
    ),
)
