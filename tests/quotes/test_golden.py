"""Every premium of domain.md F-5, to the centime: as a pure function, and over HTTP."""

from datetime import date

import pytest

from crm_api.kit.clock import today
from crm_api.products.catalogue import Sold
from crm_api.quotes import answers
from crm_api.quotes.rating import Premium
from crm_api.quotes.risks import Asked, Term, assessed, chosen_parts, chosen_plan, facts_of
from quotes.desk import Desk, told
from quotes.golden import CASES, Golden, centimes
from quotes.shelf import on_the_shelf

ON = date(2026, 12, 1)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_function_prices_it_to_the_centime(case: Golden) -> None:
    premium = priced(case, on_the_shelf(case.product, ON))
    parts = {
        "net_premium": premium.net,
        "policy_fee": premium.policy_fee,
        "vat": premium.vat,
        "fga": premium.fga,
        "dimension_stamp": premium.dimension_stamp,
        "graduated_stamp": premium.graduated_stamp,
        "vehicle_tax": premium.vehicle_tax,
        "surcharge": premium.surcharge,
        "total_premium": premium.total,
    }
    assert parts == {name: centimes(amount) for name, amount in case.expected().items()}


@pytest.mark.anyio
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_quote_shows_it_to_the_centime(desk: Desk, case: Golden) -> None:
    quote = await desk.rated(
        product_code=case.product,
        plan_code=case.plan,
        inputs=told(case, today()),
        effective_on=today().isoformat(),
    )
    assert quote["status"] == "rated"
    assert {name: quote[name]["amount"] for name in case.expected()} == case.expected()


def priced(case: Golden, product: Sold) -> Premium:
    inputs = told(case, ON)
    asked = Asked(case.product, inputs, Term.of(None, None), ON)
    answers.check(product, inputs)
    facts = facts_of(product, asked)
    plan = chosen_plan(product, case.plan)
    verdict, premium = assessed(product, plan, chosen_parts(product, plan, (), ()), facts)
    assert premium is not None, verdict
    return premium
