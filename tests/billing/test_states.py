"""Every pair of states of what billing keeps: a step that the table lists is made, any other is refused."""

from uuid import UUID, uuid4

import pytest

from billing.counter import Counter
from crm_api.billing.models.dunning import PROPOSAL
from crm_api.billing.models.payment import PAYMENT, PAYMENT_RETURN
from crm_api.billing.models.receivable import DUNNING, RECEIVABLE, WRITE_OFF
from crm_api.kit.clock import today
from crm_api.kit.states import Machine

pytestmark = pytest.mark.anyio
TOTAL = "44070.00"
WHY = {"reason": "Essai de tous les états"}


def judged(machine: Machine, current: str, wanted: str, answer: object) -> str | None:
    """None where the answer is what the table says."""
    status, told = answer.status_code, answer.json()  # type: ignore[attr-defined]
    if wanted in machine.allowed(current):
        return None if status == 200 and told["status"] == wanted else f"{current} > {wanted}: {told}"
    listed = (status, told["code"]) == (409, "invalid_transition")
    return None if listed else f"{current} > {wanted}: {status} {told}"


async def test_cheques_and_what_they_become(counter: Counter) -> None:
    steps = {"deposited": "deposit", "cleared": "clear", "bounced": "bounce", "cancelled": "cancel"}
    wrong = []
    for current in PAYMENT.states:
        for wanted, step in steps.items():
            cheque = await counter.paid("10.00", "cheque")
            await counter.owner.execute(
                "UPDATE payments SET status = $2 WHERE id = $1", UUID(cheque["id"]), current
            )
            body = WHY if step in ("bounce", "cancel") else None
            wrong.append(
                judged(PAYMENT, current, wanted, await counter.act(f"/payments/{cheque['id']}", step, body))
            )
    assert not [one for one in wrong if one], wrong


async def test_payments_of_a_service_and_what_they_become(counter: Counter) -> None:
    wrong = []
    amount = {"amount": {"amount": "10.00", "currency": "DZD"}}
    for current in PAYMENT.states:
        if current in ("received", "deposited"):  # of cheques alone: the table of the database says so
            continue
        for wanted in ("authorised", "settled", "failed", "cancelled", "expired"):
            intent = f"ord_{uuid4().hex}"
            psp = {"provider": "satim", "intent_id": intent}
            begun = await counter.paid("10.00", "card_cib", psp=psp)
            await counter.owner.execute(
                "UPDATE payments SET status = $2 WHERE id = $1", UUID(begun["id"]), current
            )
            answer = await counter.send(
                "POST", f"/payments/intents/satim/{intent}", amount | {"status": wanted}
            )
            if current == wanted:  # news that were told before
                assert answer.status_code == 200
                continue
            wrong.append(judged(PAYMENT, current, wanted, answer))
    assert not [one for one in wrong if one], wrong


async def test_money_that_goes_back_and_debts_that_are_given_up(counter: Counter) -> None:
    await counter.issued()
    wrong = []
    for machine, table in ((PAYMENT_RETURN, "payment_returns"), (WRITE_OFF, "write_offs")):
        for current in machine.states:
            for wanted, step in (("approved", "approve"), ("refused", "refuse")):
                if machine is PAYMENT_RETURN:
                    payment = await counter.paid("10.00")
                    asked = await counter.send(
                        "POST",
                        f"/payments/{payment['id']}/returns",
                        {"kind": "refund", **WHY},
                        idempotency_key=str(uuid4()),
                    )
                    path = f"/payment-returns/{asked.json()['id']}"
                else:
                    debt = await counter.debt(await counter.issued())
                    asked = await counter.send("POST", f"/receivables/{debt['id']}/write-offs", WHY)
                    path = f"/write-offs/{asked.json()['id']}"
                decided = uuid4() if current in ("approved", "refused") else None
                await counter.owner.execute(
                    f"UPDATE {table} SET status = $2, decided_by_id = $3 WHERE id = $1",
                    UUID(asked.json()["id"]),
                    current,
                    decided,
                )
                answer = await counter.act(path, step, {}, by=counter.boss)
                wrong.append(judged(machine, current, wanted, answer))
    assert not [one for one in wrong if one], wrong


