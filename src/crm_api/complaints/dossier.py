"""The whole file of a complaint as one archive: what the mediator or the supervisor is given (E-6)."""

import csv
import io
import zipfile
from collections.abc import Sequence
from uuid import UUID

from anyio import to_thread
from pydantic_core import to_json

from crm_api.complaints.models import Complaint, ComplaintStep
from crm_api.complaints.repository import ComplaintRepository
from crm_api.complaints.schemas.complaint import ComplaintRead
from crm_api.complaints.schemas.steps import ComplaintFile
from crm_api.core.context import Context
from crm_api.files.models import FileKind, FilePiiClass, ScanStatus
from crm_api.files.schemas import FileQuery
from crm_api.files.service import FileService
from crm_api.kit.clock import ALGIERS
from crm_api.kit.formulas import guarded
from crm_api.sla.service import SlaService
from crm_api.tickets.messaging import Messaging
from crm_api.tickets.models.words import MessageVisibility
from crm_api.tickets.schemas.messages import TicketMessageQuery, TicketMessageRead

MOST_BYTES = 15 * 1024 * 1024
MOST_MESSAGES = 200
_ZIP = "application/zip"
_READABLE = (ScanStatus.CLEAN, ScanStatus.ARCHIVED)
Parts = list[tuple[str, bytes]]


class Dossier:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.complaints, self.files = ComplaintRepository(ctx), FileService(ctx)

    async def make(self, complaint_id: UUID) -> ComplaintFile:
        """The sheet, what was done, the clock, what was said in public, and the documents.

        Internal notes and medical papers are not in it.
        """
        self.ctx.begin()
        complaint = (await self.complaints.get(complaint_id)).value
        parts: Parts = [
            ("reclamation.json", to_json(complaint, indent=2)),
            ("chronologie.csv", _steps(await self.complaints.steps_of(complaint_id))),
            ("messages.txt", await self._messages(complaint)),
        ]
        if complaint.sla_clock_id is not None:
            explained = await SlaService(self.ctx).explain(complaint.sla_clock_id)
            parts.append(("delais.json", to_json(explained, indent=2)))
        documents, left_out = await self._documents(complaint)
        if left_out:
            parts.append(("pieces-non-jointes.txt", "\n".join(left_out).encode()))
        content = await to_thread.run_sync(_zipped, [*parts, *documents])
        name = f"{complaint.number}-dossier.zip"
        document_id = await self.files.add(
            name,
            content,
            FileKind.OTHER,
            links=[(Complaint.label, complaint.id)],
            media_type=_ZIP,
            title=f"Dossier de la réclamation {complaint.number}",
        )
        self.ctx.note("complaint.file_made", Complaint.label, complaint.id)
        return ComplaintFile(
            document_id=document_id,
            name=name,
            size=len(content),
            documents=len(documents),
            left_out=left_out[:200],
        )

    async def _messages(self, complaint: ComplaintRead) -> bytes:
        """Public ones, the oldest first."""
        query = TicketMessageQuery(limit=MOST_MESSAGES, visibility=MessageVisibility.PUBLIC)
        page = await Messaging(self.ctx).page(complaint.ticket_id, query)
        return "\n\n".join(_said(message) for message in page.value.data).encode()

    async def _documents(self, complaint: ComplaintRead) -> tuple[Parts, list[str]]:
        parts: Parts = []
        left_out: list[str] = []
        size = 0
        seen: set[UUID] = set()
        for object_type, object_id in (("ticket", complaint.ticket_id), (Complaint.label, complaint.id)):
            query = FileQuery(object_type=object_type, object_id=object_id, limit=200)
            for file in (await self.files.page(query)).value.data:
                if file.id in seen or file.media_type == _ZIP:
                    continue
                seen.add(file.id)
                size += file.size
                closed = file.pii_class is FilePiiClass.P4 or file.scan_status not in _READABLE
                if closed or size > MOST_BYTES:
                    left_out.append(file.name)
                    continue
                name = f"pieces/{len(parts) + 1:02d}-{file.name.replace('/', '_')}"
                parts.append((name, await self.files.read(file.id)))
        return parts, left_out


def _zipped(parts: Parts) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return buffer.getvalue()


def _steps(steps: Sequence[ComplaintStep]) -> bytes:
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    writer.writerow(("Date", "Étape", "État", "Niveau", "Par", "Motif"))
    for step in steps:
        writer.writerow(
            (
                f"{step.at.astimezone(ALGIERS):%d/%m/%Y %H:%M}",
                step.step,
                step.status,
                step.escalation_level,
                f"{step.by_kind} {step.by_id}",
                guarded(step.note or ""),
            )
        )
    return b"\xef\xbb\xbf" + table.getvalue().encode()


def _said(message: TicketMessageRead) -> str:
    at = f"{message.sent_at.astimezone(ALGIERS):%d/%m/%Y %H:%M}"
    return f"[{at}] {message.author_type} ({message.channel})\n{message.body}"
