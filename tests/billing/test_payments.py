"""Money at the counter, over HTTP: what it pays, what is refused, what two cashiers do to each other."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from actors import actor
from billing.counter import SCOPES, Counter, centimes
from crm_api.kit.clock import today

pytestmark = pytest.mark.anyio
TOTAL = "44070.00"


async def test_a_contract_that_is_issued_makes_its_premium_due(counter: Counter) -> None:
    policy = await counter.issued()
    (part,), (receipt,), (debt,) = (
        await counter.parts(policy),
        await counter.receipts(policy),
        await counter.debts(policy),
    )
    assert (part["status"], part["total"]["amount"], part["net"]["amount"]) == ("billed", TOTAL, "36500.00")
    assert receipt["number"] == f"16012/{today().year}/AUTO_P/00001"
    assert (receipt["type"], receipt["total"], receipt["instalment_id"]) == ("new", part["total"], part["id"])
    assert (debt["status"], debt["balance"]["amount"], debt["policy_number"]) == (
        "open",
        TOTAL,
        policy["number"],
    )
    assert debt["account_name"] == "Famille AISSANI"
    state = await counter.get(f"/policies/{policy['id']}/coverage-state")
    assert (state["state"], state["is_covered"], state["reasons"]) == (
        "awaiting_payment",
        False,
        ["first_premium_unpaid"],
    )
    await counter.somewhere()


async def test_the_first_premium_paid_begins_the_cover(counter: Counter) -> None:
    policy = await counter.issued()
    payment = await counter.paid(TOTAL)
    assert (payment["status"], payment["allocated_amount"]["amount"]) == ("settled", TOTAL)
    assert payment["unallocated_amount"]["amount"] == "0.00"
    assert (await counter.portfolio.now(policy))["status"] == "in_force"
    assert (await counter.debt(policy))["status"] == "settled"
    assert (await counter.parts(policy))[0]["status"] == "paid"
    state = await counter.get(f"/policies/{policy['id']}/coverage-state")
    assert (state["state"], state["is_covered"], state["reasons"]) == ("covered", True, ["premiums_paid"])
    assert await counter.told("instalment.paid", "receivable.settled", "payment.settled") == [
        *("instalment.paid", "receivable.settled", "payment.settled")
    ]
    await counter.somewhere()


async def test_a_part_is_paid_and_what_is_too_much_is_held(counter: Counter) -> None:
    policy = await counter.issued()
    await counter.paid("10000.00")
    debt = await counter.debt(policy)
    assert (debt["status"], debt["balance"]["amount"]) == ("partially_settled", "34070.00")
    assert (await counter.parts(policy))[0]["status"] == "partially_paid"
    assert (await counter.portfolio.now(policy))["status"] == "issued"
    last = await counter.paid("40000.00")
    assert last["unallocated_amount"]["amount"] == "5930.00"
    (credit,) = await counter.rows("/customer-credits", account_id=counter.account_id)
    assert (credit["origin"], credit["balance"]["amount"]) == ("overpayment", "5930.00")
    await counter.somewhere()
    other = await counter.issued()  # what is held pays what comes due
    assert (await counter.debt(other))["balance"]["amount"] == "38140.00"
    (credit,) = await counter.rows("/customer-credits", account_id=counter.account_id)
    assert (credit["used_amount"]["amount"], credit["balance"]["amount"]) == ("5930.00", "0.00")
    await counter.somewhere()


async def test_the_oldest_debt_is_paid_first_unless_told_otherwise(counter: Counter) -> None:
    new = await counter.issued(today() - timedelta(days=1))
    old = await counter.issued(today() - timedelta(days=9))
    await counter.paid(TOTAL)
    assert (await counter.debt(old))["status"] == "settled"
    assert (await counter.debt(new))["status"] == "open"
    third = await counter.issued(today() - timedelta(days=5))
    debt = await counter.debt(new)
    share = {"receivable_id": debt["id"], "amount": {"amount": "70.00", "currency": "DZD"}}
    payment = await counter.paid("100.00", allocations=[share])
    assert [one["receivable_id"] for one in payment["allocations"]] == [debt["id"]]
    assert payment["unallocated_amount"]["amount"] == "30.00"
    assert (await counter.debt(third))["status"] == "open"
    await counter.somewhere()


async def test_cash_pays_no_compulsory_insurance(counter: Counter) -> None:
    policy = await counter.issued()
    refused = await counter.pay(TOTAL, "cash")
    assert (refused.status_code, refused.json()["code"]) == (422, "cash_not_allowed")
    assert "207" in refused.json()["source"]
    assert refused.json()["policy_ids"] == [policy["id"]]
    before = await counter.pay(TOTAL, "cash", value_date="2024-12-31")  # the ban came on 1 January 2025
    assert before.status_code == 201, before.text


async def test_cash_pays_what_is_not_compulsory(counter: Counter) -> None:
    await counter.owner.execute("UPDATE products SET compulsory = 'no' WHERE code = 'SANTE'")
    await counter.issued(product_code="SANTE")
    assert (await counter.pay(TOTAL, "cash")).status_code == 201


async def test_cash_that_is_held_pays_no_compulsory_insurance_later(counter: Counter) -> None:
    await counter.paid("500.00", "cash")
    policy = await counter.issued()
    assert (await counter.debt(policy))["balance"]["amount"] == TOTAL
    await counter.somewhere()


async def test_a_payment_asks_for_a_key_and_is_made_once_with_it(counter: Counter) -> None:
    await counter.issued()
    body = {"account_id": counter.account_id, "amount": {"amount": "100.00", "currency": "DZD"}}
    body |= {"method": "tpe", "reference": "T 1"}
    keyless = await counter.send("POST", "/payments", body)
    assert (keyless.status_code, keyless.json()["code"]) == (400, "idempotency_key_required")
    key = str(uuid4())
    first = await counter.pay("100.00", reference="T 1", key=key)
    again = await counter.pay("100.00", reference="T 1", key=key)
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    other = await counter.pay("101.00", reference="T 1", key=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(await counter.rows("/payments")) == 1


async def test_a_payment_that_looks_like_another_is_told_and_taken(counter: Counter) -> None:
    await counter.issued()
    first = await counter.paid("100.00", reference="VIR 1")
    assert first["warnings"] == []
    second = await counter.paid("100.00", reference="VIR 1")
    expected = {"code": "payment_likeness", "payment_id": first["id"], "number": first["number"]}
    assert second["warnings"] == [expected]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount": {"amount": "1.005", "currency": "DZD"}}, "amount_too_precise"),
        ({"amount": {"amount": "0", "currency": "DZD"}}, "positive_dinars_expected"),
        ({"amount": {"amount": "-1", "currency": "DZD"}}, "positive_dinars_expected"),
        ({"amount": {"amount": "1", "currency": "EUR"}}, "positive_dinars_expected"),
        ({"method": "gold"}, "enum"),
        ({"psp": {"provider": "satim", "intent_id": "ord_1"}}, "psp_unfit"),
        ({"reference": ""}, "string_too_short"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    counter: Counter, changed: dict[str, object], code: str
) -> None:
    body = {"account_id": counter.account_id, "amount": {"amount": "1.00", "currency": "DZD"}}
    body |= {"method": "tpe", "reference": "T 1"} | changed
    answer = await counter.send("POST", "/payments", body, idempotency_key=str(uuid4()))
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["code"] == code


async def test_allocations_exceed_neither_the_payment_nor_the_due(counter: Counter) -> None:
    policy = await counter.issued()
    debt = await counter.debt(policy)
    share = {"receivable_id": debt["id"], "amount": {"amount": "101.00", "currency": "DZD"}}
    more = await counter.pay("100.00", allocations=[share])
    assert more.json()["errors"][0]["code"] == "allocations_exceed_payment"
    share["amount"] = {"amount": "44070.01", "currency": "DZD"}
    due = await counter.pay("50000.00", allocations=[share])
    assert (due.status_code, due.json()["code"], due.json()["balance"]) == (
        409,
        "allocation_exceeds_due",
        TOTAL,
    )
    unknown = await counter.pay("100.00", allocations=[share | {"receivable_id": str(uuid4())}])
    assert unknown.status_code == 422
    assert await counter.rows("/payments") == []


async def test_two_cashiers_on_one_instalment_pay_it_once(counter: Counter) -> None:
    policy = await counter.issued()
    debt = await counter.debt(policy)
    share = {"receivable_id": debt["id"], "amount": {"amount": TOTAL, "currency": "DZD"}}
    answers = await asyncio.gather(
        *(
            counter.pay(TOTAL, allocations=[share], by=who)
            for who in (counter.cashier, counter.boss, counter.cashier, counter.boss)
        )
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201, 409, 409, 409], [answer.text for answer in answers]
    assert {one.json()["code"] for one in answers if one.status_code == 409} == {"allocation_exceeds_due"}
    assert (await counter.debt(policy))["paid_amount"]["amount"] == TOTAL
    await counter.somewhere()


async def test_two_cashiers_who_name_no_debt_leave_a_credit(counter: Counter) -> None:
    policy = await counter.issued()
    answers = await asyncio.gather(counter.pay(TOTAL), counter.pay(TOTAL, by=counter.boss))
    assert [one.status_code for one in answers] == [201, 201]
    held = sum(centimes(one.json()["unallocated_amount"]) for one in answers)
    assert held == 44_070_00
    assert (await counter.debt(policy))["status"] == "settled"
    await counter.somewhere()


async def test_a_cheque_counts_until_it_bounces_and_then_once(counter: Counter) -> None:
    policy = await counter.issued()
    cheque = await counter.paid(TOTAL, "cheque")
    assert cheque["status"] == "received"
    assert (await counter.portfolio.now(policy))["status"] == "in_force"
    state = await counter.get(f"/policies/{policy['id']}/coverage-state")
    assert state["reasons"] == ["cheque_not_cleared"]
    path = f"/payments/{cheque['id']}"
    assert (await counter.done(path, "deposit"))["status"] == "deposited"
    bounced = await counter.done(path, "bounce", {"reason": "Sans provision"})
    assert (bounced["status"], bounced["allocated_amount"]["amount"]) == ("bounced", "0.00")
    debt = await counter.debt(policy)
    assert (debt["status"], debt["balance"]["amount"], debt["dunning_cycle"]) == ("open", TOTAL, 2)
    assert (await counter.parts(policy))[0]["status"] == "billed"
    again = await counter.act(path, "bounce", {"reason": "Sans provision"})
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")
    assert (await counter.debt(policy))["balance"]["amount"] == TOTAL
    await counter.somewhere()


async def test_a_bounced_cheque_takes_back_what_its_rest_had_paid(counter: Counter) -> None:
    await counter.issued()
    cheque = await counter.paid("50000.00", "cheque")
    other = await counter.issued()
    assert (await counter.debt(other))["balance"]["amount"] == "38140.00"
    await counter.done(f"/payments/{cheque['id']}", "deposit")
    await counter.done(f"/payments/{cheque['id']}", "bounce", {"reason": "Opposition"})
    debt = await counter.debt(other)
    assert (debt["status"], debt["balance"]["amount"]) == ("open", TOTAL)
    await counter.somewhere()


async def test_a_cleared_cheque_is_money(counter: Counter) -> None:
    await counter.issued()
    cheque = await counter.paid(TOTAL, "cheque")
    await counter.done(f"/payments/{cheque['id']}", "deposit")
    assert await counter.told("payment.settled") == []
    assert (await counter.done(f"/payments/{cheque['id']}", "clear"))["status"] == "cleared"
    assert await counter.told("payment.settled") == ["payment.settled"]
    late = await counter.act(f"/payments/{cheque['id']}", "bounce", {"reason": "Sans provision"})
    assert late.status_code == 409


async def test_an_online_payment_pays_when_it_is_settled(counter: Counter) -> None:
    policy = await counter.issued()
    debt = await counter.debt(policy)
    share = {"receivable_id": debt["id"], "amount": {"amount": TOTAL, "currency": "DZD"}}
    psp = {"provider": "satim", "intent_id": "ord_9f2c41"}
    begun = await counter.paid(TOTAL, "card_cib", psp=psp, allocations=[share])
    assert (begun["status"], begun["allocations"]) == ("initiated", [])
    assert (await counter.debt(policy))["status"] == "open"
    twice = await counter.pay(TOTAL, "card_cib", psp=psp)
    assert (twice.status_code, twice.json()["code"]) == (409, "payment_intent_taken")
    machine = counter.somebody("payments:write", kind="client", session_id=None)
    path = "/payments/intents/satim/ord_9f2c41"
    amount = {"amount": {"amount": TOTAL, "currency": "DZD"}}
    for status in ("authorised", "settled", "settled"):  # told twice, done once
        told = await counter.send("POST", path, amount | {"status": status}, by=machine)
        assert (told.status_code, told.json()["status"]) == (200, status), told.text
    assert (await counter.debt(policy))["status"] == "settled"
    late = await counter.send("POST", path, amount | {"status": "failed"}, by=machine)
    assert late.status_code == 409
    other = {"status": "settled", "amount": {"amount": "1.00", "currency": "DZD"}}
    differs = await counter.send("POST", path, other, by=machine)
    assert (differs.status_code, differs.json()["code"]) == (409, "payment_amount_differs")
    unknown = await counter.send("POST", "/payments/intents/satim/none", amount | {"status": "failed"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "payment_intent_unknown")
    await counter.somewhere()


async def test_a_refund_is_decided_by_another_person(counter: Counter) -> None:
    policy = await counter.issued()
    payment = await counter.paid("50000.00")
    ask = {"kind": "refund", "amount": {"amount": "10000.00", "currency": "DZD"}, "reason": "Trop versé"}
    path = f"/payments/{payment['id']}/returns"
    asked = await counter.send("POST", path, ask, idempotency_key=str(uuid4()))
    assert asked.status_code == 201, asked.text
    twice = await counter.send("POST", path, ask, idempotency_key=str(uuid4()))
    assert (twice.status_code, twice.json()["code"]) == (409, "return_already_requested")
    wanted = f"/payment-returns/{asked.json()['id']}"
    own = await counter.act(wanted, "approve", {})
    assert (own.status_code, own.json()["code"]) == (403, "return_decided_by_requester")
    done = await counter.done(wanted, "approve", {}, by=counter.boss)
    out = await counter.get(f"/payments/{done['out_payment_id']}")
    assert (out["direction"], out["amount"]["amount"], out["reversal_of_id"]) == (
        "out",
        "10000.00",
        payment["id"],
    )
    # 5,930.00 were held; the rest had paid the premium, which is owed again as far
    debt = await counter.debt(policy)
    assert (debt["status"], debt["balance"]["amount"]) == ("partially_settled", "4070.00")
    after = await counter.get(f"/payments/{payment['id']}")
    assert (after["status"], after["refunded_amount"]["amount"]) == ("settled", "10000.00")
    await counter.somewhere()
    rest = {"kind": "refund", "reason": "Annulation"}
    asked = await counter.send("POST", path, rest, idempotency_key=str(uuid4()))
    await counter.done(f"/payment-returns/{asked.json()['id']}", "approve", {}, by=counter.boss)
    assert (await counter.get(f"/payments/{payment['id']}"))["status"] == "refunded"
    assert (await counter.debt(policy))["balance"]["amount"] == TOTAL
    await counter.somewhere()


async def test_a_reversal_undoes_the_payment_as_a_whole(counter: Counter) -> None:
    policy = await counter.issued()
    payment = await counter.paid(TOTAL)
    ask = {"kind": "reversal", "reason": "Saisi sur le mauvais client"}
    asked = await counter.send(
        "POST", f"/payments/{payment['id']}/returns", ask, idempotency_key=str(uuid4())
    )
    await counter.done(f"/payment-returns/{asked.json()['id']}", "approve", {}, by=counter.boss)
    assert (await counter.get(f"/payments/{payment['id']}"))["status"] == "reversed"
    debt = await counter.debt(policy)
    assert (debt["status"], debt["dunning_cycle"], debt["dunning_state"]) == ("open", 2, "quiet")
    late = await counter.send("POST", f"/payments/{payment['id']}/returns", ask, idempotency_key=str(uuid4()))
    assert late.status_code == 409
    await counter.somewhere()


async def test_a_debt_is_given_up_by_two_people(counter: Counter) -> None:
    policy = await counter.issued()
    await counter.paid("4070.00")
    debt = await counter.debt(policy)
    asked = await counter.send("POST", f"/receivables/{debt['id']}/write-offs", {"reason": "Irrécouvrable"})
    assert asked.status_code == 201, asked.text
    path = f"/write-offs/{asked.json()['id']}"
    own = await counter.act(path, "approve", {})
    assert (own.status_code, own.json()["code"]) == (403, "write_off_decided_by_requester")
    done = await counter.done(path, "approve", {"reason": "Accord de la direction"}, by=counter.boss)
    assert (done["status"], done["amount"]["amount"]) == ("approved", "40000.00")
    debt = await counter.debt(policy)
    assert (debt["status"], debt["balance"]["amount"], debt["written_off_amount"]["amount"]) == (
        "written_off",
        "0.00",
        "40000.00",
    )
    assert (await counter.parts(policy))[0]["status"] == "written_off"
    late = await counter.act(path, "approve", {}, by=counter.boss)
    assert late.status_code == 409


async def test_who_may_refund_up_to_a_limit_refunds_no_more(counter: Counter) -> None:
    company = counter.portfolio.company
    body = {"code": "refunds", "name": "Remboursements", "permissions": ["payments:refund"]}
    made = await company.send("POST", "/v1/groups", body | {"max_amounts": {"refund": 5000}})
    assert made.status_code == 201, made.text
    person = await company.hire("supervisor", group_ids=(made.json()["id"],))
    await counter.issued()
    payment = await counter.paid(TOTAL)
    ask = {"kind": "refund", "amount": {"amount": "5000.01", "currency": "DZD"}, "reason": "Geste commercial"}
    asked = await counter.send(
        "POST", f"/payments/{payment['id']}/returns", ask, idempotency_key=str(uuid4())
    )
    refused = await counter.act(f"/payment-returns/{asked.json()['id']}", "approve", {}, by=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "refund_above_limit"), refused.text
    assert refused.json()["limit"] == "5000.00"


async def test_a_payment_is_printed_in_french(counter: Counter) -> None:
    await counter.issued()
    payment = await counter.paid(TOTAL, payer_name="Karim BENALI")
    answer = await counter.client.get(f"/v1/payments/{payment['id']}/receipt", headers=counter.cashier)
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"%PDF-")
    assert payment["number"] in answer.headers["content-disposition"]


async def test_another_organization_sees_nothing(counter: Counter) -> None:
    policy = await counter.issued()
    payment = await counter.paid("100.00")
    debt = await counter.debt(policy)
    stranger = actor(uuid4(), *SCOPES)
    for path in (
        f"/payments/{payment['id']}",
        f"/receivables/{debt['id']}",
        f"/receivables/{debt['id']}/dunning",
    ):
        assert (await counter.send("GET", path, by=stranger)).status_code == 404
    for path in ("/payments", "/receivables", "/instalments", "/premium-receipts", "/customer-credits"):
        assert (await counter.get(path, by=stranger))["data"] == []


async def test_the_statement_adds_up(counter: Counter) -> None:
    policy = await counter.issued()
    await counter.paid("50000.00")
    statement = await counter.get(f"/accounts/{counter.account_id}/statement")
    assert [one["kind"] for one in statement["movements"]] == ["receipt", "payment"]
    assert [one["balance"]["amount"] for one in statement["movements"]] == [TOTAL, "-5930.00"]
    assert (statement["opening"]["amount"], statement["closing"]["amount"]) == ("0.00", "-5930.00")
    assert statement["movements"][0]["policy_id"] == policy["id"]
    later = {"from_on": str(today() + timedelta(days=1)), "to_on": str(today() + timedelta(days=2))}
    statement = await counter.get(f"/accounts/{counter.account_id}/statement", **later)
    assert (statement["opening"]["amount"], statement["movements"]) == ("-5930.00", [])
