"""Reserves, decisions and payments: never below zero, never alone, never above what was approved."""

import asyncio
from random import Random
from uuid import UUID

import asyncpg
import pytest

from claims.bureau import Bureau, dinars

pytestmark = pytest.mark.anyio


# --- reserves


async def test_a_reserve_has_a_history_and_is_never_below_zero(bureau: Bureau) -> None:
    claim = await bureau.under_review()
    for movement, reason in (("50000.00", "Ouverture"), ("-20000.00", "Devis reçu")):
        await bureau.done(
            claim, "reserves", {"coverage_code": "DC", "movement": dinars(movement), "reason": reason}
        )
    much = {"coverage_code": "DC", "movement": dinars("-30000.01"), "reason": "Trop"}
    refused = await bureau.act(claim, "reserves", much)
    assert (refused.status_code, refused.json()["code"]) == (409, "reserve_too_small")
    assert "30 000,00 DA" in refused.json()["detail"]
    kept = await bureau.read(f"/v1/claims/{claim['id']}/reserves")
    assert kept["balances"] == [{"coverage_code": "DC", "kind": "indemnity", "balance": dinars("30000.00")}]
    assert [(line["sequence"], line["reason"]) for line in kept["data"]] == [
        (2, "Devis reçu"),
        (1, "Ouverture"),
    ]
    assert (await bureau.now(claim))["reserve_amount"] == dinars("30000.00")
    for amount, code in (("0.00", "dinars_moved"), ("1.005", "amount_too_precise")):
        answer = await bureau.act(
            claim, "reserves", {"coverage_code": "DC", "movement": dinars(amount), "reason": "Rien"}
        )
        assert answer.json()["errors"][0]["code"] == code


async def test_movements_are_written_once_and_never_changed(
    bureau: Bureau, owner: asyncpg.Connection
) -> None:
    claim = await bureau.under_review()
    aside = {"coverage_code": "DC", "movement": dinars("1.00"), "reason": "Ouverture"}
    await bureau.done(claim, "reserves", aside)
    for change in ("UPDATE claim_reserve_movements SET balance = 0", "DELETE FROM claim_reserve_movements"):
        with pytest.raises(asyncpg.PostgresError):
            await owner.execute(change)


async def test_expected_recoveries_are_no_reserve(bureau: Bureau) -> None:
    claim = await bureau.under_review()
    for kind, amount in (
        ("indemnity", "70000.00"),
        ("expense", "8000.00"),
        ("recovery_expected", "30000.00"),
    ):
        body = {"coverage_code": "DC", "kind": kind, "movement": dinars(amount), "reason": "Ouverture"}
        await bureau.done(claim, "reserves", body)
    now = await bureau.now(claim)
    assert (now["reserve_amount"], now["recovery_expected_amount"]) == (
        dinars("78000.00"),
        dinars("30000.00"),
    )
    assert now["incurred_amount"] == dinars("78000.00")
    told = await bureau.owner.fetchval(
        "SELECT string_agg(data::text, ' ') FROM event_log WHERE kind LIKE 'claim%'"
    )
    assert "78000" not in told
    assert "30000" not in told


# --- decisions


async def test_above_the_limit_a_second_person_confirms(bureau: Bureau) -> None:
    claim = await bureau.to_decide()
    large = {"outcome": "approve", "amount": dinars("200000.01")}
    decision = await bureau.done(claim, "decisions", large)
    assert (decision["status"], (await bureau.now(claim))["status"]) == ("proposed", "decision_pending")
    again = await bureau.act(claim, "decisions", large, by=bureau.chief.headers)
    assert (again.status_code, again.json()["code"]) == (409, "claim_decision_waiting")
    path = f"/v1/claims/{claim['id']}/decisions/{decision['id']}"
    own = await bureau.company.send("POST", f"{path}/confirm", by=bureau.handler.headers, version=1)
    assert (own.status_code, own.json()["code"]) == (403, "own_claim_decision")
    nobody = await bureau.company.send("POST", f"{path}/confirm", by=bureau.payer.headers, version=1)
    assert nobody.status_code == 403
    done = await bureau.company.send("POST", f"{path}/confirm", by=bureau.chief.headers, version=1)
    assert (done.status_code, done.json()["status"]) == (200, "effective"), done.text
    approved = await bureau.now(claim)
    assert (approved["status"], approved["approved_amount"]) == ("approved", dinars("200000.01"))
    late = await bureau.company.send("POST", f"{path}/confirm", by=bureau.chief.headers, version=2)
    assert (late.status_code, late.json()["code"]) == (409, "claim_decision_made")


