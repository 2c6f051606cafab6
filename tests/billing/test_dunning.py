"""The legal clock of an unpaid premium over HTTP (E-7), with a clock on the wall that the test turns."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from billing.counter import DAY, Counter, at
from crm_api.billing.models.receivable import DUNNING
from crm_api.kit.clock import ALGIERS

pytestmark = pytest.mark.anyio
DUE = date(2027, 2, 1)
"""A Monday."""
POSTED = {"posting_number": "RR123456789DZ"}


async def renewed(counter: Counter, **fields: Any) -> dict[str, Any]:
    """A contract in force whose second half is due on DUE: the first half was paid."""
    begins = datetime(2026, 8, 1, tzinfo=ALGIERS)
    with at(begins + timedelta(hours=9)):
        policy = await counter.issued(begins, payment_plan="semiannual", **fields)
        await counter.paid((await counter.debt(policy))["balance"]["amount"])
    assert (await counter.portfolio.now(policy))["status"] == "in_force"
    return policy


async def late(counter: Counter, policy: dict[str, Any]) -> dict[str, Any]:
    """The debt of its second half."""
    return next(one for one in await counter.debts(policy) if one["due_on"] == str(DUE))


async def night(counter: Counter, on: date) -> None:
    """Early in the morning of that day."""
    with at(datetime(on.year, on.month, on.day, 1, tzinfo=ALGIERS)):
        await counter.night(on)


async def brought(counter: Counter, policy: dict[str, Any], until: str) -> dict[str, Any]:
    """The debt at that state; nights and people do their part on the first day they can."""
    on = DUE - 30 * DAY
    while True:
        await night(counter, on)
        debt = await late(counter, policy)
        if debt["dunning_state"] == until:
            return debt
        with at(on):
            if debt["dunning_state"] == "formal_notice_due":
                await counter.done(
                    f"/receivables/{debt['id']}", "formal-notice", POSTED | {"posted_on": str(on)}
                )
            elif debt["dunning_state"].endswith("_proposed"):
                await decide(counter, debt)
            debt = await late(counter, policy)
            if debt["dunning_state"] == until:
                return debt
        on += DAY
        assert on < DUE + 90 * DAY, debt["dunning_state"]


async def decide(counter: Counter, debt: dict[str, Any]) -> dict[str, Any]:
    """The proposal on that debt is confirmed by one and approved by another."""
    waiting = await counter.rows("/dunning-proposals", status="proposed")
    path = f"/dunning-proposals/{next(one['id'] for one in waiting if one['receivable_id'] == debt['id'])}"
    await counter.done(path, "confirm")
    return await counter.done(path, "approve", {"posting_number": "RR987654321DZ"}, by=counter.boss)


async def test_from_the_notice_to_the_suspension_and_back(counter: Counter) -> None:  # noqa: PLR0915
    """E-7, day by day."""
    policy = await renewed(counter)
    await night(counter, DUE - 31 * DAY)
    assert len(await counter.debts(policy)) == 1  # J-31: nothing yet
    await night(counter, DUE - 30 * DAY)
    debt = await late(counter, policy)  # J-30: the receipt and the notice, with the amount and the day
    assert (debt["dunning_state"], debt["dunning_next_on"]) == ("noticed", str(DUE))
    path = f"/receivables/{debt['id']}"
    await night(counter, DUE)
    debt = await late(counter, policy)
    assert (debt["dunning_state"], debt["dunning_level"], debt["dunning_next_on"]) == ("due", 0, "2027-02-16")
    await night(counter, DUE + 14 * DAY)
    assert (await late(counter, policy))["dunning_state"] == "due"
    await night(counter, DUE + 15 * DAY)  # J+15: grace is over
    debt = await late(counter, policy)
    assert (debt["dunning_state"], debt["dunning_level"]) == ("overdue", 1)
    assert (await counter.parts(policy))[1]["status"] == "overdue"
    await night(counter, DUE + 16 * DAY)  # J+16: the registered letter may go out
    debt = await late(counter, policy)
    assert (debt["dunning_state"], debt["dunning_next_on"]) == ("formal_notice_due", None)
    letter = await counter.client.get(f"/v1{path}/formal-notice", headers=counter.cashier)
    assert letter.content.startswith(b"%PDF-"), letter.text
    with at(DUE + 17 * DAY):
        early = await counter.act(path, "formal-notice", POSTED | {"posted_on": str(DUE + 15 * DAY)})
        assert (early.status_code, early.json()["code"]) == (409, "dunning_day_not_reached")
        debt = await counter.done(path, "formal-notice", POSTED | {"posted_on": str(DUE + 17 * DAY)})
    assert (debt["dunning_state"], debt["dunning_level"], debt["dunning_next_on"]) == (
        "formal_notice_sent",
        3,
        str(DUE + 47 * DAY),
    )
    await night(counter, DUE + 46 * DAY)
    assert (await late(counter, policy))["dunning_state"] == "formal_notice_sent"
    await night(counter, DUE + 47 * DAY)  # thirty days later: a proposal, and no more than that
    assert (await late(counter, policy))["dunning_state"] == "suspension_proposed"
    assert (await counter.portfolio.now(policy))["status"] == "in_force"
    (proposal,) = await counter.rows("/dunning-proposals")
    assert (proposal["kind"], proposal["status"], proposal["policy_number"]) == (
        "suspension",
        "proposed",
        policy["number"],
    )
    proposed = f"/dunning-proposals/{proposal['id']}"
    with at(DUE + 48 * DAY):
        hasty = await counter.act(proposed, "approve", {})
        assert (hasty.status_code, hasty.json()["code"]) == (409, "invalid_transition")
        await counter.done(proposed, "confirm")
        alone = await counter.act(proposed, "approve", {})
        assert (alone.status_code, alone.json()["code"]) == (403, "proposal_needs_another")
        await counter.done(proposed, "approve", {}, by=counter.boss)
        suspended = await counter.portfolio.now(policy)
        assert suspended["status"] == "suspended"
        state = await counter.get(f"/policies/{policy['id']}/coverage-state")
        assert (state["state"], state["is_covered"], state["reasons"]) == (
            "suspended",
            False,
            ["suspended_unpaid"],
        )
    assert (await late(counter, policy))["dunning_next_on"] == str(DUE + 58 * DAY)
    paid_on = datetime(2027, 3, 25, 16, 30, tzinfo=ALGIERS)  # a Thursday afternoon
    with at(paid_on):
        await counter.paid((await late(counter, policy))["balance"]["amount"])
        state = await counter.get(f"/policies/{policy['id']}/coverage-state")
        assert (state["state"], state["cover_resumes_at"]) == ("reinstating", "2027-03-26T11:00:00.000Z")
    debt = await late(counter, policy)
    assert (debt["status"], debt["dunning_state"], debt["dunning_next_on"]) == ("settled", "ended", None)
    with at(datetime(2027, 3, 26, 11, 59, tzinfo=ALGIERS)):
        await counter.follow()
        assert (await counter.portfolio.now(policy))["status"] == "suspended"
    with at(datetime(2027, 3, 26, 12, 0, tzinfo=ALGIERS)):  # Friday at noon: rest days count
        await counter.follow()
        assert (await counter.portfolio.now(policy))["status"] == "in_force"
    told = await counter.get(f"{path}/dunning")
    assert [(step["kind"], step["effective_on"]) for step in told["steps"]] == [
        ("notice", str(DUE - 30 * DAY)),
        ("due", str(DUE)),
        ("reminder", str(DUE + 15 * DAY)),
        ("formal_notice_due", str(DUE + 16 * DAY)),
        ("formal_notice", str(DUE + 17 * DAY)),
        ("suspension_proposal", str(DUE + 47 * DAY)),
        ("suspension", str(DUE + 48 * DAY)),
        ("ended", "2027-03-25"),
        ("reinstatement", "2027-03-26"),
    ]
    by_kind = {step["kind"]: step for step in told["steps"]}
    assert by_kind["reminder"]["rule"]["code"] == "premium_grace"
    assert by_kind["reminder"]["counted_from"] == str(DUE)
    assert by_kind["formal_notice"]["posting_number"] == "RR123456789DZ"
    assert by_kind["formal_notice"]["channel"] == "registered_letter"
    assert by_kind["suspension_proposal"]["counted_from"] == str(DUE + 17 * DAY)
    assert "95-07" in by_kind["suspension_proposal"]["rule"]["source"]
    assert by_kind["reinstatement"]["rule"]["code"] == "premium_reinstate"
    assert (told["state"], told["ahead"], told["stopped_by"]) == ("ended", [], [])
    await counter.somewhere()


async def test_who_does_not_pay_is_proposed_for_termination_and_owes_what_was_earned(
    counter: Counter,
) -> None:
    policy = await renewed(counter)
    debt = await brought(counter, policy, "termination_proposed")
    suspended = (await counter.get(f"/receivables/{debt['id']}/dunning"))["steps"][-2]
    assert suspended["kind"] == "suspension"
    on = date.fromisoformat(suspended["effective_on"]) + 10 * DAY
    (proposal,) = await counter.rows("/dunning-proposals", kind="termination")
    assert proposal["proposed_on"] == str(on)
    path = f"/dunning-proposals/{proposal['id']}"
    with at(on):
        await counter.done(path, "confirm")
        mute = await counter.act(path, "approve", {}, by=counter.boss)
        assert (mute.status_code, mute.json()["code"]) == (422, "posting_number_needed")
        await counter.done(path, "approve", {"posting_number": "RR987654321DZ"}, by=counter.boss)
    ended = await counter.portfolio.now(policy)
    assert (ended["status"], ended["termination_reason"]) == ("terminated", "non_payment")
    debt = await late(counter, policy)
    days = (date(2027, 8, 1) - DUE).days
    left = (date(2027, 8, 1) - on).days
    part = (await counter.parts(policy))[1]
    net, vat = (int(part[name]["amount"].replace(".", "")) for name in ("net", "vat"))
    back = round(net * left / days)
    assert int(debt["balance"]["amount"].replace(".", "")) == net + vat - back - round(vat * back / net)
    assert (debt["dunning_state"], debt["dunning_level"]) == ("terminated", 4)
    await counter.somewhere()


async def test_a_promise_makes_the_clock_wait_for_seven_days(counter: Counter) -> None:
    policy = await renewed(counter)
    debt = await brought(counter, policy, "due")
    path = f"/receivables/{debt['id']}"
    amount = debt["balance"]
    with at(DUE + 10 * DAY):
        past = await counter.act(path, "promise", {"amount": amount, "promised_on": str(DUE + 9 * DAY)})
        assert (past.status_code, past.json()["code"]) == (422, "promise_too_late")
        debt = await counter.done(path, "promise", {"amount": amount, "promised_on": str(DUE + 12 * DAY)})
        assert (debt["promise_on"], debt["dunning_next_on"]) == (str(DUE + 12 * DAY), str(DUE + 22 * DAY))
        told = await counter.get(f"{path}/dunning")
        assert (told["stopped_by"], told["pauses"][0]["days"]) == (["promise"], 7)
    with at(DUE + 11 * DAY):  # another promise adds only the day that is new
        debt = await counter.done(path, "promise", {"amount": amount, "promised_on": str(DUE + 13 * DAY)})
        assert debt["dunning_next_on"] == str(DUE + 23 * DAY)
    await night(counter, DUE + 14 * DAY)
    told = await counter.get(f"{path}/dunning")
    assert [one["status"] for one in told["promises"]] == ["replaced", "broken"]
    assert (await late(counter, policy))["promise_on"] is None
    await night(counter, DUE + 22 * DAY)
    assert (await late(counter, policy))["dunning_state"] == "due"
    await night(counter, DUE + 23 * DAY)
    assert (await late(counter, policy))["dunning_state"] == "overdue"


async def test_a_promise_that_is_kept_says_so(counter: Counter) -> None:
    policy = await renewed(counter)
    debt = await brought(counter, policy, "overdue")
    path = f"/receivables/{debt['id']}"
    with at(DUE + 15 * DAY):
        part = {"amount": "1000.00", "currency": "DZD"}
        await counter.done(path, "promise", {"amount": part, "promised_on": str(DUE + 17 * DAY)})
        await counter.paid("1000.00")
    told = await counter.get(f"{path}/dunning")
    assert told["promises"][0]["status"] == "kept"
    assert (await late(counter, policy))["status"] == "partially_settled"


async def test_a_dispute_stops_the_clock_until_it_is_resolved(counter: Counter) -> None:
    policy = await renewed(counter)
    debt = await brought(counter, policy, "due")
    path = f"/receivables/{debt['id']}"
    with at(DUE + 5 * DAY):
        debt = await counter.done(path, "dispute", {"reason": "Dit avoir payé par virement"})
        assert (debt["status"], debt["dunning_next_on"]) == ("disputed", None)
        promise = {"amount": debt["balance"], "promised_on": str(DUE + 9 * DAY)}
        barred = await counter.act(path, "promise", promise)
        assert (barred.status_code, barred.json()["code"]) == (409, "receivable_disputed_now")
    for day in (15, 16, 40):
        await night(counter, DUE + day * DAY)
    told = await counter.get(f"{path}/dunning")
    assert (told["state"], told["stopped_by"], told["ahead"][0]["on"]) == ("due", ["dispute"], None)
    with at(DUE + 40 * DAY):
        debt = await counter.done(path, "resolve")
        assert (debt["status"], debt["dunning_next_on"]) == ("open", str(DUE + 50 * DAY))
        again = await counter.act(path, "resolve")
        assert (again.status_code, again.json()["code"]) == (409, "receivable_not_disputed")
    await night(counter, DUE + 49 * DAY)
    assert (await late(counter, policy))["dunning_state"] == "due"
    await night(counter, DUE + 50 * DAY)
    assert (await late(counter, policy))["dunning_state"] == "overdue"


async def test_arrears_in_parts_stop_the_clock_while_they_come(counter: Counter) -> None:
    policy = await renewed(counter)
    debt = await brought(counter, policy, "formal_notice_sent")
    path = f"/receivables/{debt['id']}"
    on = date.fromisoformat(debt["dunning_next_on"]) - 20 * DAY
    half = {"amount": "10000.00", "currency": "DZD"}
    rest = {"amount": f"{float(debt['balance']['amount']) - 10000:.2f}", "currency": "DZD"}
    with at(on):
        uneven = {"parts": [{"due_on": str(on + 5 * DAY), "amount": half}]}
        unfit = await counter.act(path, "plan", uneven)
        assert (unfit.status_code, unfit.json()["code"]) == (422, "arrears_plan_unfit")
        parts = [
            {"due_on": str(on + 5 * DAY), "amount": half},
            {"due_on": str(on + 35 * DAY), "amount": rest},
        ]
        debt = await counter.done(path, "plan", {"parts": parts})
        assert debt["dunning_next_on"] is None
    with at(on + 4 * DAY):
        await counter.paid("10000.00")
    await night(counter, on + 30 * DAY)
    told = await counter.get(f"{path}/dunning")
    assert (told["state"], told["stopped_by"], told["plans"][0]["status"]) == (
        "formal_notice_sent",
        ["plan"],
        "active",
    )
    await night(counter, on + 36 * DAY)  # the second part did not come
    told = await counter.get(f"{path}/dunning")
    assert told["plans"][0]["status"] == "broken"
    assert told["next_on"] == str(on + 56 * DAY)


async def test_a_proposal_that_is_refused_comes_again_on_its_day(counter: Counter) -> None:
    policy = await renewed(counter)
    debt = await brought(counter, policy, "suspension_proposed")
    (proposal,) = await counter.rows("/dunning-proposals")
    on = date.fromisoformat(proposal["proposed_on"])
    path = f"/dunning-proposals/{proposal['id']}"
    with at(on):
        early = await counter.act(path, "refuse", {"reason": "Client fidèle", "resume_on": str(on)})
        assert early.status_code == 409
        await counter.done(path, "refuse", {"reason": "Client fidèle", "resume_on": str(on + 9 * DAY)})
    assert (await late(counter, policy))["dunning_state"] == "formal_notice_sent"
    await night(counter, on + 9 * DAY)
    rounds = [(one["round"], one["status"]) for one in await counter.rows("/dunning-proposals")]
    assert rounds == [(1, "refused"), (2, "proposed")]
    with at(on + 10 * DAY):
        await counter.paid((await counter.get(f"/receivables/{debt['id']}"))["balance"]["amount"])
    assert [one["status"] for one in await counter.rows("/dunning-proposals")] == ["refused", "lapsed"]


async def test_the_night_is_safe_to_run_twice_and_in_small_goes(counter: Counter) -> None:
    policies = [await renewed(counter) for _ in range(5)]
    for on in (DUE - 30 * DAY, DUE, DUE + 15 * DAY, DUE + 16 * DAY):
        with at(on):
            for _ in range(2):
                await counter.night(on, most=2)
    for policy in policies:
        debt = await late(counter, policy)
        assert debt["dunning_state"] == "formal_notice_due"
        steps = (await counter.get(f"/receivables/{debt['id']}/dunning"))["steps"]
        assert [one["kind"] for one in steps] == ["notice", "due", "reminder", "formal_notice_due"]
    assert len(await counter.told("receivable.dunning_changed")) == 15
    numbers = [one["number"] for policy in policies for one in await counter.receipts(policy)]
    assert len(set(numbers)) == 10
    await counter.somewhere()


async def test_nights_that_were_missed_are_made_up_with_the_days_of_the_law(counter: Counter) -> None:
    policy = await renewed(counter)
    await night(counter, DUE + 20 * DAY)
    debt = await late(counter, policy)
    told = await counter.get(f"/receivables/{debt['id']}/dunning")
    days = [(step["kind"], step["effective_on"]) for step in told["steps"]]
    assert days == [
        ("due", str(DUE)),
        ("reminder", str(DUE + 15 * DAY)),
        ("formal_notice_due", str(DUE + 16 * DAY)),
    ]


async def test_a_delay_that_changes_holds_from_its_day_on(counter: Counter) -> None:
    policy = await renewed(counter)
    row = {"code": "premium_grace", "valid_from": str(DUE), "value": 20, "unit": "calendar_days"}
    made = await counter.portfolio.company.send(
        "POST", "/v1/legal-deadlines", row | {"source": "Loi nouvelle, article 3"}
    )
    assert made.status_code == 201, made.text
    await night(counter, DUE)
    assert (await late(counter, policy))["dunning_next_on"] == str(DUE + 20 * DAY)


async def test_what_comes_is_told_with_its_rules(counter: Counter) -> None:
    policy = await renewed(counter)
    debt = await brought(counter, policy, "due")
    with at(DUE):
        told = await counter.get(f"/receivables/{debt['id']}/dunning")
    assert [(one["kind"], one["on"], one["needs_person"], one["assumed"]) for one in told["ahead"]] == [
        ("reminder", str(DUE + 15 * DAY), False, False),
        ("formal_notice_due", str(DUE + 16 * DAY), False, False),
        ("formal_notice", str(DUE + 16 * DAY), True, False),
        ("suspension_proposal", str(DUE + 46 * DAY), False, True),
        ("suspension", str(DUE + 46 * DAY), True, True),
        ("termination_proposal", str(DUE + 56 * DAY), False, True),
        ("termination", str(DUE + 56 * DAY), True, True),
    ]
    rules = [one["rule"] and one["rule"]["code"] for one in told["ahead"]]
    assert rules == ["premium_grace", None, None, "premium_formal_notice", None, "premium_terminate", None]


async def test_a_night_asks_the_collectors_once_for_each_step(counter: Counter) -> None:
    for _ in range(3):
        await renewed(counter)
    for on in (DUE, DUE + 15 * DAY, DUE + 16 * DAY):
        await night(counter, on)
    rows = await counter.owner.fetch(
        """SELECT title, group_id IS NOT NULL, agency_id FROM tasks WHERE title LIKE '%(3)'
        ORDER BY created_at"""
    )
    assert [tuple(row) for row in rows] == [
        ("Relancer les primes impayées (3)", True, counter.portfolio.agency_id),
        ("Envoyer les mises en demeure (3)", True, counter.portfolio.agency_id),
    ]


def test_the_clock_never_runs_backwards() -> None:
    """From no state does a road lead back to an earlier one, but for a proposal that is refused."""
    order = list(DUNNING.states)
    back = {
        (one, other)
        for one in order
        for other in DUNNING.allowed(one)
        if order.index(other) < order.index(one)
    }
    assert back == {
        ("suspension_proposed", "formal_notice_sent"),
        ("termination_proposed", "suspended"),
        ("ended", "quiet"),
    }
