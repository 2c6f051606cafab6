"""Every pair of states of a contract and of an endorsement: a listed step is made, any other refused."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from crm_api.kit.errors import InvalidTransition
from crm_api.policies.jobs import follow_policies
from crm_api.policies.life import PolicyLife
from crm_api.policies.models.endorsement import ENDORSEMENT
from crm_api.policies.models.policy import POLICY, Policy, PolicyStatus, TerminationReason
from crm_api.policies.service import PolicyService
from policies.portfolio import Answer, Portfolio, ago, moment, ran

pytestmark = pytest.mark.anyio
STEPS = {
    "issued": "issue",
    "in_force": "begin",
    "suspended": "suspend",
    "terminated": "terminate",
    "cancelled": "cancel",
}
"""What people do over HTTP; contracts expire and are renewed by the clock."""
ANOTHER_WAY = {("suspended", "in_force"): "reinstate"}
"""Listed, and not by this step: cover resumes at noon, once the arrears are paid."""


async def in_state(portfolio: Portfolio, policy: Answer, state: str) -> None:
    """Straight in the table: how it got there is the other rows of this test."""
    columns: dict[str, Any] = {"status": state, "reinstates_at": None, "suspended_at": None}
    columns |= {"termination_reason": "fraud" if state == "terminated" else None, "terminated_at": None}
    columns |= {"first_paid_at": None if state in ("proposed", "issued") else ago(minutes=1)}
    await portfolio.bring(policy, **columns)
    await portfolio.owner.execute("DELETE FROM policy_suspensions WHERE policy_id = $1", UUID(policy["id"]))


async def test_a_listed_step_of_a_contract_is_made_and_any_other_is_refused(portfolio: Portfolio) -> None:
    policy = await portfolio.policy("proposed")
    wrong = []
    for wanted, step in STEPS.items():
        for current in POLICY.states:
            await in_state(portfolio, policy, current)
            answer = await portfolio.act(policy, step)
            allowed = wanted in POLICY.allowed(current) and (current, wanted) not in ANOTHER_WAY
            if allowed:
                good = answer.status_code == 200 and answer.json()["status"] == wanted
            else:
                good = (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
                good = good and set(answer.json()["allowed"]) == set(POLICY.allowed(current))
            wrong += [] if good else [f"{step} from {current}: {answer.status_code} {answer.text}"]
            if allowed and step == "issue":
                await portfolio.owner.execute("SET session_replication_role = replica")
                await portfolio.owner.execute("DELETE FROM policy_versions")
                await portfolio.owner.execute("SET session_replication_role = origin")
    assert not wrong, "\n".join(wrong)


async def test_the_clock_makes_no_step_that_is_not_listed(portfolio: Portfolio) -> None:
    """Expiry and reinstatement, from every state."""
    policy = await portfolio.policy("proposed")
    for wanted, verb in ((PolicyStatus.EXPIRED, "expire"), (PolicyStatus.IN_FORCE, "reinstate")):
        for current in POLICY.states:
            await in_state(portfolio, policy, current)
            ctx = portfolio.company.context()
            life = PolicyLife(ctx)
            held: Policy = await life.policies.held(UUID(policy["id"]))
            listed = wanted in POLICY.allowed(current)
            if listed:
                await getattr(life, verb)(held)
                assert held.status is wanted
            else:
                with pytest.raises(InvalidTransition):
                    await getattr(life, verb)(held)
            await ctx.close()


async def test_a_listed_step_of_an_endorsement_is_made_and_any_other_is_refused(portfolio: Portfolio) -> None:
    policy = await portfolio.policy()
    body = {"type": "correction", "effective_at": moment(ago()), "reason": "Erreur de saisie"}
    body |= {"changes": {"plan_code": "PLAN_1"}}
    made = await portfolio.ask("POST", f"/v1/policies/{policy['id']}/endorsements", body)
    path = f"/v1/endorsements/{made.json()['id']}"
    boss = portfolio.somebody("endorsements:write", "policies:read")
    steps = {"in_review": "review", "approved": "approve", "refused": "refuse", "cancelled": "cancel"}
    wrong = []
    for wanted, step in (steps | {"applied": "apply"}).items():
        for current in ENDORSEMENT.states:
            await portfolio.owner.execute(
                """UPDATE endorsements SET status = $1::text,
                    refusal_reason = CASE WHEN $1::text = 'refused' THEN 'Non' END,
                    applied_at = CASE WHEN $1::text = 'applied' THEN now() END""",
                current,
            )
            await portfolio.owner.execute("UPDATE policies SET plan_code = NULL")
            version = (await portfolio.get(path))["version"]
            refusal = {"reason": "Pièces insuffisantes"} if step == "refuse" else None
            answer = await portfolio.ask("POST", f"{path}/{step}", refusal, by=boss, version=version)
            if wanted in ENDORSEMENT.allowed(current):
                good = answer.status_code == 200 and answer.json()["status"] == wanted
            else:
                good = (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
            wrong += [] if good else [f"{step} from {current}: {answer.status_code} {answer.text}"]
    assert not wrong, "\n".join(wrong)


async def test_cover_resumes_at_noon_after_the_arrears_are_paid(portfolio: Portfolio) -> None:
    """E-7: suspended, paid, reinstated the next day at noon; asked twice it is the same."""
    policy = await portfolio.policy("suspended")
    cover = await portfolio.get(f"/v1/policies/{policy['id']}/cover")
    assert (cover["covered"], cover["reason"]) == (False, "suspended")
    policy = await portfolio.done(policy, "reinstate")
    assert policy["status"] == "suspended"
    assert policy["reinstates_at"].endswith("T11:00:00.000Z")  # noon in Algiers
    again = await portfolio.done(policy, "reinstate")
    assert again["reinstates_at"] == policy["reinstates_at"]
    await portfolio.bring(policy, reinstates_at=ago(minutes=1))
    await ran(portfolio, follow_policies)
    policy = await portfolio.now(policy)
    assert (policy["status"], policy["reinstates_at"], policy["suspended_at"]) == ("in_force", None, None)
    whole = await portfolio.get(f"/v1/policies/{policy['id']}", include=["suspensions"])
    assert [one["resumed_at"] is not None for one in whole["suspensions"]] == [True]
    assert [fact["kind"] for fact in await portfolio.told("policy.suspended", "policy.reinstated")] == [
        "policy.suspended",
        "policy.reinstated",
    ]


async def test_a_contract_paid_long_ago_is_reinstated_at_once(portfolio: Portfolio) -> None:
    policy = await portfolio.policy("suspended")
    paid = {"paid_at": moment(ago(days=3))}
    assert (await portfolio.done(policy, "reinstate", paid))["status"] == "in_force"


async def test_cover_is_told_for_any_moment(portfolio: Portfolio) -> None:
    policy = await portfolio.policy()
    began = ago(days=30)
    await portfolio.bring(
        policy, effective_at=began, in_force_since=began, expires_at=began + timedelta(days=365)
    )
    path = f"/v1/policies/{policy['id']}/cover"
    for at, reason in ((ago(days=31), "not_begun"), (ago(days=1), None), (ago(days=-400), "expired")):
        cover = await portfolio.get(path, at=moment(at))
        assert (cover["reason"], cover["covered"]) == (reason, reason is None)
    await portfolio.done(policy, "terminate", {"reason": "total_loss", "terminated_at": moment(ago(days=2))})
    for at, reason in ((ago(days=3), None), (ago(days=1), "terminated")):
        assert (await portfolio.get(path, at=moment(at)))["reason"] == reason


async def test_the_house_has_its_verbs(portfolio: Portfolio) -> None:
    """What billing calls: said again it changes nothing, on another system's contract it does nothing."""
    policy = await portfolio.policy("issued")
    id = UUID(policy["id"])
    ctx = portfolio.company.context()
    service = PolicyService(ctx)
    assert await service.begin(id)
    assert not await service.begin(id)
    assert await service.suspend(id, "Prime impayée")
    assert await service.pay_up(id)
    back = await service.terminate(id, TerminationReason.NON_PAYMENT)
    assert back is not None
    assert back.net.centimes > 0
    await ctx.commit()
    await ctx.close()
    assert (await portfolio.now(policy))["termination_reason"] == "non_payment"
    await portfolio.bring(policy, source_system="orass", status="issued", termination_reason=None)
    ctx = portfolio.company.context()
    assert not await PolicyService(ctx).begin(id)
    assert await PolicyService(ctx).terminate(id, TerminationReason.FRAUD) is None
    await ctx.close()
