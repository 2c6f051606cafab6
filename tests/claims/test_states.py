"""Every pair of states of a claim: a step that the table lists is made by its verb, any other is refused."""

import asyncpg
import pytest

from claims.bureau import Answer, Bureau, dinars
from crm_api.claims.models.words import CLAIM, ClaimStatus

pytestmark = pytest.mark.anyio
MADE_OTHERWISE = {("appraisal_ordered", "appraised"), ("payment_pending", "approved")}
"""By a step of a part of the claim: the report of an appraisal, the stop of a payment."""
SAID_AGAIN = {("documents_pending", "documents_pending")}
"""More documents are asked for while some are awaited: no step, and no refusal."""
CLOSES_AS = {"settled": "settled", "refused": "refused", "litigation": "settled"}
VERBS = {
    "declared": "declare",
    "registered": "register",
    "documents_pending": "request-documents",
    "under_review": "review",
    "appraisal_ordered": "appraisals",
    "decision_pending": "prepare-decision",
    "approved": "decisions",
    "refused": "decisions",
    "settled": "settle",
    "litigation": "litigate",
    "closed": "close",
    "reopened": "reopen",
}


def body(wanted: str, current: str) -> Answer | None:
    return {
        "registered": {},
        "documents_pending": {"kinds": ["repair_quote"]},
        "appraisal_ordered": {"adjuster_name": "Cabinet Expert"},
        "approved": {"outcome": "approve", "amount": dinars("150000.00")},
        "refused": {"outcome": "refuse", "motive": "Permis non valide."},
        "litigation": {},
        "closed": {"reason": CLOSES_AS.get(current, "withdrawn")},
        "reopened": {"reason": "new_damage"},
    }.get(wanted)


async def test_every_pair_of_states(bureau: Bureau, owner: asyncpg.Connection) -> None:
    claim = await bureau.approved()
    await bureau.paid(claim, "100000.00")
    wrong = []
    for current in CLAIM.states:
        for wanted, verb in VERBS.items():
            pair = current, wanted
            if pair in MADE_OTHERWISE | SAID_AGAIN:
                continue
            await bureau.bring(claim, status=current)
            by = bureau.admin if wanted == "declared" else bureau.handler.headers
            answer = await bureau.act(claim, verb, body(wanted, current), by=by)
            now = (await bureau.now(claim))["status"]
            if wanted in CLAIM.allowed(current):
                wrong += [] if now == wanted else [f"{pair}: {answer.status_code} {answer.text}"]
            else:
                told = answer.json()
                refused = (answer.status_code, told["code"], now) == (409, "invalid_transition", current)
                listed = refused and set(told["allowed"]) == set(CLAIM.allowed(current))
                wrong += [] if listed else [f"{pair}: {answer.status_code} {answer.text}"]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("current", [*CLAIM.states])
async def test_a_payment_is_ordered_only_where_the_claim_may_be_paid(bureau: Bureau, current: str) -> None:
    """`payment_pending` follows `approved` alone; while it is, more payments may be ordered."""
    claim = await bureau.approved()
    payee = await bureau.somebody(claim)
    row = (await bureau.propose(claim, payee, "1000.00")).json()
    await bureau.on(claim, "payments", row, "approve", by=bureau.cashier.headers)
    paper = {"discharge_document_id": await bureau.paper()}
    await bureau.bring(claim, status=current)
    answer = await bureau.on(claim, "payments", row, "order", paper, by=bureau.cashier.headers)
    if current in ("approved", "payment_pending"):
        assert answer.status_code == 200, answer.text
        assert (await bureau.now(claim))["status"] == "payment_pending"
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition"), answer.text
        assert (await bureau.now(claim))["status"] == current


async def test_the_last_payment_that_is_stopped_takes_the_claim_back_to_approved(bureau: Bureau) -> None:
    claim = await bureau.approved()
    payee = await bureau.somebody(claim)
    rows = [(await bureau.propose(claim, payee, "1000.00")).json() for _ in range(2)]
    by, paper = bureau.cashier.headers, {"discharge_document_id": await bureau.paper()}
    for row in rows:
        await bureau.on(claim, "payments", row, "approve", by=by)
        assert (await bureau.on(claim, "payments", row, "order", paper, by=by)).status_code == 200
    for row, after in zip(rows, ("payment_pending", "approved"), strict=True):
        await bureau.on(claim, "payments", row, "stop", {"reason": "RIB erroné"}, by=by)
        assert (await bureau.now(claim))["status"] == after
    assert (await bureau.now(claim))["committed_amount"] == dinars("0.00")


async def test_the_exhaustive_test_knows_every_state() -> None:
    assert {*VERBS, "draft", "appraised", "payment_pending"} == {state.value for state in ClaimStatus}
