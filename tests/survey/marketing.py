"""What people allow, their points, and what is said of us: what no plain POST makes."""

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import select

from crm_api.channels.signing import SIGNATURE, TIMESTAMP, signature_of
from crm_api.consents.asking import link_to
from crm_api.consents.leaving import unsubscribe_token
from crm_api.consents.models import Consent, ConsentPurpose

if TYPE_CHECKING:
    from survey.estate import Estate, Values

WORDS = "J'accepte de recevoir des offres."
SAID = {"external_id": "fb-1", "text": "Un mois sans réponse.", "published_at": "2026-11-20T10:00:00Z"}
BODIES: Mapping[str, Mapping[str, Any]] = {
    "/v1/consents": {"purpose": "profiling", "status": "refused", "channel": "web"},
    "/v1/suppressions": {"channel": "email", "address": "karim@example.test", "reason": "dnc"},
    "/v1/suppressions/check": {"channel": "email", "address": "karim@example.test"},
    "/v1/loyalty-rewards": {"kind": "gift", "valid_from": "2026-11-01", "cost_points": 5},
    "/v1/loyalty-accounts/{loyalty_account_id}/adjust": {"points": 50, "reason": "Geste commercial"},
    "/v1/public/mentions/{link}": SAID,
}
QUERIES = {"/v1/consent-states": {"subject_id": "/v1/contacts/{contact_id}"}}


async def _granted(estate: "Estate") -> tuple[str, str]:
    """A contact, and the line in which they agreed."""
    person = await estate.another("/v1/contacts/{contact_id}", emails=[{"value": "nadia@example.test"}])
    said = {"subject_id": person["contact_id"], "status": "granted", "text": WORDS, "text_version": "v1"}
    consent = await estate.another("/v1/consents/{consent_id}", **said)
    return person["contact_id"], consent["consent_id"]


async def preferences(estate: "Estate") -> "Values":
    contact = (await _granted(estate))[0]
    made = await estate.send(estate.called("createPreferenceLink"), {}, {"contact_id": contact})
    assert made.status_code == 201, made.text
    return {"link": made.json()["url"].partition("#token=")[2]}


async def asked(estate: "Estate") -> "Values":
    contact = (await _granted(estate))[0]
    body = {"contact_id": contact, "purposes": ["marketing_email"]}
    made = await estate.send(estate.called("askForConsent"), {}, body)
    assert made.status_code == 201, made.text
    ctx = estate.company.context()
    line = (await ctx.session.scalars(select(Consent).where(Consent.request_id.is_not(None)))).first()
    assert line is not None
    link = link_to(ctx, line)
    await ctx.close()
    return {"link": link.partition("#token=")[2]}


async def leaving(estate: "Estate") -> "Values":
    contact = (await _granted(estate))[0]
    ctx = estate.company.context()
    token = unsubscribe_token(ctx, UUID(contact), ConsentPurpose.MARKETING_EMAIL)
    await ctx.close()
    return {"link": token}


async def loyalty_account(estate: "Estate") -> "Values":
    contact, consent = await _granted(estate)
    body = {"contact_id": contact, "consent_id": consent}
    made = await estate.send(estate.called("enrolInLoyalty"), {}, body)
    assert made.status_code == 201, made.text
    account = {"loyalty_account_id": str(made.json()["id"])}
    given = {"points": 50, "reason": "Bienvenue"}
    adjusted = await estate.send(estate.called("adjustLoyaltyPoints"), account, given)
    assert adjusted.status_code == 200, adjusted.text
    return account


async def _door(estate: "Estate") -> tuple[str, str]:
    """The address and the secret of a tool that listens."""
    account = await estate.another("/v1/social-accounts/{social_account_id}", handle=f"page-{uuid4()}")
    made = await estate.send(estate.called("createSocialAccountSecret"), account)
    assert made.status_code == 200, made.text
    return made.json()["post_to"].rpartition("/")[2], made.json()["secret"]


async def mention_door(estate: "Estate") -> "Values":
    return {"link": (await _door(estate))[0]}


async def mention(estate: "Estate") -> "Values":
    link, secret = await _door(estate)
    body, moment = json.dumps(SAID).encode(), str(int(time.time()))
    signed = {TIMESTAMP: moment, SIGNATURE: signature_of(secret, moment, body)}
    headers = signed | {"Content-Type": "application/json"}
    told = await estate.client.post(f"/v1/public/mentions/{link}", content=body, headers=headers)
    assert told.status_code == 200, told.text
    return {"mention_id": str(told.json()["id"])}


WAYS: Mapping[str, Any] = {
    "/v1/public/preferences/{link}": preferences,
    "/v1/public/consents/{link}": asked,
    "/v1/u/{link}": leaving,
    "/v1/loyalty-accounts/{loyalty_account_id}": loyalty_account,
    "/v1/public/mentions/{link}": mention_door,
    "/v1/social-mentions/{mention_id}": mention,
}
