"""Claims brought to where their parts can be made."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from survey.estate import Estate, Values

LARGE = {"amount": "900000.00", "currency": "DZD"}
SMALL = {"amount": "90000.00", "currency": "DZD"}


async def _brought(estate: "Estate", *steps: tuple[str, Any]) -> "Values":
    """A claim of its own, through these operations."""
    claim = await estate.another("/v1/claims/{claim_id}")
    for name, body in steps:
        await _done(estate, claim, name, body)
    return claim


async def _done(estate: "Estate", claim: "Values", name: str, body: Any) -> dict[str, Any]:
    operation = estate.called(name)
    shown = await estate.send(estate.called("getClaim"), {"claim_id": claim["claim_id"]})
    answer = await estate.send(operation, claim, body, version=shown.headers["etag"])
    assert answer.is_success, f"{name}: {answer.text}"
    return dict(answer.json())


_REVIEWED = (("registerClaim", {}), ("reviewClaim", None))
_PREPARED = (*_REVIEWED, ("prepareClaimDecision", None))


async def document(estate: "Estate") -> "Values":
    asked = ("requestClaimDocuments", {"kinds": ["repair_quote"]})
    claim = await _brought(estate, ("registerClaim", {}), asked)
    rows = await estate.send(estate.called("listClaimDocuments"), claim)
    return claim | {"claim_document_id": str(rows.json()["data"][0]["id"])}


async def appraisal(estate: "Estate") -> "Values":
    claim = await _brought(estate, *_REVIEWED)
    made = await _done(estate, claim, "orderAppraisal", {"adjuster_name": "Cabinet Expert"})
    return claim | {"appraisal_id": str(made["id"])}


async def decision(estate: "Estate") -> "Values":
    """One that waits for a second person."""
    claim = await _brought(estate, *_PREPARED)
    made = await _done(estate, claim, "decideClaim", {"outcome": "approve", "amount": LARGE})
    return claim | {"claim_decision_id": str(made["id"])}


async def payment(estate: "Estate") -> "Values":
    approval = ("decideClaim", {"outcome": "approve", "amount": SMALL})
    claim = await _brought(estate, *_PREPARED, approval)
    payee = await _done(estate, claim, "addClaimParticipant", {"name": "Amine KACI", "roles": ["insured"]})
    body = {"payee_participant_id": payee["id"], "coverage_code": "DC", "gross": SMALL, "method": "cheque"}
    made = await _done(estate, claim, "proposeClaimPayment", body)
    return claim | {"claim_payment_id": str(made["id"])}


async def recovery(estate: "Estate") -> "Values":
    claim = await _brought(estate)
    made = await _done(estate, claim, "openRecovery", {"opponent": "CAAR", "claimed": SMALL})
    return {"recovery_id": str(made["id"])}
