"""Discussions for an audit: the only way to read a room that one was not invited to. It leaves its mark."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pydantic_core import from_json, to_json

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.progress import Run
from crm_api.discussions.errors import OnlyPeopleTalk
from crm_api.discussions.repository.messages import DiscussionMessageRepository
from crm_api.discussions.schemas.message import DiscussionExport
from crm_api.files.models import FileKind
from crm_api.files.service import FileService
from crm_api.jobs.schemas import JobRead
from crm_api.jobs.service import JobService
from crm_api.kit.clock import today
from crm_api.kit.errors import Forbidden
from crm_api.kit.schemas import Json
from crm_api.users.access import UserAccess
from crm_api.users.models import UserStatus

KIND = "export_discussions"
ASKS = frozenset({"discussions:audit"})
KEPT = timedelta(days=7)
AT_ONCE = 1000
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class DiscussionAudit:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def start(self, data: DiscussionExport) -> Json[JobRead]:
        """Who asked, what and why is in the audit log before anything is read. Raises OnlyPeopleTalk."""
        if not self.ctx.principal.is_person:
            raise OnlyPeopleTalk
        asked = data.model_dump(mode="json")
        job = await JobService(self.ctx).start(KIND, to_json({"asker": self.ctx.principal.id, **asked}))
        changes = {name: value for name, value in asked.items() if name != "reason"}
        self.ctx.note("discussion.export_asked", "export", job.value.id, reason=data.reason, changes=changes)
        return job


async def export_discussions(ctx: Context, run: Run) -> None:
    """One JSON object a line; for a week, and for who asked alone."""
    asked = from_json(await run.input())
    asker = UUID(asked.pop("asker"))
    await _refuse_who_may_no_longer(ctx, asker)
    data = DiscussionExport.model_validate(asked)
    lines = _Lines(ctx, data)
    file_id = await FileService(ctx).add(
        f"discussions-{today().isoformat()}.jsonl",
        lines.content(),
        FileKind.EXPORT,
        media_type="application/x-ndjson",
        kept_until=now() + KEPT,
        made_for=asker,
        title=data.reason[:160],
    )
    changes = {"messages": lines.count, "file": str(file_id), "asker": str(asker)}
    ctx.note("discussion.exported", "export", run.id, reason=data.reason, changes=changes)
    await run.report(lines.count, lines.count)
    await run.succeed([], href=f"/v1/files/{file_id}/content", expires_at=now() + KEPT)


class _Lines:
    """What was said, a thousand messages at a time."""

    def __init__(self, ctx: Context, data: DiscussionExport) -> None:
        self._messages, self._data = DiscussionMessageRepository(ctx), data
        self.count = 0

    async def content(self) -> AsyncIterator[bytes]:
        data = self._data
        after, after_id = _BEGINNING, UUID(int=0)
        while True:
            some = await self._messages.said(
                said_gte=data.said_gte,
                said_lt=data.said_lt,
                discussion_id=data.discussion_id,
                author_id=data.author_id,
                after=after,
                after_id=after_id,
                most=AT_ONCE,
            )
            if not some:
                break
            self.count += len(some)
            yield "".join(f"{line}\n" for *_, line in some).encode()
            after, after_id, _ = some[-1]
        if not self.count:
            yield b"{}\n"


async def _refuse_who_may_no_longer(ctx: Context, asker: UUID) -> None:
    authority = await UserAccess(ctx).authority(asker)
    if authority.status is not UserStatus.ACTIVE or not authority.scopes >= ASKS:
        raise Forbidden
