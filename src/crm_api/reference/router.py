from typing import Annotated

from fastapi import Query

from crm_api.core.context import Context
from crm_api.core.http import Audience, Router, requires
from crm_api.kit.clock import today
from crm_api.kit.schemas import Json
from crm_api.reference import service
from crm_api.reference.schemas import BranchList, EnumList, EnumQuery, ProductList, WilayaList, WilayaQuery

router = Router("reference")
Reader = Annotated[Context, requires("reference:read")]
EVERYBODY = {"x-audience": [*Audience]}


@router.get("/enums", openapi_extra=EVERYBODY)
async def list_enums(ctx: Reader, query: Annotated[EnumQuery, Query()]) -> Json[EnumList]:
    """List the values of every enumeration with the words that people read for them."""
    return service.enum_list(query.lang)


@router.get("/wilayas", openapi_extra=EVERYBODY)
async def list_wilayas(ctx: Reader, query: Annotated[WilayaQuery, Query()]) -> Json[WilayaList]:
    """List the wilayas that exist on a day: 58 until the end of 2026, 69 from then on."""
    return service.wilaya_list(query.on or today())


@router.get("/branches", openapi_extra=EVERYBODY)
async def list_branches(ctx: Reader) -> Json[BranchList]:
    """List the lines of business."""
    return service.branch_list()


@router.get("/products", openapi_extra=EVERYBODY)
async def list_reference_products(ctx: Reader) -> Json[ProductList]:
    """List the products of the seed catalogue."""
    return service.product_list()


ROUTERS = (router,)