async def test_a_decision_that_is_turned_down_leaves_room_for_another(bureau: Bureau) -> None:
    claim = await bureau.to_decide()
    decision = await bureau.done(claim, "decisions", {"outcome": "approve", "amount": dinars("300000.00")})
    path = f"/v1/claims/{claim['id']}/decisions/{decision['id']}/turn-down"
    body = {"reason": "Montant trop élevé"}
    answer = await bureau.company.send("POST", path, body, by=bureau.chief.headers, version=1)
    assert answer.json()["status"] == "turned_down", answer.text
    smaller = await bureau.done(claim, "decisions", {"outcome": "approve", "amount": dinars("150000.00")})
    assert smaller["status"] == "effective"
    listed = (await bureau.read(f"/v1/claims/{claim['id']}/decisions"))["data"]
    assert [each["status"] for each in listed] == ["effective", "turned_down"]


async def test_a_group_and_the_settings_say_how_much_one_decides_alone(bureau: Bureau) -> None:
    settings_ = {"decide_limit": dinars("50000.00")}
    put = await bureau.company.send("PUT", "/v1/claim-settings", settings_, version=0)
    assert put.status_code == 200, put.text
    bureau.company.app.state.tools.memory.clear()
    claim = await bureau.to_decide()
    asked = {"outcome": "approve", "amount": dinars("60000.00")}
    assert (await bureau.done(claim, "decisions", asked))["limit_amount"] == dinars("50000.00")
    await bureau.owner.execute(
        "UPDATE groups SET max_amounts = '{\"claims_decide\": 60000}' WHERE code = 'claims_handler'"
    )
    other = await bureau.to_decide()
    told = await bureau.done(other, "decisions", asked)
    assert (told["limit_amount"], told["status"]) == (dinars("60000.00"), "effective")


# --- payments


async def test_who_proposes_does_not_approve_and_who_decides_does_not_pay(bureau: Bureau) -> None:
    claim = await bureau.approved()
    payee = await bureau.somebody(claim)
    row = (await bureau.propose(claim, payee, "40000.00")).json()
    own = await bureau.on(claim, "payments", row, "approve", by=bureau.payer.headers)
    assert (own.status_code, own.json()["code"]) == (403, "own_claim_payment")
    decider = bureau.portfolio.somebody("claims:pay", "claims:read", id=bureau.handler.id)
    decided = await bureau.on(claim, "payments", row, "approve", by=decider)
    assert (decided.status_code, decided.json()["code"]) == (403, "own_claim_payment")
    admin = await bureau.on(claim, "payments", row, "approve", by=bureau.admin)
    assert (admin.status_code, admin.json()["code"]) == (403, "insufficient_scope")  # segregated
    other = await bureau.on(claim, "payments", row, "approve", by=bureau.cashier.headers)
    assert other.json()["approved_by_id"] == str(bureau.cashier.id), other.text
    bare = await bureau.on(claim, "payments", row, "order", {}, by=bureau.cashier.headers)
    assert (bare.status_code, bare.json()["code"]) == (409, "discharge_missing")


async def test_payments_never_exceed_what_was_approved(bureau: Bureau) -> None:
    claim = await bureau.approved("100000.00")
    payee = await bureau.somebody(claim)
    assert (await bureau.propose(claim, payee, "60000.00")).status_code == 201
    much = await bureau.propose(claim, payee, "40000.01")
    assert (much.status_code, much.json()["code"]) == (409, "approved_amount_exceeded")
    assert "40 000,00 DA" in much.json()["detail"]
    rest = await bureau.propose(claim, payee, "41000.00", deductible_applied=dinars("1000.00"))
    assert rest.status_code == 201, rest.text
    end = await bureau.on(
        claim, "payments", rest.json(), "reject", {"reason": "RIB erroné"}, by=bureau.payer.headers
    )
    assert end.status_code == 200
    assert (await bureau.now(claim))["committed_amount"] == dinars("60000.00")
    nothing = await bureau.propose(claim, payee, "10.00", deductible_applied=dinars("10.00"))
    assert nothing.json()["errors"][0]["code"] == "nothing_left_to_pay"


