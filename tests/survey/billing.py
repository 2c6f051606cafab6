"""Debts and payments that no plain POST makes: what the gates act on."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from crm_api.billing.models.dunning import DunningProposal, ProposalKind
from crm_api.billing.models.receivable import Receivable
from crm_api.kit.clock import today
from crm_api.kit.ids import new_id

if TYPE_CHECKING:
    from survey.estate import Estate, Values

ANY = "00000000-0000-0000-0000-000000000000"
DINARS = {"amount": "10.00", "currency": "DZD"}
BODIES: Mapping[str, Mapping[str, Any]] = {
    "/v1/payments": {"account_id": ANY, "amount": DINARS, "method": "tpe", "reference": "TPE 1"},
    "/v1/payments/{payment_id}/returns": {"kind": "refund", "reason": "Double paiement"},
    "/v1/receivables/{receivable_id}/promise": {"amount": DINARS, "promised_on": "2090-01-01"},
    "/v1/receivables/{receivable_id}/plan": {"parts": [{"due_on": "2090-01-01", "amount": DINARS}]},
    "/v1/payments/intents/{psp_provider}/{psp_intent_id}": {"status": "settled", "amount": DINARS},
}


async def _made(estate: "Estate", path: str, body: Any) -> dict[str, Any]:
    headers = estate.headers | {"Idempotency-Key": str(uuid4())}
    answer = await estate.client.post(path, json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def _first(estate: "Estate", path: str) -> str:
    listed = await estate.client.get(path, headers=estate.headers)
    return str(listed.json()["data"][0]["id"])


async def _contract(estate: "Estate") -> str:
    """One that was just issued: its premium is due."""
    account = await estate.one("/v1/accounts/{account_id}")
    body = {"account_id": account["account_id"], "product_code": "AUTO_P", "issue": True}
    body["effective_at"] = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    body["net_premium"] = {"amount": "36500.00", "currency": "DZD"}
    return str((await _made(estate, "/v1/policies", body))["id"])


async def receivable(estate: "Estate") -> "Values":
    policy_id = await _contract(estate)
    return {"receivable_id": await _first(estate, f"/v1/receivables?policy_id={policy_id}")}


async def instalment(estate: "Estate") -> "Values":
    await estate.one("/v1/receivables/{receivable_id}")
    return {"instalment_id": await _first(estate, "/v1/instalments")}


async def premium_receipt(estate: "Estate") -> "Values":
    await estate.one("/v1/receivables/{receivable_id}")
    return {"premium_receipt_id": await _first(estate, "/v1/premium-receipts")}


async def _payment(estate: "Estate", **more: Any) -> dict[str, Any]:
    account = await estate.one("/v1/accounts/{account_id}")
    body = {"account_id": account["account_id"], "amount": DINARS, "method": "cheque", "reference": "CHQ 1"}
    return await _made(estate, "/v1/payments", body | more)


async def payment(estate: "Estate") -> "Values":
    return {"payment_id": str((await _payment(estate))["id"])}


async def payment_return(estate: "Estate") -> "Values":
    paid = await _payment(estate, method="tpe", reference="TPE 2")
    ask = {"kind": "refund", "reason": "Double paiement"}
    wanted = await _made(estate, f"/v1/payments/{paid['id']}/returns", ask)
    return {"payment_return_id": str(wanted["id"])}


async def write_off(estate: "Estate") -> "Values":
    debt = await estate.one("/v1/receivables/{receivable_id}")
    path = f"/v1/receivables/{debt['receivable_id']}/write-offs"
    return {"write_off_id": str((await _made(estate, path, {"reason": "Irrécouvrable"}))["id"])}


async def intent(estate: "Estate") -> "Values":
    name = f"ord_{uuid4().hex}"
    psp = {"provider": "satim", "intent_id": name}
    await _payment(estate, method="card_cib", reference="CIB 1", psp=psp)
    return {"psp_provider": "satim", "psp_intent_id": name}


async def dunning_proposal(estate: "Estate") -> "Values":
    """Made by the night, of a debt that was asked for by registered letter."""
    debt = await receivable(estate)
    ctx = estate.company.context()
    found = await ctx.session.get(Receivable, (ctx.organization_id, UUID(debt["receivable_id"])))
    assert found is not None
    proposal = DunningProposal(
        id=new_id(),
        receivable_id=found.id,
        policy_id=found.policy_id,
        cycle=1,
        kind=ProposalKind.SUSPENSION,
        proposed_on=today(),
        agency_id=found.agency_id,
    )
    ctx.session.add(proposal)
    await ctx.commit()
    await ctx.close()
    return {"dunning_proposal_id": str(proposal.id)}


WAYS: Mapping[str, Any] = {
    "/v1/receivables/{receivable_id}": receivable,
    "/v1/instalments/{instalment_id}": instalment,
    "/v1/premium-receipts/{premium_receipt_id}": premium_receipt,
    "/v1/payments/{payment_id}": payment,
    "/v1/payments/intents/{psp_provider}/{psp_intent_id}": intent,
    "/v1/payment-returns/{payment_return_id}": payment_return,
    "/v1/write-offs/{write_off_id}": write_off,
    "/v1/dunning-proposals/{dunning_proposal_id}": dunning_proposal,
}
