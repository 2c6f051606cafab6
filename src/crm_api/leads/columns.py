"""From what people write of a lead to what is stored of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.sealing import seal
from crm_api.kit.business_time import Calendar, NeverOpens
from crm_api.kit.clock import today
from crm_api.kit.errors import ValidationFailed
from crm_api.kit.identifiers import email_key
from crm_api.leads.duplicates import blind_indexes
from crm_api.leads.models import FIRST_CONTACT_WITHIN, Lead
from crm_api.leads.schemas.words import Consent, QuickData
from crm_api.leads.scoring import score_of, signals_of

Columns = dict[str, Any]
WEIGHED = frozenset({"type", "email", "product_interest", "current_expiry_date", "quote_completed"}) | {
    "phone_verified_at",
    "wilaya_code",
    "answered_calls",
    "contact_attempts",
    "contact_invalid",
}
"""A change of these changes the score."""
PLAIN = frozenset({"job_title", "company_name", "whatsapp", "preferred_channel", "preferred_language"}) | {
    "best_time",
    "source_detail",
    "need",
    "commune_code",
    "postal_code",
    "current_insurer",
    "tags",
    "external_ids",
}
"""No other column follows these, and no rule asks what they were."""


@dataclass(slots=True)
class Sealable:
    """A row of leads, as far as sealing goes."""

    id: UUID
    sealed: bytes | None = None
    masked: dict[str, Any] = field(default_factory=dict)
    __tablename__ = Lead.__tablename__


def full_name_of(columns: Mapping[str, Any]) -> Columns:
    """`full_name`, also where only its parts were given."""
    return {"full_name": columns.get("full_name") or f"{columns['first_name']} {columns['last_name']}"}


def renamed(recorded: Mapping[str, Any], changes: Mapping[str, Any]) -> Columns:
    """A new full name makes its parts unknown; new parts make a new full name."""
    if "full_name" in changes:
        parts = {name: changes.get(name) for name in ("first_name", "last_name")}
        return parts | full_name_of(changes)
    if not {"first_name", "last_name"} & set(changes):
        return {}
    merged = {**recorded, **changes}
    whole = [merged[name] for name in ("first_name", "last_name") if merged[name]]
    return full_name_of({"full_name": " ".join(whole) or recorded["full_name"]})


def reachable(recorded: Mapping[str, Any], changes: Mapping[str, Any]) -> Columns:
    """The key of a new e-mail address. Raises ValidationFailed when no way to reach the person is left."""
    merged = {**recorded, **changes}
    if not (merged["phone"] or merged["email"]):
        raise ValidationFailed.at("/phone", "phone_or_email_required", "Keep a phone or an e-mail address.")
    if "email" not in changes:
        return {}
    return {"email_key": email_key(merged["email"]) if merged["email"] else None}


async def sealed(ctx: Context, row: Sealable, quick_data: QuickData | None) -> Columns:
    """The parts given replace those kept; None empties all."""
    if quick_data is None:
        return {"sealed": None, "masked": {}, "birth_index": None, "plate_index": None}
    given = quick_data.model_dump(mode="json", exclude_unset=True)
    given = {name: _without_empty(part) for name, part in given.items()}
    await seal(ctx, row, given)
    birth_index, plate_index = await blind_indexes(ctx, given)
    indexes = {"birth_index": birth_index} if "birth_date" in given else {}
    indexes |= {"plate_index": plate_index} if "vehicle" in given else {}
    return {"sealed": row.sealed, "masked": row.masked, **indexes}


def scored(lead: Mapping[str, Any], *, out_of_network: bool) -> Columns:
    """The score of a lead as its columns say it is, recorded or about to be."""
    score = score_of(signals_of(lead, on=today(), out_of_network=out_of_network))
    return {"score": score.score, "score_band": score.band, "score_explanation": score.explanation}


def due(lead: Mapping[str, Any], since: datetime, hours: Calendar) -> datetime:
    """When it should be contacted at the latest, in working time.

    A lead that turns hot is due sooner, never later.
    """
    within = FIRST_CONTACT_WITHIN[lead["score_band"]]
    try:
        moment = hours.add(since, within)
    except NeverOpens:  # whoever closes for good still has people waiting
        moment = since + within
    before: datetime | None = lead.get("first_contact_due_at")
    return min(before, moment) if before else moment


def snapshot(consent: Consent | None, *, ip: str | None, at: datetime) -> dict[str, Any]:
    """What stays recorded of a consent; without one, marketing is refused."""
    purposes = ("marketing_email", "marketing_sms", "marketing_phone", "marketing_whatsapp")
    agreed = [name for name in purposes if consent and getattr(consent, name)]
    moment = (consent and consent.accepted_at) or at
    return {
        "text_version": consent.text_version if consent else None,
        "text": consent.text if consent else None,
        "accepted_at": moment.isoformat(timespec="milliseconds") if consent else None,
        "channels": agreed,
        "marketing": bool(agreed),
        "only_for_request": consent is None,
        "ip": ip if consent else None,
    }


def _without_empty(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: value for name, value in part.items() if value is not None} or None
    return part
