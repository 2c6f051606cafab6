"""Pages of ours, and what is said there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, literal_column
from sqlalchemy.dialects.postgresql import insert

from crm_api.core.db import now
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.mentions.errors import SocialAccountTaken
from crm_api.mentions.models import SocialAccount, SocialMention
from crm_api.mentions.schemas import SocialAccountRead, SocialMentionRead


class SocialAccountRepository(Repository[SocialAccount, SocialAccountRead]):
    model, read = SocialAccount, SocialAccountRead
    refusals = {"uq_social_accounts_handle": SocialAccountTaken}


class MentionRepository(Repository[SocialMention, SocialMentionRead]):
    model, read = SocialMention, SocialMentionRead

    async def told(self, row: Mapping[str, Any]) -> tuple[UUID, bool]:
        """By what the network calls it, it is one however often it is told; and whether it is new."""
        table = table_of(SocialMention)
        own = {"organization_id": self.ctx.organization_id, "version": 1, "status": "new"}
        written = insert(table).values(**own, **row)
        said = {
            name: written.excluded[name]
            for name in row
            if name not in ("id", "social_account_id", "network", "external_id")
        }
        again = written.on_conflict_do_update(
            index_elements=["organization_id", "network", "external_id"],
            set_={**said, "version": table.c.version + 1, "updated_at": now()},
        )
        new: ColumnElement[bool] = literal_column("(xmax = 0)")
        found = (await self.ctx.session.execute(again.returning(table.c.id, new))).one()
        return found[0], bool(found[1])

    async def forget(self, before: datetime) -> int:
        """What was said before this moment; how many."""
        table = table_of(SocialMention)
        old = table.c.organization_id == self.ctx.organization_id, table.c.published_at < before
        gone = delete(table).where(*old).returning(table.c.id)
        return len((await self.ctx.session.scalars(gone)).all())
