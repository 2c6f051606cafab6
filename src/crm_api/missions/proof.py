"""Whether a paper is ours: what its QR code says, and what the house answers to who reads it."""

import hmac
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.sealing import vault_of
from crm_api.missions.errors import MissionProofUnknown
from crm_api.missions.models import MissionStatus
from crm_api.missions.repository import MissionOrderRepository
from crm_api.missions.schemas import MissionProof
from crm_api.organizations.service import OrganizationService

_SEAL = 10
_FIELD = "mission_order.proof"
_NOT_SENDING = frozenset({MissionStatus.DRAFT, MissionStatus.CANCELLED})


class Proof(NamedTuple):
    """For the paper: where it can be verified, and a code short enough for the telephone."""

    url: str
    code: str


def organization_of(text: str) -> UUID:
    """Whose order it says it is. Raises MissionProofUnknown."""
    return _parts(text)[0]


class ProofService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def of(self, mission_order_id: UUID) -> Proof:
        seal = (await vault_of(self.ctx)).blind(str(mission_order_id), _FIELD)[:_SEAL]
        raw = self.ctx.organization_id.bytes + mission_order_id.bytes + seal
        text = urlsafe_b64encode(raw).decode()
        short = b32encode(seal[:5]).decode()
        url = f"{self.ctx.tools.settings.base_url}/v1/public/mission-orders/{text}"
        return Proof(url, f"{short[:4]}-{short[4:]}")

    async def verified(self, text: str) -> MissionProof:
        """Raises MissionProofUnknown for whatever we did not print."""
        _, mission_order_id, seal = _parts(text)
        ours = (await vault_of(self.ctx)).blinds(str(mission_order_id), _FIELD)
        if not any(hmac.compare_digest(seal, one[:_SEAL]) for one in ours):
            raise MissionProofUnknown
        found = await MissionOrderRepository(self.ctx).proof(mission_order_id)
        if found is None:
            raise MissionProofUnknown
        number, status, place, starts_on, ends_on, assignee = found
        organization = await OrganizationService(self.ctx).shown()
        return MissionProof(
            number=number,
            is_valid=MissionStatus(status) not in _NOT_SENDING,
            status=MissionStatus(status),
            organization=organization.name,
            assignee=assignee,
            place=place,
            starts_on=starts_on,
            ends_on=ends_on,
        )


def _parts(text: str) -> tuple[UUID, UUID, bytes]:
    try:
        raw = urlsafe_b64decode(text)
    except ValueError as malformed:
        raise MissionProofUnknown from malformed
    if len(raw) != 32 + _SEAL:
        raise MissionProofUnknown
    return UUID(bytes=raw[:16]), UUID(bytes=raw[16:32]), raw[32:]