async def test_debts_and_disputes(counter: Counter) -> None:
    wrong = []
    for current in RECEIVABLE.states:
        debt = await counter.debt(await counter.issued())
        whole, part = int(debt["original_amount"]["amount"].replace(".", "")), 100
        paid = {"settled": whole, "partially_settled": part}.get(current, 0)
        await counter.owner.execute(
            """UPDATE receivables SET status = $2::text, paid_amount = $3, written_off_amount = $4,
                disputed_at = CASE WHEN $2::text = 'disputed' THEN now() END WHERE id = $1""",
            UUID(debt["id"]),
            current,
            paid,
            whole if current == "written_off" else 0,
        )
        path = f"/receivables/{debt['id']}"
        resolved = await counter.act(path, "resolve")
        expected = (200, "open") if current == "disputed" else (409, "receivable_not_disputed")
        told = resolved.json()
        assert (resolved.status_code, told["status"] if current == "disputed" else told["code"]) == expected
        if current != "disputed":
            wrong.append(judged(RECEIVABLE, current, "disputed", await counter.act(path, "dispute", WHY)))
    assert not [one for one in wrong if one], wrong


async def test_proposals_of_the_clock(counter: Counter) -> None:
    steps = {"confirmed": "confirm", "approved": "approve", "refused": "refuse"}
    policy = await counter.issued()
    debt = await counter.debt(policy)
    wrong = []
    for at, (current, wanted) in enumerate((one, other) for one in PROPOSAL.states for other in steps):
        proposal_id = uuid4()
        await counter.owner.execute(
            "UPDATE receivables SET dunning_state = 'suspension_proposed' WHERE id = $1", UUID(debt["id"])
        )
        await counter.owner.execute(
            "UPDATE policies SET status = 'in_force' WHERE id = $1", UUID(policy["id"])
        )
        await counter.owner.execute(
            """INSERT INTO dunning_proposals (organization_id, id, version, receivable_id, policy_id, cycle,
                round, kind, status, proposed_on, agency_id, approved_by_id)
            VALUES ($1, $2, 1, $3, $4, $5, 1, 'suspension', $6, $7, $8, $9)""",
            counter.organization_id,
            proposal_id,
            UUID(debt["id"]),
            UUID(policy["id"]),
            at + 1,
            current,
            today(),
            counter.portfolio.agency_id,
            uuid4() if current == "approved" else None,
        )
        await counter.owner.execute(
            "UPDATE receivables SET dunning_cycle = $2 WHERE id = $1", UUID(debt["id"]), at + 1
        )
        body = {"confirm": None, "approve": {}, "refuse": WHY | {"resume_on": "2090-01-01"}}[steps[wanted]]
        path = f"/dunning-proposals/{proposal_id}"
        wrong.append(judged(PROPOSAL, current, wanted, await counter.act(path, steps[wanted], body)))
    assert not [one for one in wrong if one], wrong


async def test_the_formal_notice_is_posted_when_it_is_due_and_never_else(counter: Counter) -> None:
    debt = await counter.debt(await counter.issued())
    posted = {"posting_number": "RR123456789DZ", "posted_on": str(today())}
    for state in DUNNING.states:
        await counter.owner.execute(
            "UPDATE receivables SET dunning_state = $2 WHERE id = $1", UUID(debt["id"]), state
        )
        answer = await counter.act(f"/receivables/{debt['id']}", "formal-notice", posted)
        if state == "formal_notice_due":
            assert answer.json()["dunning_state"] == "formal_notice_sent", answer.text
        else:
            assert (answer.status_code, answer.json()["code"]) == (409, "dunning_not_there"), state
