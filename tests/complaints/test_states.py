"""Every pair of states of a complaint: a step of the table is made by its verb, any other is refused."""

from typing import Any

import pytest

from complaints.conftest import Office
from crm_api.complaints.models import COMPLAINT, ComplaintStatus

pytestmark = pytest.mark.anyio
VERBS: dict[str, tuple[str, dict[str, Any] | None]] = {
    "acknowledged": ("acknowledge", None),
    "investigating": ("investigate", None),
    "answered": ("answer/approve", None),
    "accepted": ("accept", None),
    "contested": ("contest", {"reason": "Le montant est insuffisant"}),
    "escalated": ("escalate", {"reason": "Délai dépassé"}),
    "closed": ("close", {"root_cause": "Rapport en retard"}),
}


async def test_every_pair_of_states(office: Office) -> None:
    complaint = await office.opened()
    drafted = {
        "answer_text": "Votre dossier est réglé.",
        "decision": "upheld",
        "answer_drafted_by_id": office.counter.agent.id,
    }
    wrong = []
    for current in ComplaintStatus:
        for wanted, (verb, body) in VERBS.items():
            state = {"status": str(current), "escalation_level": 0, "answer_approved_by_id": None}
            await office.bring(complaint, state | drafted | {"root_cause": "Rapport en retard"})
            answer = await office.act(complaint, verb, body, by=office.counter.admin)
            now = (await office.now(complaint))["status"]
            pair = f"{current} -> {wanted}: {answer.status_code} {answer.text}"
            if wanted in COMPLAINT.allowed(current):
                wrong += [] if (answer.status_code, now) == (200, wanted) else [pair]
            else:
                told = answer.json()
                refused = (answer.status_code, told["code"], now) == (409, "invalid_transition", current)
                wrong += [] if refused else [pair]
    assert not wrong, "\n".join(wrong)


async def test_the_table_is_that_of_the_book() -> None:
    assert {state: set(COMPLAINT.allowed(state)) for state in COMPLAINT.states} == {
        "received": {"acknowledged"},
        "acknowledged": {"investigating"},
        "investigating": {"answered", "escalated"},
        "answered": {"accepted", "contested"},
        "accepted": {"closed"},
        "contested": {"escalated", "closed"},
        "escalated": {"investigating"},
        "closed": set(),
    }
