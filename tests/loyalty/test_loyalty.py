"""Points on premium that was collected: earned, taken back, spent by several at once, and run out."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors import Headers
from billing.counter import SCOPES, Counter
from crm_api.kit.clock import ALGIERS, today
from crm_api.loyalty.jobs import expire_points, give_loyalty_points
from crm_api.loyalty.models import REDEMPTION
from crm_api.loyalty.points import months_after, points_of
from policies.portfolio import ago

pytestmark = pytest.mark.anyio
MINE = (
    *SCOPES,
    *("loyalty:read", "loyalty:write", "consents:read", "consents:write", "contacts:read", "contacts:write"),
)
WORDS = "J'adhère au programme de fidélité."


def marketer(counter: Counter) -> Headers:
    return counter.somebody(*MINE)


async def customer(counter: Counter, by: Headers, name: str = "Aissani") -> str:
    company = counter.portfolio.company
    agency = (await company.client.get("/v1/agencies", headers=company.admin.headers)).json()["data"][0]["id"]
    body = {"last_name": name, "first_name": "Ilyes", "create_household": True, "agency_id": agency}
    body |= {"phones": [{"value": "0550123456"}]}
    made = await company.send("POST", "/v1/contacts", body, by=by)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def enrolled(counter: Counter, by: Headers, contact: str) -> dict[str, Any]:
    said = {"subject_id": contact, "purpose": "profiling", "status": "granted", "channel": "counter"}
    consent = await counter.send("POST", "/consents", said | {"text": WORDS}, by=by)
    assert consent.status_code == 201, consent.text
    body = {"contact_id": contact, "consent_id": consent.json()["id"]}
    made = await counter.send("POST", "/loyalty-accounts", body, by=by)
    assert made.status_code == 201, made.text
    return dict(made.json())


async def balance(counter: Counter, by: Headers, account: dict[str, Any]) -> tuple[int, int]:
    """And it is the sum of its movements, always."""
    shown = await counter.get(f"/loyalty-accounts/{account['id']}", by=by)
    total = await counter.owner.fetchval(
        "SELECT coalesce(sum(points), 0) FROM loyalty_transactions WHERE loyalty_account_id = $1",
        UUID(account["id"]),
    )
    assert shown["balance"] == total >= 0
    return shown["balance"], shown["owed"]


async def reward(counter: Counter, by: Headers, **more: Any) -> dict[str, Any]:
    body = {"code": "sacoche", "label_fr": "Sacoche", "kind": "gift", "cost_points": 100}
    made = await counter.send(
        "POST", "/loyalty-rewards", body | {"valid_from": today().isoformat()} | more, by=by
    )
    assert made.status_code == 201, made.text
    return dict(made.json())


def test_one_point_is_100_dinars_of_net_premium_as_d_62_says() -> None:
    assert points_of(66_604_40, 100) == 666
    assert points_of(99_99, 100) == 0


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=12))
def test_parts_bring_what_the_whole_brings(parts: list[int]) -> None:
    posted, paid = 0, 0
    for part in parts:
        paid += part
        posted += points_of(paid, 100) - posted
    assert posted == points_of(sum(parts), 100)


@given(st.dates(), st.integers(1, 120))
def test_months_after_is_a_day_of_that_month(day: Any, months: int) -> None:
    if day.year > 9900:
        return
    after = months_after(day, months)
    assert (after.year * 12 + after.month) - (day.year * 12 + day.month) == months
    assert after.day <= day.day


async def test_a_cheque_brings_points_and_takes_them_back_when_it_bounces(counter: Counter) -> None:
    by = marketer(counter)
    contact = await customer(counter, by)
    account = await enrolled(counter, by, contact)
    policy = await counter.issued(policyholder_contact_id=contact)
    assert await balance(counter, by, account) == (0, 0)
    cheque = await counter.paid("44070.00", "cheque")
    assert (await counter.debt(policy))["status"] == "settled"
    assert await balance(counter, by, account) == (365, 0)  # 36,500.00 net
    gift = await reward(counter, by)
    ordered = {"loyalty_account_id": account["id"], "reward_id": gift["id"]}
    assert (await counter.send("POST", "/loyalty-redemptions", ordered, by=by)).status_code == 201
    path = f"/payments/{cheque['id']}"
    await counter.done(path, "deposit")
    await counter.done(path, "bounce", {"reason": "Sans provision"})
    assert await balance(counter, by, account) == (0, 100)  # what was spent is owed
    await counter.paid("44070.00")
    assert await balance(counter, by, account) == (265, 0)


async def test_several_orders_at_once_never_spend_what_is_not_there(counter: Counter) -> None:
    by = marketer(counter)
    account = await enrolled(counter, by, await customer(counter, by))
    path = f"/loyalty-accounts/{account['id']}"
    given_points = {"points": 350, "reason": "Geste commercial"}
    adjusted = await counter.send("POST", f"{path}/adjust", given_points, by=by, if_match='"1"')
    assert adjusted.status_code == 200, adjusted.text
    gift = await reward(counter, by, stock=10)
    ordered = {"loyalty_account_id": account["id"], "reward_id": gift["id"]}
    answers = await asyncio.gather(
        *(counter.send("POST", "/loyalty-redemptions", ordered, by=by) for _ in range(8))
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] * 3 + [409] * 5
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"not_enough_points"}
    assert await balance(counter, by, account) == (50, 0)
    assert (await counter.get(f"/loyalty-rewards/{gift['id']}", by=by))["stock"] == 7


async def test_an_order_is_approved_delivered_or_cancelled_and_nothing_else(counter: Counter) -> None:
    by = marketer(counter)
    account = await enrolled(counter, by, await customer(counter, by))
    path = f"/loyalty-accounts/{account['id']}/adjust"
    await counter.send("POST", path, {"points": 500, "reason": "Bienvenue"}, by=by, if_match='"1"')
    gift = await reward(counter, by, stock=1)
    ordered = {"loyalty_account_id": account["id"], "reward_id": gift["id"]}
    order = (await counter.send("POST", "/loyalty-redemptions", ordered, by=by)).json()
    again = await counter.send("POST", "/loyalty-redemptions", ordered, by=by)
    assert again.json()["code"] == "reward_out_of_stock"
    for current in REDEMPTION.states:
        for step, wanted in (("approve", "approved"), ("deliver", "delivered")):
            await counter.owner.execute("UPDATE loyalty_redemptions SET status = $1", current)
            version = (await counter.get(f"/loyalty-redemptions/{order['id']}", by=by))["version"]
            answer = await counter.send(
                "POST", f"/loyalty-redemptions/{order['id']}/{step}", by=by, if_match=f'"{version}"'
            )
            assert (answer.status_code == 200) == (wanted in REDEMPTION.allowed(current)), (current, step)
    await counter.owner.execute("UPDATE loyalty_redemptions SET status = 'approved'")
    version = (await counter.get(f"/loyalty-redemptions/{order['id']}", by=by))["version"]
    cancelled = await counter.send(
        *("POST", f"/loyalty-redemptions/{order['id']}/cancel"),
        {"reason": "Le client a changé d'avis"},
        by=by,
        if_match=f'"{version}"',
    )
    assert cancelled.json()["status"] == "cancelled"
    assert await balance(counter, by, account) == (500, 0)
    assert (await counter.get(f"/loyalty-rewards/{gift['id']}", by=by))["stock"] == 1
    figures = await counter.get("/loyalty-program/figures", by=by)
    assert (figures["redeemed"], figures["outstanding"], figures["accounts"]) == (0, 500, 1)


async def test_compulsory_cover_is_never_discounted(counter: Counter) -> None:
    by = marketer(counter)
    code = await counter.owner.fetchval("SELECT code FROM coverage_definitions WHERE mandatory LIMIT 1")
    other = await counter.owner.fetchval("SELECT code FROM coverage_definitions WHERE NOT mandatory LIMIT 1")
    body = {"label_fr": "Remise", "kind": "optional_cover_discount", "cost_points": 100}
    body |= {"valid_from": today().isoformat(), "code": "remise"}
    refused = await counter.send("POST", "/loyalty-rewards", body | {"coverage_code": code}, by=by)
    assert (refused.status_code, refused.json()["code"]) == (409, "reward_on_compulsory_cover")
    assert "245 bis" in refused.json()["detail"]
    unknown = await counter.send("POST", "/loyalty-rewards", body | {"coverage_code": "ZZZ"}, by=by)
    assert unknown.json()["code"] == "reward_cover_unknown"
    fine = await counter.send("POST", "/loyalty-rewards", body | {"coverage_code": other}, by=by)
    assert fine.status_code == 201, fine.text
    unnamed = await counter.send("POST", "/loyalty-rewards", body | {"code": "sans"}, by=by)
    assert unnamed.json()["errors"][0]["code"] == "loyalty_cover"


async def test_nobody_takes_part_without_a_consent_of_their_own(counter: Counter) -> None:
    by = marketer(counter)
    one, other = await customer(counter, by), await customer(counter, by, "Benali")
    account = await enrolled(counter, by, one)
    theirs = {"contact_id": other, "consent_id": account["consent_id"]}
    refused = await counter.send("POST", "/loyalty-accounts", theirs, by=by)
    assert (refused.status_code, refused.json()["code"]) == (409, "enrolment_without_consent")
    twice = {"contact_id": one, "consent_id": account["consent_id"]}
    again = await counter.send("POST", "/loyalty-accounts", twice, by=by)
    assert again.json()["code"] == "already_enrolled"


async def test_the_oldest_points_run_out_first(counter: Counter) -> None:
    by = marketer(counter)
    account = await enrolled(counter, by, await customer(counter, by))
    id = UUID(account["id"])
    for key, kind, points, days in (
        ("a", "earn", 300, -1),
        ("b", "earn", 200, 30),
        ("c", "redeem", -120, None),
    ):
        await counter.owner.execute(
            """INSERT INTO loyalty_transactions (organization_id, id, version, loyalty_account_id, type,
                   origin, points, idempotency_key, expires_on)
               VALUES ($1, gen_random_uuid(), 1, $2, $3, 'premium', $4, $5, $6)""",
            *(counter.organization_id, id, kind, points, key),
            None if days is None else today() + timedelta(days=days),
        )
    await counter.owner.execute("UPDATE loyalty_accounts SET balance = 380")
    for _ in range(2):  # the second night finds nothing
        ctx = counter.portfolio.company.context()
        await expire_points(ctx, {})
        await ctx.commit()
        await ctx.close()
    assert await balance(counter, by, account) == (200, 0)


async def test_a_year_without_a_claim_and_a_friend_who_came_bring_their_gifts_once(counter: Counter) -> None:
    by = marketer(counter)
    policies = counter.portfolio

    async def night() -> None:
        ctx = policies.company.context()
        await give_loyalty_points(ctx, {})
        await ctx.commit()
        await ctx.close()

    friend = await customer(counter, by, "Belkacem")
    contact = await customer(counter, by)
    account = await enrolled(counter, by, contact)
    quiet = await policies.policy(policyholder_contact_id=contact)
    claimed = await policies.policy(policyholder_contact_id=contact)
    facts = {"policy_id": claimed["id"], "channel": "phone", "cause": "collision", "wilaya_code": "16"}
    facts |= {"occurred_at": datetime.now(ALGIERS).isoformat(), "circumstances": "Choc à l'arrière."}
    key = {"idempotency_key": "un"}
    declared = await counter.send("POST", "/claims", facts, by=policies.admin, **key)
    assert declared.status_code == 201, declared.text
    said = {"from_type": "contact", "from_id": friend, "type": "referred_by"}
    said |= {"to_type": "contact", "to_id": contact}
    assert (await counter.send("POST", "/relationships", said, by=policies.admin)).status_code == 201
    await night()
    assert await balance(counter, by, account) == (0, 0)  # the year is not over, the friend has no contract
    await counter.owner.execute("UPDATE loyalty_accounts SET enrolled_at = now() - interval '2 years'")
    for policy in (quiet, claimed):  # both ended yesterday
        await policies.bring(policy, effective_at=ago(days=366), expires_at=ago(days=1), status="expired")
    await policies.policy(policyholder_contact_id=friend)
    for _ in range(2):
        await night()
    assert await balance(counter, by, account) == (200 + 100, 0)
    gifts = await counter.owner.fetch("SELECT origin, points FROM loyalty_transactions ORDER BY points")
    assert [tuple(gift) for gift in gifts] == [("referral", 100), ("no_claim", 200)]
