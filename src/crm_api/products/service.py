from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import MISSING
from pydantic_core import to_jsonable_python

from crm_api.core.context import Context
from crm_api.core.events import Event, publish
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import ValidationFailed, VersionConflict
from crm_api.kit.later import later
from crm_api.kit.schemas import Json
from crm_api.products import seeds
from crm_api.products.catalogue import Sold, sold
from crm_api.products.errors import (
    ProductIncomplete,
    UnknownBranch,
    UnknownCoverage,
    UnknownProduct,
    UnknownTaxProfile,
)
from crm_api.products.events import ProductActivated, ProductRetired
from crm_api.products.models import (
    PRODUCT,
    CoverageDefinition,
    Plan,
    Product,
    ProductStatus,
    TariffRow,
    TaxProfile,
)
from crm_api.products.repository import CoverageDefinitionRepository, PlanRepository, ProductRepository
from crm_api.products.schemas.coverage import (
    CoverageDefinitionCreate,
    CoverageDefinitionPage,
    CoverageDefinitionPatch,
    CoverageDefinitionQuery,
    CoverageDefinitionRead,
)
from crm_api.products.schemas.product import (
    PlanCoverage,
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
from crm_api.reference.service import branches

if TYPE_CHECKING:
    import jsonschema_rs
else:
    jsonschema_rs = later("jsonschema_rs")

_JSON = frozenset({"eligibility", "questionnaire", "documents_claim"})


class ProductService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.products, self.plans = ProductRepository(ctx), PlanRepository(ctx)

    # --- for the floors above

    async def sold(self, code: str, on: date) -> Sold:
        """The product as it is sold to who is covered from `on` on. Raises UnknownProduct."""
        row = await self.products.sold(code, on)
        if row is None and await self.products.is_empty():
            await self.seed()  # an organization older than the catalogue
            row = await self.products.sold(code, on)
        if row is None:
            raise UnknownProduct
        return sold(row, on)

    async def seed(self) -> None:
        """What Alliance sells, with its formulas and figures, where there is no product yet."""
        if not await self.products.is_empty():
            return
        self.ctx.begin()
        rows = {
            TaxProfile: seeds.tax_rows(),
            CoverageDefinition: seeds.coverage_rows(),
            Product: seeds.product_rows(),
            Plan: seeds.plan_rows(),
            TariffRow: seeds.tariff_rows(),
        }
        await self.products.furnish(rows)
        count = {model.__tablename__: len(some) for model, some in rows.items()}
        self.ctx.note("catalogue.furnished", "product", self.ctx.organization_id, changes=count)

    # --- the catalogue

    async def page(self, query: ProductQuery) -> Json[ProductSheetPage]:
        return await self.products.page(query, ProductSheetPage)

    async def get(self, product_id: UUID) -> Json[ProductSheet]:
        return await self.products.get(product_id)

    async def create(self, data: ProductCreate) -> Json[ProductSheet]:
        """A draft. Raises ProductCodeTaken, UnknownBranch, UnknownTaxProfile, ValidationFailed."""
        self.ctx.begin()
        if data.branch_code not in {branch.code for branch in branches()}:
            raise UnknownBranch
        await self._refuse_unfit(data.tax_profile_code, data.questionnaire)
        return await self.products.add(data)

    async def update(self, product_id: UUID, data: ProductPatch, version: int) -> Json[ProductSheet]:
        product = await self._loaded(product_id, version)
        given = {name: value for name, value in data if value is not MISSING}
        await self._refuse_unfit(given.get("tax_profile_code"), given.get("questionnaire"))
        if given.get("valid_to") is not None and given["valid_to"] < product.valid_from:
            raise ValidationFailed.at("/valid_to", "validity_order", "It ends on its first day or later.")
        for name, value in given.items():
            setattr(product, name, to_jsonable_python(value) if name in _JSON else value)
        await self.products.save(product)
        return await self.products.get(product_id)

    async def activate(self, product_id: UUID, version: int) -> Json[ProductSheet]:
        """It is sold from now on. Raises ProductIncomplete for one without a plan."""
        product = await self._loaded(product_id, version)
        PRODUCT.check(product.status, ProductStatus.ACTIVE)
        if not await self.plans.exist_for(product.code):
            raise ProductIncomplete
        return await self._become(product, ProductStatus.ACTIVE, ProductActivated(product.id, product.code))

    async def retire(self, product_id: UUID, version: int) -> Json[ProductSheet]:
        product = await self._loaded(product_id, version)
        PRODUCT.check(product.status, ProductStatus.RETIRED)
        return await self._become(product, ProductStatus.RETIRED, ProductRetired(product.id, product.code))

    async def _become(self, product: Product, status: ProductStatus, event: Event) -> Json[ProductSheet]:
        product.status = status
        await self.products.save(product)
        await publish(self.ctx, event)
        return await self.products.get(product.id)

    async def _loaded(self, product_id: UUID, version: int) -> Product:
        product = await self.products.load(product_id)
        if version not in (product.version, ANY_VERSION):
            raise VersionConflict(current_version=product.version)
        return product

    async def _refuse_unfit(self, tax_code: str | None, questionnaire: Mapping[str, Any] | None) -> None:
        if tax_code is not None and not await self.products.tax_profile_exists(tax_code):
            raise UnknownTaxProfile
        if questionnaire:
            _refuse_bad(questionnaire)


class PlanService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.plans, self.coverages = PlanRepository(ctx), CoverageDefinitionRepository(ctx)

    async def page(self, query: PlanQuery) -> Json[PlanPage]:
        return await self.plans.page(query, PlanPage)

    async def get(self, plan_id: UUID) -> Json[PlanRead]:
        return await self.plans.get(plan_id)

    async def create(self, product_id: UUID, data: PlanCreate) -> Json[PlanRead]:
        """Raises NotFound, PlanCodeTaken, UnknownCoverage."""
        self.ctx.begin()
        product = await ProductRepository(self.ctx).load(product_id)
        await self._refuse_unknown(data.coverages)
        _refuse_disorder(data.min_value, data.max_value)
        return await self.plans.add({**dict(data), "product_code": product.code})

    async def update(self, plan_id: UUID, data: PlanPatch, version: int) -> Json[PlanRead]:
        """Raises UnknownCoverage."""
        plan = await self.plans.load(plan_id)
        if version not in (plan.version, ANY_VERSION):
            raise VersionConflict(current_version=plan.version)
        given = {name: value for name, value in data if value is not MISSING}
        await self._refuse_unknown(given.get("coverages", ()))
        _refuse_disorder(given.get("min_value", plan.min_value), given.get("max_value", plan.max_value))
        for name, value in given.items():
            setattr(plan, name, to_jsonable_python(value) if name == "coverages" else value)
        await self.plans.save(plan)
        return await self.plans.get(plan_id)

    async def _refuse_unknown(self, parts: Any) -> None:
        named: list[PlanCoverage] = list(parts)
        codes = [part.code for part in named]
        if len(set(codes)) < len(codes):
            raise ValidationFailed.at("/coverages", "named_twice", "A coverage stands once in a formula.")
        if codes and (unknown := set(codes) - await self.coverages.codes()):
            raise UnknownCoverage(codes=", ".join(sorted(unknown)))


class CoverageDefinitionService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.coverages = CoverageDefinitionRepository(ctx)

    async def page(self, query: CoverageDefinitionQuery) -> Json[CoverageDefinitionPage]:
        return await self.coverages.page(query, CoverageDefinitionPage)

    async def get(self, coverage_definition_id: UUID) -> Json[CoverageDefinitionRead]:
        return await self.coverages.get(coverage_definition_id)

    async def create(self, data: CoverageDefinitionCreate) -> Json[CoverageDefinitionRead]:
        """Raises CoverageCodeTaken, UnknownCoverage."""
        self.ctx.begin()
        await self._refuse_unknown({*data.depends_on, *data.excludes})
        return await self.coverages.add(data)

    async def update(
        self, coverage_definition_id: UUID, data: CoverageDefinitionPatch, version: int
    ) -> Json[CoverageDefinitionRead]:
        """Raises UnknownCoverage."""
        self.ctx.begin()
        named = [each for each in (data.depends_on, data.excludes) if each is not MISSING]
        await self._refuse_unknown({code for codes in named for code in codes})
        return await self.coverages.edit(coverage_definition_id, data, version)

    async def _refuse_unknown(self, codes: set[str]) -> None:
        if codes and (unknown := codes - await self.coverages.codes()):
            raise UnknownCoverage(codes=", ".join(sorted(unknown)))


def _refuse_disorder(least: Any, most: Any) -> None:
    if least is not None and most is not None and most.centimes < least.centimes:
        raise ValidationFailed.at("/max_value", "values_order", "The largest value is not below the least.")


def _refuse_bad(questionnaire: Mapping[str, Any]) -> None:
    """A schema of an object, whole in itself: looking elsewhere would make the house fetch addresses."""
    detail = "No JSON Schema 2020-12 of an object, or one that refers to another document."
    refusal = ValidationFailed.at("/questionnaire", "bad_questionnaire", detail)
    if any(not str(link).startswith("#") for link in _links(questionnaire)):
        raise refusal
    properties = questionnaire.get("properties", {})
    if questionnaire.get("type") != "object" or not isinstance(properties, dict):
        raise refusal
    if not all(isinstance(about, dict) for about in properties.values()):
        raise refusal
    try:
        jsonschema_rs.Draft202012Validator(dict(questionnaire), validate_formats=True)
    except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as malformed:
        raise refusal from malformed


def _links(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        yield from (value for name, value in node.items() if name in ("$ref", "$dynamicRef", "$id"))
        for value in node.values():
            yield from _links(value)
    elif isinstance(node, list):
        for value in node:
            yield from _links(value)
