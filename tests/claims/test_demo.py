"""The demonstration has claims in every state, each brought there by the steps of the product."""

import pytest

from claims.bureau import Bureau, contract
from crm_api.claims.models.words import ClaimStatus
from crm_api.demo.acting import act, everybody
from crm_api.demo.losses import LossDesk

pytestmark = pytest.mark.anyio


async def test_there_are_claims_in_every_state(bureau: Bureau) -> None:
    company = bureau.company
    await contract(bureau.portfolio)
    desk = LossDesk([bureau.portfolio.agency_id], 30)
    state = company.app.state
    for step, who in (
        (desk.declare, company.admin),
        (desk.handle, company.admin),
        (desk.propose, bureau.payer),
        (desk.pay, bureau.cashier),
    ):
        principal = everybody(who.id, company.organization_id)
        await act(step, principal, state.database, state.tools)
    rows = await bureau.owner.fetch("SELECT status, count(*) FROM claims GROUP BY status")
    assert {row[0]: row[1] for row in rows} == {status.value: 2 for status in ClaimStatus}
    assert {*desk.objects} == {"claim", "appraisal", "claim_payment", "recovery"}