async def test_two_payers_at_once_do_not_pay_the_same_dinar(bureau: Bureau) -> None:
    claim = await bureau.approved("100000.00")
    payee = await bureau.somebody(claim)
    headers = bureau.payer.headers | {"If-Match": f'"{(await bureau.now(claim))["version"]}"'}
    path, body = f"/v1/claims/{claim['id']}/payments", bureau.payment(payee, "60000.00")
    answers = await asyncio.gather(*(bureau.client.post(path, json=body, headers=headers) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 412, 412, 412]
    machine = bureau.portfolio.somebody("claims:pay", kind="client", session_id=None)
    machine |= {"If-Match": "*"}
    answers = await asyncio.gather(
        *(bureau.client.post(path, json=bureau.payment(payee, "30000.00"), headers=machine) for _ in range(3))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    total = await bureau.owner.fetchval("SELECT sum(net) FROM claim_payments")
    assert total == 90_000_00  # of 100,000.00


async def test_a_fee_is_paid_from_what_is_set_aside_for_expenses(bureau: Bureau) -> None:
    claim = await bureau.under_review()
    payee = await bureau.somebody(claim, "adjuster")
    body = {"coverage_code": "DC", "kind": "expense", "movement": dinars("8000.00"), "reason": "Expert"}
    await bureau.done(claim, "reserves", body)
    much = await bureau.propose(claim, payee, "8000.01", kind="expert_fee")
    assert (much.status_code, much.json()["code"]) == (409, "reserve_too_small")
    fee = await bureau.propose(claim, payee, "5000.00", kind="expert_fee")
    assert fee.status_code == 201, fee.text
    assert (await bureau.propose(claim, payee, "3000.01", kind="expert_fee")).status_code == 409
    early = await bureau.propose(claim, payee, "1.00")
    assert (early.status_code, early.json()["code"]) == (409, "claim_not_payable")
    by = bureau.cashier.headers
    for step, sent in (("approve", None), ("order", {}), ("pay", {"reference": "VIR-7"})):
        assert (await bureau.on(claim, "payments", fee.json(), step, sent, by=by)).status_code == 200, step
    now = await bureau.now(claim)
    assert (now["paid_amount"], now["expense_paid_amount"]) == (dinars("5000.00"), dinars("5000.00"))
    assert (now["reserve_amount"], now["status"]) == (dinars("3000.00"), "under_review")
    assert now["incurred_amount"] == dinars("8000.00")


async def test_a_file_is_not_settled_or_closed_while_a_payment_is_under_way(bureau: Bureau) -> None:
    claim = await bureau.approved()
    payee = await bureau.somebody(claim)
    row = (await bureau.propose(claim, payee, "1000.00")).json()
    await bureau.bring(claim, status="payment_pending")
    early = await bureau.act(claim, "settle")
    assert (early.status_code, early.json()["code"]) == (409, "claim_payments_underway")
    await bureau.on(claim, "payments", row, "reject", {"reason": "Doublon"}, by=bureau.payer.headers)
    await bureau.bring(claim, status="payment_pending")
    nothing = await bureau.act(claim, "settle")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "claim_nothing_paid")
    settled = await bureau.settled()
    unfit = await bureau.act(settled, "close", {"reason": "withdrawn"})
    assert (unfit.status_code, unfit.json()["code"]) == (422, "closing_reason_unfit")


async def test_more_than_agreed_does_not_come_in_and_recourses_grow_old(bureau: Bureau) -> None:
    claim = await bureau.under_review()
    by, send = bureau.handler.headers, bureau.company.send
    body = {"opponent": "CAAR", "claimed": dinars("50000.00"), "opened_on": "2026-01-01"}
    made = (await send("POST", f"/v1/claims/{claim['id']}/recoveries", body, by=by)).json()
    assert made["ageing_bucket"] in ("d181_365", "over_365")
    path = f"/v1/recoveries/{made['id']}"
    early = await send("POST", f"{path}/compensate", {"received": dinars("1.00")}, by=by, version=1)
    assert (early.status_code, early.json()["code"]) == (409, "invalid_transition")
    await send("POST", f"{path}/agree", {"agreed": dinars("20000.00")}, by=by, version=1)
    much = await send("POST", f"{path}/compensate", {"received": dinars("20000.01")}, by=by, version=2)
    assert (much.status_code, much.json()["code"]) == (409, "recovery_above_agreement")
    listed = await bureau.read("/v1/recoveries", status="agreed", claim_id=claim["id"])
    assert [each["id"] for each in listed["data"]] == [made["id"]]
    given_up = await send("POST", f"{path}/abandon", by=by, version=2)
    assert given_up.json()["status"] == "abandoned", given_up.text
    assert (await send("POST", f"{path}/close", by=by, version=3)).json()["status"] == "closed"


# --- the identity, whatever is done (domain.md H-3)

DEEDS = ("aside", "release", "expense", "pay", "fee", "recover")


def _money(centimes: int) -> dict[str, str]:
    return dinars(f"{centimes / 100:.2f}")


async def test_the_identity_holds_whatever_is_done(bureau: Bureau) -> None:
    """incurred = paid + outstanding - recoveries; no balance below zero; payments within the approval."""
    claim = await bureau.approved("150000.00")
    payee = await bureau.somebody(claim)

    async def walk(plan: list[tuple[str, int]]) -> None:
        for what, centimes in plan:
            money, by = _money(centimes), bureau.handler.headers
            if what in ("aside", "release", "expense"):
                signed = _money(-centimes) if what == "release" else money
                kind = "expense" if what == "expense" else "indemnity"
                body = {"coverage_code": "DC", "kind": kind, "movement": signed, "reason": "Essai"}
                await bureau.act(claim, "reserves", body)
            elif what in ("pay", "fee"):
                kind = "expert_fee" if what == "fee" else "indemnity"
                row = await bureau.propose(claim, payee, money["amount"], kind=kind)
                if row.status_code == 201:
                    cashier = bureau.cashier.headers
                    paper = {"discharge_document_id": await bureau.paper()}
                    await bureau.on(claim, "payments", row.json(), "approve", by=cashier)
                    await bureau.on(claim, "payments", row.json(), "order", paper, by=cashier)
                    await bureau.on(claim, "payments", row.json(), "pay", {"reference": "VIR"}, by=cashier)
            else:
                path = f"/v1/claims/{claim['id']}/recoveries"
                body = {"opponent": "SAA", "claimed": money}
                made = (await bureau.company.send("POST", path, body, by=by)).json()
                at = f"/v1/recoveries/{made['id']}"
                await bureau.company.send("POST", f"{at}/agree", {"agreed": money}, by=by, version=1)
                await bureau.company.send("POST", f"{at}/compensate", {"received": money}, by=by, version=2)
            await _identity(bureau, claim["id"])

    dice = Random(20261130)  # noqa: S311 - the same walks every time
    for _ in range(4):
        await walk([(dice.choice(DEEDS), dice.randint(1, 60_000_00)) for _ in range(7)])


async def _identity(bureau: Bureau, claim_id: str) -> None:
    id = UUID(claim_id)
    fetch = bureau.owner.fetchval
    paid = await fetch("SELECT coalesce(sum(net), 0) FROM claim_payments WHERE status = 'paid'")
    live = await fetch(
        """SELECT coalesce(sum(net), 0) FROM claim_payments
        WHERE status NOT IN ('rejected', 'stopped') AND kind NOT IN ('expert_fee', 'lawyer_fee')"""
    )
    held = await fetch(
        "SELECT coalesce(sum(movement), 0) FROM claim_reserve_movements WHERE kind <> 'recovery_expected'"
    )
    least = await fetch("SELECT coalesce(min(balance), 0) FROM claim_reserve_movements")
    back = await fetch("SELECT coalesce(sum(received), 0) FROM recoveries WHERE direction = 'exercised'")
    row = await bureau.owner.fetchrow("SELECT * FROM claims WHERE id = $1", id)
    assert (row["paid_amount"], row["reserve_amount"], row["recovery_amount"]) == (paid, held, back)
    assert least >= 0
    assert live == row["committed_amount"] <= row["approved_amount"]
    shown = await bureau.read(f"/v1/claims/{claim_id}")
    assert shown["incurred_amount"] == dinars(f"{(paid + held - back) / 100:.2f}")
