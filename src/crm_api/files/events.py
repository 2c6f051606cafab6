"""What upper floors hear of documents (domain.md B-63); ids and public facts only."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class DocumentUploaded(Event):
    kind: ClassVar = "document.uploaded"

    file_id: UUID
    document_kind: str
    version_number: int


@dataclass(frozen=True, slots=True)
class DocumentAvailable(Event):
    """The scanner found it clean: it can be downloaded."""

    kind: ClassVar = "document.available"

    file_id: UUID


@dataclass(frozen=True, slots=True)
class DocumentQuarantined(Event):
    """The scanner found something; nobody can download it."""

    kind: ClassVar = "document.quarantined"

    file_id: UUID


@dataclass(frozen=True, slots=True)
class DocumentExpiring(Event):
    """Told once for each last day, 30 days before."""

    kind: ClassVar = "document.expiring"

    file_id: UUID
    expires_on: date


@dataclass(frozen=True, slots=True)
class DocumentLinked(Event):
    kind: ClassVar = "document.linked"

    file_id: UUID
    object_type: str
    object_id: UUID


@dataclass(frozen=True, slots=True)
class DocumentUnlinked(Event):
    kind: ClassVar = "document.unlinked"

    file_id: UUID
    object_type: str
    object_id: UUID
