"""The premiums of the demonstration are made by the use cases of the product."""

import pytest

from actors import principal_of
from billing.counter import Counter
from crm_api.core.context import Context
from crm_api.demo.acting import everybody
from crm_api.demo.premiums import collect
from policies.portfolio import an_account

pytestmark = pytest.mark.anyio


async def test_the_demonstration_shows_premiums_at_every_step(counter: Counter) -> None:
    company = counter.portfolio.company
    for at in range(40):
        await an_account(company, counter.portfolio.agency_id, f"Famille {at}")
    who = everybody(company.admin.id, counter.organization_id)
    ctx = Context(who, counter.app.state.database, counter.app.state.tools)
    made = await collect(ctx, principal_of(counter.boss).id)
    await ctx.commit()
    await ctx.close()
    assert {"payment", "receivable", "instalment"} <= set(made)
    methods = {
        row[0]
        for row in await counter.owner.fetch("SELECT DISTINCT method FROM payments WHERE direction = 'in'")
    }
    assert {"tpe", "edahabia", "cheque"} <= methods
    states = {row[0] for row in await counter.owner.fetch("SELECT DISTINCT dunning_state FROM receivables")}
    assert {"ended", "formal_notice_due"} <= states
    assert len(states) >= 4, states
    await counter.somewhere()
