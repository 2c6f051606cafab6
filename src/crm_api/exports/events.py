"""What others hear of exports."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class ExportReady(Event):
    """The file can be fetched for seven days, by who asked for it."""

    kind: ClassVar = "export.ready"

    job_id: UUID
    file_id: UUID
    rows: int
