from typing import Annotated

from fastapi import status

from crm_api.core.context import Context
from crm_api.core.http import Router, requires
from crm_api.legal_deadlines.schemas import LegalDeadlineCreate, LegalDeadlineList, LegalDeadlineRead
from crm_api.legal_deadlines.service import LegalDeadlineService

router = Router("legal-deadlines")
Reader = Annotated[Context, requires("organization:read")]
Manager = Annotated[Context, requires("reference:manage")]


@router.get("")
async def list_legal_deadlines(ctx: Reader) -> LegalDeadlineList:
    """List the legal limits: what each is today, was and will be.

    Claims, premiums and answers to people are counted by these rows; what happened is judged by the row
    that held on its day.
    """
    return await LegalDeadlineService(ctx).list()


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_legal_deadline(ctx: Manager, body: LegalDeadlineCreate) -> LegalDeadlineRead:
    """Lay a limit down from a day on.

    Rows are never changed: a mistake is answered by a row of the next day. Two rows of one limit cannot
    begin on the same day (409 `legal_deadline_taken`).
    """
    return await LegalDeadlineService(ctx).add(body)


ROUTERS = (router,)
