import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, Select, Text, bindparam, cast, func, insert, literal_column, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from crm_api.core.db import Entity
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.kit.ids import new_id
from crm_api.products.errors import (
    CoverageCodeTaken,
    PlanCodeTaken,
    ProductCodeTaken,
    TariffRowsOverlap,
    TaxProfileTaken,
    UnknownProduct,
)
from crm_api.products.models import CoverageDefinition, Plan, Product, TariffRow, TaxProfile
from crm_api.products.schemas.coverage import CoverageDefinitionRead
from crm_api.products.schemas.product import PlanRead, ProductSheet
from crm_api.products.schemas.tariff import TariffRowRead, TaxProfileRead

_PRODUCT = (
    *("code", "branch_code", "label_fr", "status", "target", "object_kinds", "compulsory", "questionnaire"),
    *("eligibility", "term_months", "tacit_renewal", "sellable_online", "documents_underwriting"),
    *("tariff_code", "valid_from", "valid_to"),
)
_PLAN = ("code", "label_fr", "coverages", "min_value", "max_value")
_COVER = (
    *("code", "label_fr", "kind", "mandatory", "default_limit", "deductible_rule", "waiting_days"),
    *("depends_on", "excludes"),
)
_FIGURE = (
    *("id", "coverage_code", "part", "measure", "group_code", "keys", "flat_amount", "rate", "min_premium"),
)
_TAXES = (
    *("code", "valid_from", "vat_rate", "vat_base", "fga_rate", "fga_base", "policy_fee", "dimension_stamp"),
    *("stamp_mode", "stamp_brackets", "stamp_multiplier", "vehicle_tax"),
)


class ProductRepository(Repository[Product, ProductSheet]):
    model, read = Product, ProductSheet
    refusals = {"uq_products_code": ProductCodeTaken}

    async def load_by_code(self, code: str) -> Product:
        """Locked: whoever changes its tariff waits. Raises UnknownProduct."""
        statement = select(Product).where(*self.visible(), Product.code == code).with_for_update()
        row = await self.ctx.session.scalar(statement, self.ctx.bound)
        if row is None:
            raise UnknownProduct
        return row

    async def sold(self, code: str, on: date) -> dict[str, Any] | None:
        """The product with its plans and coverages, and the figures and taxes of that day: one statement."""
        rows = await self.rows("sold", _sold, {"code": code, "on": on})
        return json.loads(rows[0][0]) if rows else None

    async def is_empty(self) -> bool:
        rows = await self.rows("any", lambda: self.select(Product.id).limit(literal_column("1")))
        return not rows

    async def tax_profile_exists(self, code: str) -> bool:
        profiles = table_of(TaxProfile).c
        rows = await self.rows(
            "tax profile",
            lambda: (
                select(profiles.id)
                .where(
                    profiles.organization_id == bindparam("organization_id"),
                    profiles.code == bindparam("tax"),
                )
                .limit(literal_column("1"))
            ),
            {"tax": code},
        )
        return bool(rows)

    async def furnish(self, seeds: Mapping[type[Entity], Sequence[Mapping[str, Any]]]) -> None:
        """Rows of every kind at once, without a line each in the journal: the caller notes it."""
        for model, rows in seeds.items():
            own = {"organization_id": self.ctx.organization_id, "version": 1}
            values = [{**own, "id": new_id(), **row} for row in rows]
            await self.ctx.session.execute(insert(table_of(model)), values)


class PlanRepository(Repository[Plan, PlanRead]):
    model, read = Plan, PlanRead
    refusals = {"uq_plans_code": PlanCodeTaken, "fk_plans_product": UnknownProduct}

    async def exist_for(self, product_code: str) -> bool:
        rows = await self.rows(
            "of product",
            lambda: self.select(Plan.id).where(Plan.product_code == bindparam("code")).limit(1),
            {"code": product_code},
        )
        return bool(rows)


class CoverageDefinitionRepository(Repository[CoverageDefinition, CoverageDefinitionRead]):
    model, read = CoverageDefinition, CoverageDefinitionRead
    refusals = {"uq_coverage_definitions_code": CoverageCodeTaken}

    async def codes(self) -> set[str]:
        return {row[0] for row in await self.rows("codes", lambda: self.select(CoverageDefinition.code))}


class TariffRowRepository(Repository[TariffRow, TariffRowRead]):
    model, read = TariffRow, TariffRowRead
    refusals = {"uq_tariff_rows_start": TariffRowsOverlap, "fk_tariff_rows_product": UnknownProduct}

    async def same_figure(self, row: TariffRow) -> Sequence[TariffRow]:
        """Those that say what the same figure is, on whatever days. The product is locked by the caller."""
        statement = select(TariffRow).where(
            TariffRow.organization_id == self.ctx.organization_id,
            TariffRow.product_code == row.product_code,
            TariffRow.coverage_code == row.coverage_code,
            TariffRow.part == row.part,
            TariffRow.measure == row.measure,
            TariffRow.group_code == row.group_code,
            TariffRow.keys == row.keys,
        )
        return (await self.ctx.session.scalars(statement)).all()


class TaxProfileRepository(Repository[TaxProfile, TaxProfileRead]):
    model, read = TaxProfile, TaxProfileRead
    refusals = {"uq_tax_profiles_code": TaxProfileTaken}


def _object(table: Any, names: Sequence[str]) -> Any:
    pairs: list[Any] = []
    for name in names:
        column = table.c[name]
        pairs += [literal_column(f"'{name}'"), cast(column, Text) if name == "rate" else column]
    return func.json_build_object(*pairs)


def _sold() -> Select[Any]:
    products, plans, covers = table_of(Product), table_of(Plan), table_of(CoverageDefinition)
    figures, taxes = table_of(TariffRow), table_of(TaxProfile)
    mine: Any = bindparam("organization_id")
    on = bindparam("on", type_=Date())

    def all_of(table: Any, names: Sequence[str], order: Any, *where: Any) -> Any:
        each = aggregate_order_by(_object(table, names), order)
        whole = func.coalesce(func.json_agg(each), literal_column("'[]'::json"))
        return select(whole).where(table.c.organization_id == mine, *where).scalar_subquery()

    ruling = figures.c.valid_from <= on, or_(figures.c.valid_to.is_(None), figures.c.valid_to >= on)
    newest = (
        select(_object(taxes, _TAXES))
        .where(
            taxes.c.organization_id == mine,
            taxes.c.code == products.c.tax_profile_code,
            taxes.c.valid_from <= on,
        )
        .order_by(taxes.c.valid_from.desc())
        .limit(literal_column("1"))
        .scalar_subquery()
    )
    row = _object(products, _PRODUCT)
    parts = func.jsonb_build_object(
        literal_column("'plans'"),
        all_of(plans, _PLAN, plans.c.id, plans.c.product_code == products.c.code),
        literal_column("'covers'"),
        all_of(covers, _COVER, covers.c.code),
        literal_column("'figures'"),
        all_of(figures, _FIGURE, figures.c.id, figures.c.product_code == products.c.code, *ruling),
        literal_column("'taxes'"),
        newest,
    )
    whole = func.to_jsonb(row).op("||")(parts)
    return select(cast(whole, Text)).where(
        products.c.organization_id == mine, products.c.code == bindparam("code", type_=Text())
    )
