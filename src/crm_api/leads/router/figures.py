from typing import Annotated

from fastapi import Query

from crm_api.leads.figures import LeadFigures
from crm_api.leads.router.doors import Reader, kpis
from crm_api.leads.schemas.figures import LeadKpis, LeadPeriod


@kpis.get("")
async def get_lead_kpis(ctx: Reader, query: Annotated[LeadPeriod, Query()]) -> LeadKpis:
    """Read the figures of leads in a period: how many came, became customers, and were called how soon.

    Duplicates, tests and spam do not count. Minutes are those of the opening hours of each lead's agency.
    """
    return await LeadFigures(ctx).of(query)
