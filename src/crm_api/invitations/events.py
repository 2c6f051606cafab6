from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class InvitationAccepted(Event):
    """A colleague came in; whoever invited them may be told."""

    kind: ClassVar = "invitation.accepted"

    invitation_id: UUID
    user_id: UUID
    invited_by_id: UUID | None
