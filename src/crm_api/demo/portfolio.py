"""Contracts of the demonstration, in every state and in the proportions of a portfolio (domain.md F-7)."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from crm_api.accounts.schemas import AccountQuery
from crm_api.accounts.service import AccountService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.clock import ALGIERS, today
from crm_api.kit.money import Money, line
from crm_api.policies.endorsing import EndorsementService
from crm_api.policies.insured import InsuredObjectService
from crm_api.policies.models.policy import TerminationReason
from crm_api.policies.renewing import RenewalService
from crm_api.policies.schemas.content import PolicyCreate
from crm_api.policies.schemas.endorsements import EndorsementCreate
from crm_api.policies.schemas.objects import InsuredObjectCreate
from crm_api.policies.schemas.renewals import PolicyRenew
from crm_api.policies.service import PolicyService

PRODUCTS = (("AUTO_P", 78), ("CATNAT", 9), ("MRH", 6), ("MRP", 2), ("VOYAGE", 5))
FATES = (
    *(("in_force", 66), ("renewed", 10), ("suspended", 5), ("issued", 5), ("expired", 5)),
    *(("terminated", 5), ("proposed", 3), ("cancelled", 1)),
)
CARS = (("Renault", "Symbol"), ("Peugeot", "208"), ("Dacia", "Logan"), ("Hyundai", "i10"), ("Kia", "Picanto"))
MEDIAN, ALL_RISKS = 6_500_00, 45_000_00
"""Net premium of a year, centimes: liability alone, and all risks; 70 and 30 of a hundred."""
VAT = Decimal("0.19")
"""Of these contracts; the tariff's own rate is dated data of the catalogue."""


class PortfolioDesk:
    """Issues contracts to accounts that are there; the same ones every time."""

    def __init__(self, sellers: Sequence[tuple[UUID, UUID]], count: int) -> None:
        """`sellers`: user and agency of those who sell."""
        self.sellers, self.count = sellers, count
        self.dice = Random(20261130)  # noqa: S311 - repeatable, not secret
        self.objects: dict[str, str] = {}

    async def work(self, ctx: Context) -> None:
        """Everything in the transaction of `ctx`."""
        ctx.begin()
        accounts = (await AccountService(ctx).page(AccountQuery(limit=200))).value.data
        for number in range(self.count):
            fate = FATES[number][0] if number < len(FATES) else self._chosen(FATES)  # one of each first
            await self._contract(ctx, self.dice.choice(accounts).id, fate)

    async def _contract(self, ctx: Context, account_id: UUID, fate: str) -> None:
        product = self._chosen(PRODUCTS)
        began = self._began(fate)
        seller, agency = self.dice.choice(self.sellers)
        objects = [await self._car(ctx, account_id)] if product == "AUTO_P" else []
        service = PolicyService(ctx)
        data = PolicyCreate.model_validate(
            {
                "account_id": account_id,
                "product_code": product,
                "effective_at": began,
                "producer_user_id": seller,
                "agency_id": agency,
                "payment_plan": self._chosen((("single", 6), ("semiannual", 3), ("quarterly", 1))),
                "object_ids": objects,
                "coverages": self._coverages(objects),
                "issue": fate not in ("proposed", "cancelled"),
                **self._premium(),
            }
        )
        id = UUID(str((await service.create(data)).id))
        if fate == "cancelled":
            await service.cancel(id, "Erreur de saisie")
        if fate in ("proposed", "cancelled", "issued"):
            return
        await service.begin(id, began)
        self.objects.setdefault("policy", str(id))
        await self._live(ctx, service, id, fate)

    async def _live(self, ctx: Context, service: PolicyService, id: UUID, fate: str) -> None:
        if fate == "in_force" and (len(self.objects) < 3 or self.dice.random() < 0.05):
            await self._endorse(ctx, id)
        if fate == "suspended":
            await service.suspend(id, "Prime impayée après mise en demeure")
        elif fate == "terminated":
            reason = self.dice.choice([TerminationReason.SALE_OF_OBJECT, TerminationReason.INSURED_REQUEST])
            await service.terminate(id, reason)
        elif fate == "expired":
            await service.expire(id)
        elif fate == "renewed":
            dearer = PolicyRenew.model_validate(self._premium() | {"issue": True})
            after = await RenewalService(ctx).renew(id, dearer, ANY_VERSION)
            await service.begin(UUID(str(after.id)), after.value.effective_at)
            if (await service.get(id)).value.status != "renewed":
                await service.expire(id)

    async def _endorse(self, ctx: Context, id: UUID) -> None:
        """Asked for, and waiting for a second person."""
        body = {"type": "value_change", "effective_at": now(), "reason": "Réévaluation du véhicule"}
        body |= {"changes": {"net_premium": Money.of(self.dice.randrange(20_000, 60_000) * 100).model_dump()}}
        asked = await EndorsementService(ctx).ask(id, EndorsementCreate.model_validate(body))
        self.objects.setdefault("endorsement", str(asked.id))

    async def _car(self, ctx: Context, account_id: UUID) -> str:
        make, model = self.dice.choice(CARS)
        year = self.dice.randrange(10, 26)
        plate = f"{self.dice.randrange(10_000, 99_999)}1{year:02d}{self.dice.randrange(1, 49):02d}"
        details: dict[str, Any] = {"kind": "vehicle", "make": make, "model": model, "plate_number": plate}
        details |= {
            "fiscal_power": self.dice.randrange(4, 9),
            "energy": self.dice.choice(["petrol", "diesel"]),
        }
        body = {"account_id": account_id, "label": f"{make} {model} 20{year:02d}", "details": details}
        made = await InsuredObjectService(ctx).create(InsuredObjectCreate.model_validate(body))
        self.objects.setdefault("insured_object", str(made.id))
        return str(made.id)

    def _coverages(self, objects: Sequence[str]) -> list[dict[str, Any]]:
        if not objects:
            return []
        rc = {"coverage_code": "RC", "insured_object_id": objects[0], "net_premium": _dinars(2_500_00)}
        return [rc, {"coverage_code": "AST", "net_premium": _dinars(1_500_00)}]

    def _premium(self) -> dict[str, Any]:
        """Log-normal around the median of its kind."""
        middle = MEDIAN if self.dice.random() < 0.7 else ALL_RISKS
        net = int(self.dice.lognormvariate(0, 0.35) * middle)
        fee = 500_00
        lines = {"net_premium": net, "policy_fee": fee, "vat": line(net + fee, VAT), "dimension_stamp": 40_00}
        return {name: _dinars(centimes) for name, centimes in lines.items()}

    def _began(self, fate: str) -> datetime:
        """Local midnight: a year and more ago of what has ended, else within the last eleven months."""
        days = {
            "expired": (370, 395),
            "renewed": (366, 390),
            "proposed": (-20, -1),
            "cancelled": (-20, -1),
            "issued": (0, 20),
        }.get(fate, (1, 350))
        day = today() - timedelta(days=self.dice.randint(*days))
        return datetime.combine(day, time(), ALGIERS).astimezone(UTC)

    def _chosen(self, weighted: Sequence[tuple[str, int]]) -> str:
        names, weights = zip(*weighted, strict=True)
        return str(self.dice.choices(names, weights)[0])


def _dinars(centimes: int) -> dict[str, str]:
    return Money.of(centimes).model_dump()
