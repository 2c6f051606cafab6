"""Dated figures: what is written down stays; a change is a new row from another day on."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.clock import today
from crm_api.kit.errors import ValidationFailed, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.products.errors import TariffRowBegun, TariffRowsOverlap, UnknownCoverage
from crm_api.products.models import EVERY_COVERAGE, Product, TariffPart, TariffRow
from crm_api.products.repository import (
    CoverageDefinitionRepository,
    ProductRepository,
    TariffRowRepository,
    TaxProfileRepository,
)
from crm_api.products.schemas.tariff import (
    TariffRowCreate,
    TariffRowEnd,
    TariffRowPage,
    TariffRowQuery,
    TariffRowRead,
    TaxProfileCreate,
    TaxProfilePage,
    TaxProfileQuery,
    TaxProfileRead,
)

_DAY = timedelta(days=1)


class TariffService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.rows = TariffRowRepository(ctx)

    async def page(self, query: TariffRowQuery) -> Json[TariffRowPage]:
        return await self.rows.page(query, TariffRowPage)

    async def get(self, tariff_row_id: UUID) -> Json[TariffRowRead]:
        return await self.rows.get(tariff_row_id)

    async def add(self, data: TariffRowCreate) -> Json[TariffRowRead]:
        """From a day on. The same figure without an end ends the day before; any other overlap is refused.

        Raises UnknownProduct, UnknownCoverage, ValidationFailed for an unknown key, TariffRowsOverlap.
        """
        product = await ProductRepository(self.ctx).load_by_code(data.product_code)
        _refuse_untold(product, data.keys)
        await self._refuse_unknown(data)
        row = TariffRow(**{name: value for name, value in data}, id=new_id())  # noqa: C416 - `keys` is a field
        for other in await self.rows.same_figure(row):
            if other.valid_to is None and other.valid_from < row.valid_from:
                other.valid_to = row.valid_from - _DAY
                await self.rows.save(other)
            elif _overlap(other, row):
                raise TariffRowsOverlap(existing_id=str(other.id))
        await self.rows.save(row)
        return await self.rows.get(row.id)

    async def end(self, tariff_row_id: UUID, data: TariffRowEnd, version: int) -> Json[TariffRowRead]:
        """Its last day, today or later: what counted yesterday is not changed any more.

        Raises TariffRowBegun, TariffRowsOverlap.
        """
        row = await self.rows.load(tariff_row_id)
        await ProductRepository(self.ctx).load_by_code(row.product_code)
        if version not in (row.version, ANY_VERSION):
            raise VersionConflict(current_version=row.version)
        if data.valid_to < row.valid_from:
            raise ValidationFailed.at("/valid_to", "validity_order", "It ends on its first day or later.")
        if data.valid_to < today() or (row.valid_to is not None and row.valid_to < today()):
            raise TariffRowBegun
        row.valid_to = data.valid_to
        for other in await self.rows.same_figure(row):
            if other.id != row.id and _overlap(other, row):
                raise TariffRowsOverlap(existing_id=str(other.id))
        await self.rows.save(row)
        return await self.rows.get(row.id)

    async def _refuse_unknown(self, data: TariffRowCreate) -> None:
        """A measure has a name of its own; everything else is of a coverage that exists, or of all."""
        free = data.part in (TariffPart.MEASURE, TariffPart.FLOOR) or data.coverage_code == EVERY_COVERAGE
        if not free and data.coverage_code not in await CoverageDefinitionRepository(self.ctx).codes():
            raise UnknownCoverage(codes=data.coverage_code)


def _refuse_untold(product: Product, keys: Mapping[str, Any]) -> None:
    """A key that no quote of the product tells would fit nothing, and nobody would notice."""
    told = {"plan", "term_months", "term_days"}
    for name, about in product.questionnaire.get("properties", {}).items():
        told |= {name, *(str(about[word]) for word in ("x-age", "x-tariff-zone") if word in about)}
    for name in keys:
        if name.removesuffix("_from").removesuffix("_to") not in told:
            detail = "No quote of this product tells that."
            raise ValidationFailed.at(f"/keys/{name}", "unknown_key", detail)


def _overlap(one: TariffRow, other: TariffRow) -> bool:
    return one.valid_from <= (other.valid_to or date.max) and other.valid_from <= (one.valid_to or date.max)


class TaxProfileService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.profiles = TaxProfileRepository(ctx)

    async def page(self, query: TaxProfileQuery) -> Json[TaxProfilePage]:
        return await self.profiles.page(query, TaxProfilePage)

    async def get(self, tax_profile_id: UUID) -> Json[TaxProfileRead]:
        return await self.profiles.get(tax_profile_id)

    async def add(self, data: TaxProfileCreate) -> Json[TaxProfileRead]:
        """A version of it, from a day on. Raises TaxProfileTaken."""
        rules = {name: (rule := getattr(data, name)) and rule.model_dump() for name in _RULES}
        return await self.profiles.add({**dict(data), **{name: rule or {} for name, rule in rules.items()}})


_RULES = ("stamp_multiplier", "vehicle_tax")
