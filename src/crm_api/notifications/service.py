from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.jobs import enqueue_each
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import NotFound, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.notifications.choices import LOCKED, OF_OTHERS, Recipient
from crm_api.notifications.events import NotificationCreated, NotificationsRead
from crm_api.notifications.models import (
    MailStatus,
    NotificationKind,
    NotificationPreference,
    NotificationPriority,
    RecipientType,
)
from crm_api.notifications.repository import NotificationRepository, PreferenceRepository
from crm_api.notifications.schemas import (
    KindShown,
    Marked,
    NotificationPage,
    NotificationQuery,
    NotificationRead,
    PreferencesPut,
    PreferencesRead,
    QuietShown,
    Reading,
    UnreadCounts,
    UnreadOfKind,
)
from crm_api.notifications.texts import Message

KEPT = timedelta(days=365)
LONGEST_TITLE, LONGEST_BODY = 160, 500


class NotificationService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.notifications = NotificationRepository(ctx)
        self.preferences = PreferenceRepository(ctx)

    # --- telling

    async def notify(  # noqa: PLR0913 - they are named
        self,
        user_ids: Collection[UUID],
        kind: NotificationKind | str,
        *,
        title: Message,
        body: Message | None = None,
        object_type: str | None = None,
        object_id: UUID | None = None,
        dedupe_key: str | None = None,
        priority: NotificationPriority | str = NotificationPriority.NORMAL,
        by_mail: bool = True,
    ) -> int:
        """Tells each of these users once, the way they chose; how many were told.

        In the transaction of the use case, the mails after it. Left out: who has left or is no user, who did
        it themselves (a mention, an assignment, a request, a decision), who was told under this `dedupe_key`
        before. `by_mail=False`: a letter of its own goes out already.
        """
        kind = NotificationKind(kind)
        to = set(user_ids) - ({self.ctx.principal.id} if kind in OF_OTHERS else set())
        if not to:
            return 0
        self.ctx.begin()
        same = {
            "kind": kind,
            "priority": NotificationPriority(priority),
            "object_type": object_type,
            "object_id": object_id,
            "dedupe_key": dedupe_key,
            "created_by_id": self.ctx.principal.id,
        }
        rows = [
            {
                **same,
                **_told(one, kind, by_mail),
                "title": title.written(one.language, LONGEST_TITLE, one.zone),
                "body": body and body.written(one.language, LONGEST_BODY, one.zone),
            }
            for one in await self.notifications.recipients(sorted(to))
        ]
        return await self._tell(rows)

    async def _tell(self, rows: list[dict[str, Any]]) -> int:
        waits = {row["id"]: row.pop("wait") for row in rows}
        rows = [row for row in rows if row["in_app"] or row["mail"] is not MailStatus.NONE]
        new = await self.notifications.tell(rows) if rows else set()
        told = [row for row in rows if row["id"] in new]
        for row in told:
            if row["in_app"]:
                await publish(self.ctx, NotificationCreated(row["id"], row["recipient_id"]))
        mails = [row["id"] for row in told if row["mail"] is MailStatus.WAITING]
        payloads = [{"notification_id": id} for id in mails]
        await enqueue_each(self.ctx, "send_notification_mail", payloads, [waits[id] for id in mails])
        return len(told)

    # --- reading

    async def page(self, query: NotificationQuery) -> Json[NotificationPage]:
        return await self.notifications.page(query, NotificationPage)

    async def get(self, notification_id: UUID) -> Json[NotificationRead]:
        return await self.notifications.get(notification_id)

    async def unread(self) -> UnreadCounts:
        kinds = [UnreadOfKind(kind=kind, count=count) for kind, count in await self.notifications.unread()]
        return UnreadCounts(total=sum(one.count for one in kinds), kinds=kinds)

    async def read(self, notification_id: UUID) -> Json[NotificationRead]:
        """Reading it again changes nothing. Raises NotFound."""
        await self._mark(ids=[notification_id])
        return await self.notifications.get(notification_id)

    async def read_many(self, data: Reading) -> Marked:
        """Those that are not one's own, or read before, count for nothing."""
        return Marked(count=await self._mark(ids=data.ids, up_to=data.up_to))

    async def _mark(self, *, ids: list[UUID] | None = None, up_to: datetime | None = None) -> int:
        marked = await self.notifications.mark(ids=ids, up_to=up_to)
        if marked:
            await publish(self.ctx, NotificationsRead(marked[0], self.ctx.principal.id, len(marked)))
        return len(marked)

    # --- preferences

    async def choices(self) -> PreferencesRead:
        """Raises NotFound for who is no user: an API client."""
        found = await self.preferences.of(self.ctx.principal.id)
        if found is None:
            raise NotFound
        return _shown(*found)

    async def choose(self, data: PreferencesPut, version: int) -> PreferencesRead:
        await self.choices()
        kept = await self.preferences.mine(self.ctx.principal.id)
        if version not in (kept.version if kept else 0, ANY_VERSION):
            raise VersionConflict(current_version=kept.version if kept else 0)
        preference = kept or NotificationPreference(user_id=self.ctx.principal.id)
        preference.kinds = {one.kind: {"in_app": one.in_app, "email": one.email} for one in data.kinds}
        quiet = data.quiet_hours.pair if data.quiet_hours else (None, None)
        preference.quiet_from, preference.quiet_until = quiet
        await self.preferences.save(preference)
        return await self.choices()


def _told(one: Recipient, kind: NotificationKind, by_mail: bool) -> dict[str, Any]:
    """The columns that differ from one recipient to another, and how long the mail waits."""
    moment = now()
    return {
        "id": new_id(),
        "version": 1,
        "recipient_type": RecipientType.USER,
        "recipient_id": one.user_id,
        "in_app": one.choice(kind).in_app,
        "mail": one.mail_of(kind) if by_mail else MailStatus.NONE,
        "created_at": moment,
        "updated_at": moment,
        "expires_at": moment + KEPT,
        "wait": one.wait(kind, moment),
    }


def _shown(one: Recipient, version: int) -> PreferencesRead:
    kinds = [
        KindShown(
            kind=kind,
            in_app=one.choice(kind).in_app,
            email=one.choice(kind).email,
            locked=kind in LOCKED,
            chosen=kind in one.chosen,
        )
        for kind in NotificationKind
    ]
    quiet = one.quiet and QuietShown(start=one.quiet[0].isoformat(), end=one.quiet[1].isoformat())
    return PreferencesRead(kinds=kinds, quiet_hours=quiet, version=version)
