from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.kit.schemas import Json
from crm_api.products.schemas.coverage import (
    CoverageDefinitionCreate,
    CoverageDefinitionPage,
    CoverageDefinitionPatch,
    CoverageDefinitionQuery,
    CoverageDefinitionRead,
)
from crm_api.products.schemas.product import (
    PlanCreate,
    PlanPage,
    PlanPatch,
    PlanQuery,
    PlanRead,
    ProductCreate,
    ProductPatch,
    ProductQuery,
    ProductSheet,
    ProductSheetPage,
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
from crm_api.products.service import CoverageDefinitionService, PlanService, ProductService
from crm_api.products.tariffs import TariffService, TaxProfileService

router = Router("products")
plans = Router("plans", tag="products")
coverages = Router("coverage-definitions", tag="products")
tariff = Router("tariff-rows", tag="products")
taxes = Router("tax-profiles", tag="products")
Reader = Annotated[Context, requires("products:read")]
Writer = Annotated[Context, requires("products:write")]


@router.get("")
async def list_products(ctx: Reader, query: Annotated[ProductQuery, Query()]) -> Json[ProductSheetPage]:
    """List the products of the catalogue."""
    return await ProductService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_product(ctx: Writer, body: ProductCreate) -> Json[ProductSheet]:
    """Prepare a product.

    A draft: nothing is sold before it is activated. Its questionnaire is a JSON Schema 2020-12 whose `x-`
    words say what an answer is: `x-money`, `x-pii`, `x-age`, `x-tariff-zone`, `x-label-fr`.
    """
    return await ProductService(ctx).create(body)


@router.get("/{product_id}")
async def get_product(ctx: Reader, product_id: UUID) -> Json[ProductSheet]:
    """Read a product."""
    return await ProductService(ctx).get(product_id)


@router.patch("/{product_id}")
async def update_product(
    ctx: Writer, product_id: UUID, body: Annotated[ProductPatch, MergePatch], version: IfMatch
) -> Json[ProductSheet]:
    """Change a product; its code never changes, and prices are rows of the tariff."""
    return await ProductService(ctx).update(product_id, body, version)


@router.post("/{product_id}/activate")
async def activate_product(ctx: Writer, product_id: UUID, version: IfMatch) -> Json[ProductSheet]:
    """Sell a product from now on; it needs a formula."""
    return await ProductService(ctx).activate(product_id, version)


@router.post("/{product_id}/retire")
async def retire_product(ctx: Writer, product_id: UUID, version: IfMatch) -> Json[ProductSheet]:
    """Sell a product no longer; its contracts go on. Nothing of the catalogue is deleted."""
    return await ProductService(ctx).retire(product_id, version)


@router.post("/{product_id}/plans", status_code=status.HTTP_201_CREATED)
async def create_plan(ctx: Writer, product_id: UUID, body: PlanCreate) -> Json[PlanRead]:
    """Add a formula to a product."""
    return await PlanService(ctx).create(product_id, body)


@plans.get("")
async def list_plans(ctx: Reader, query: Annotated[PlanQuery, Query()]) -> Json[PlanPage]:
    """List the formulas."""
    return await PlanService(ctx).page(query)


@plans.get("/{plan_id}")
async def get_plan(ctx: Reader, plan_id: UUID) -> Json[PlanRead]:
    """Read a formula."""
    return await PlanService(ctx).get(plan_id)


@plans.patch("/{plan_id}")
async def update_plan(
    ctx: Writer, plan_id: UUID, body: Annotated[PlanPatch, MergePatch], version: IfMatch
) -> Json[PlanRead]:
    """Change a formula; quotes keep the coverages that they were priced with."""
    return await PlanService(ctx).update(plan_id, body, version)


@coverages.get("")
async def list_coverage_definitions(
    ctx: Reader, query: Annotated[CoverageDefinitionQuery, Query()]
) -> Json[CoverageDefinitionPage]:
    """List the coverages that formulas are made of."""
    return await CoverageDefinitionService(ctx).page(query)


@coverages.post("", status_code=status.HTTP_201_CREATED)
async def create_coverage_definition(
    ctx: Writer, body: CoverageDefinitionCreate
) -> Json[CoverageDefinitionRead]:
    """Define a coverage."""
    return await CoverageDefinitionService(ctx).create(body)


@coverages.get("/{coverage_definition_id}")
async def get_coverage_definition(ctx: Reader, coverage_definition_id: UUID) -> Json[CoverageDefinitionRead]:
    """Read a coverage."""
    return await CoverageDefinitionService(ctx).get(coverage_definition_id)


@coverages.patch("/{coverage_definition_id}")
async def update_coverage_definition(
    ctx: Writer,
    coverage_definition_id: UUID,
    body: Annotated[CoverageDefinitionPatch, MergePatch],
    version: IfMatch,
) -> Json[CoverageDefinitionRead]:
    """Change a coverage; quotes and contracts keep what they were made with."""
    return await CoverageDefinitionService(ctx).update(coverage_definition_id, body, version)


@tariff.get("")
async def list_tariff_rows(ctx: Reader, query: Annotated[TariffRowQuery, Query()]) -> Json[TariffRowPage]:
    """List the figures of the tariffs; `valid_on` shows those of one day."""
    return await TariffService(ctx).page(query)


@tariff.post("", status_code=status.HTTP_201_CREATED)
async def create_tariff_row(ctx: Writer, body: TariffRowCreate) -> Json[TariffRowRead]:
    """Write down a figure, from a day on.

    This is how a price changes: the same figure (product, coverage, part, measure, group, keys) that has no
    end ends the day before; any other overlap is refused. The first day of cover decides which one counts.
    """
    return await TariffService(ctx).add(body)


@tariff.get("/{tariff_row_id}")
async def get_tariff_row(ctx: Reader, tariff_row_id: UUID) -> Json[TariffRowRead]:
    """Read a figure of a tariff."""
    return await TariffService(ctx).get(tariff_row_id)


@tariff.post("/{tariff_row_id}/end")
async def end_tariff_row(
    ctx: Writer, tariff_row_id: UUID, body: TariffRowEnd, version: IfMatch
) -> Json[TariffRowRead]:
    """End a figure, today or later; what it was until then stays written."""
    return await TariffService(ctx).end(tariff_row_id, body, version)


@taxes.get("")
async def list_tax_profiles(ctx: Reader, query: Annotated[TaxProfileQuery, Query()]) -> Json[TaxProfilePage]:
    """List the versions of fees, taxes and stamps."""
    return await TaxProfileService(ctx).page(query)


@taxes.post("", status_code=status.HTTP_201_CREATED)
async def create_tax_profile(ctx: Writer, body: TaxProfileCreate) -> Json[TaxProfileRead]:
    """Write down fees, taxes and stamps, from a day on.

    A code that exists gets a new version, and the version before counts until the day before.
    """
    return await TaxProfileService(ctx).add(body)


@taxes.get("/{tax_profile_id}")
async def get_tax_profile(ctx: Reader, tax_profile_id: UUID) -> Json[TaxProfileRead]:
    """Read a version of fees, taxes and stamps."""
    return await TaxProfileService(ctx).get(tax_profile_id)


ROUTERS = (router, plans, coverages, tariff, taxes)
