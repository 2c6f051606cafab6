"""What cannot be guessed of a request: what a body or a query must hold beside what its schema requires."""

from collections.abc import Mapping
from typing import Any

from survey import billing, correspondence, insurance, promises, requests, voices

PERIOD = {"start": "2026-11-01", "end": "2026-12-01"}
QUERIES: Mapping[str, Mapping[str, str]] = {
    **promises.QUERIES,
    "/v1/forecasts": PERIOD,
    "/v1/surveys/{survey_id}/results": PERIOD,
    "/v1/web-figures": PERIOD,
    "/v1/campaign-comparisons": {"campaign_id": "/v1/campaigns/{campaign_id}"},
    "/v1/discussion-messages": {"discussion_id": "/v1/discussions/{discussion_id}"},
    "/v1/forecasts/comparison": PERIOD,
    "/v1/lead-kpis": PERIOD,
    "/v1/sales-kpis": PERIOD,
    "/v1/search": {"q": "karim"},
    "/v1/kb/search": {"q": "vol"},
    "/v1/assistant/figures": PERIOD,
    "/v1/relationships": {"party_type": "contact", "party_id": "/v1/contacts/{contact_id}"},
    "/v1/interactions/last-promise": {"object_type": "lead", "object_id": "/v1/leads/{lead_id}"},
    "/v1/notes": {"object_type": "lead", "object_id": "/v1/leads/{lead_id}"},
    "/v1/calendars/preview": {"start": "2026-11-22T08:00:00Z", "minutes": "30"},
    "/v1/appointments/busy": {
        "party_id": "/v1/users/{user_id}",
        "starts_at_gte": "2027-04-13T00:00:00Z",
        "starts_at_lt": "2027-04-14T00:00:00Z",
    },
    "/v1/appointments/slots": {
        "user_id": "/v1/users/{user_id}",
        "from_on": "2027-04-13",
        "to_on": "2027-04-13",
    },
}
"""Queries that cannot be left out; a template stands for an object of this organization."""
ANY = "00000000-0000-0000-0000-000000000000"
"""Stands for an object of this organization."""
REACHED = {"phones": [{"value": "0550 12 34 56"}], "create_household": True, "agency_id": ANY}
ON_LEAD = {"object_type": "lead", "object_id": ANY}
SALE = {"product_code": "AUTO_P", "account_id": ANY}
STAGES = [
    {"code": code, "label_fr": code, "outcome": outcome, "probability": share, "forecast_category": category}
    for code, outcome, share, category in (
        ("negotiation", "open", "0.70", "commit"),
        ("won", "won", "1", "closed"),
        ("lost", "lost", "0", "omitted"),
    )
]
MEETING = {"starts_at": "2027-04-13T08:00:00Z", "ends_at": "2027-04-13T09:00:00Z", "force": True}
CONTRACT = {"product_code": "AUTO_P", "effective_at": "2026-11-01T00:00:00+01:00"}
CAR = {"kind": "vehicle", "make": "Renault", "model": "Symbol"}
CORRECTION = {"type": "correction", "changes": {"plan_code": "PLAN_1"}}
BODIES: Mapping[str, Mapping[str, Any]] = {
    **insurance.BODIES,
    **billing.BODIES,
    **correspondence.BODIES,
    **voices.BODIES,
    **requests.BODIES,
    **promises.BODIES,
    "/v1/segments": {"type": "static"},
    "/v1/segments/preview": {"definition": {"field": "contact.preferred_language", "value": "fr"}},
    "/v1/segments/{segment_id}/members/add": {"contact_ids": [ANY]},
    "/v1/segments/{segment_id}/members/remove": {"contact_ids": [ANY]},
    "/v1/tasks": {"due_at": "2027-04-13T08:00:00Z", "assignee_user_id": ANY},
    "/v1/tasks/{task_id}/assign": {"assignee_user_id": ANY},
    "/v1/reminders/{reminder_id}/snooze": {"minutes": 30},
    "/v1/leads": {"full_name": "Karim BOUCHAREB", "phone": "0550 12 34 56"},
    "/v1/saved-views": {"entity": "lead", "columns": ["full_name"], "filters": {}},
    "/v1/external-ids/{system}/leads/{value}": {"full_name": "Karim BOUCHAREB", "phone": "0550123456"},
    "/v1/partner/leads": {"full_name": "Karim BOUCHAREB", "phone": "0550 12 34 56"},
    "/v1/public/leads": {"full_name": "Karim BOUCHAREB", "phone": "0550 12 34 56"},
    "/v1/claims": {"policy_unknown": True, "agency_id": ANY},
    "/v1/claims/{claim_id}/participants": {"name": "Amine KACI"},
    "/v1/claims/{claim_id}/appraisals": {"adjuster_name": "Cabinet Expert"},
    "/v1/claims/{claim_id}/decisions": {"outcome": "refuse", "motive": "Permis non valide."},
    "/v1/claims/{claim_id}/appraisals/{appraisal_id}/report": {"outcome": "repairable"},
    "/v1/legal-deadlines": {"code": "settle_auto", "unit": "calendar_days"},
    "/v1/contacts": REACHED,
    "/v1/external-ids/{system}/contacts/{value}": REACHED,
    "/v1/accounts": {"agency_id": ANY},
    "/v1/external-ids/{system}/accounts/{value}": {"agency_id": ANY},
    "/v1/roles": {"based_on": "user"},
    "/v1/invitations": {"agency_code": "16012"},
    "/v1/api-clients": {"scopes": ["leads:read", "leads:write"]},
    "/v1/lead-routing-rules": {"target_agency_id": ANY},
    "/v1/interactions": {"links": [ON_LEAD]},
    "/v1/notes": ON_LEAD,
    "/v1/pipelines": {"stages": STAGES},
    "/v1/opportunities": SALE,
    "/v1/external-ids/{system}/opportunities/{value}": SALE,
    "/v1/policies": CONTRACT,
    "/v1/external-ids/{system}/policies/{value}": CONTRACT | {"account_id": ANY, "status": "in_force"},
    "/v1/insured-objects": {"contact_id": None, "details": CAR},
    "/v1/policies/{policy_id}/endorsements": CORRECTION,
    "/v1/sales-targets": {"level": "company", "period": "month", "starts_on": "2026-11-01"},
    "/v1/appointments": {"type": "phone", **MEETING},
    "/v1/appointments/{appointment_id}/reschedule": MEETING,
    "/v1/appointments/{appointment_id}/respond": {"response": "yes"},
}
"""Rules that span several fields, and words that must name something recorded."""
