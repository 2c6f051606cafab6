from typing import Annotated

from fastapi import Query

from crm_api.core.context import Context
from crm_api.core.http import Router, requires
from crm_api.search.schemas import SearchAnswer, SearchQuery
from crm_api.search.service import SearchService

router = Router("search")
Anybody = Annotated[Context, requires("organization:read")]


@router.get("")
async def search_everything(ctx: Anybody, query: Annotated[SearchQuery, Query()]) -> SearchAnswer:
    """Search everything: leads, accounts, contacts, opportunities and documents at once.

    By words in any order, without accents, in Latin or Arabic letters; by a telephone however it is written
    or by its last digits; by a number or its end; by an e-mail address. What was written a moment ago is
    found. You find what you may read: a type that you may not read is refused where you ask for it.
    """
    return await SearchService(ctx).search(query)


ROUTERS = (router,)
