from uuid import UUID

from sqlalchemy import literal_column
from sqlalchemy.dialects.postgresql import insert

from crm_api.core.db import now
from crm_api.core.repository import Repository
from crm_api.kit.ids import new_id
from crm_api.knowledge.asking import Asked
from crm_api.knowledge.models.gap import KbGap, KbGapSource, KbGapStatus
from crm_api.knowledge.schemas.reading import KbGapRead

LONGEST_KEY = 400


class KbGapRepository(Repository[KbGap, KbGapRead]):
    model, read = KbGap, KbGapRead

    async def note(self, what: Asked, question: str, source: KbGapSource) -> UUID:
        """One row for each question, whoever asks at the same moment. A dismissed one stays dismissed."""
        row = insert(KbGap).values(
            organization_id=self.ctx.organization_id,
            id=new_id(),
            version=1,
            language=what.language,
            key=what.key[:LONGEST_KEY],
            question=question,
            source=source,
            last_asked_at=now(),
            created_by_id=self.ctx.principal.id,
            updated_by_id=self.ctx.principal.id,
        )
        again = row.on_conflict_do_update(
            index_elements=["organization_id", "language", "key"],
            set_={
                "times": KbGap.times + 1,
                "version": KbGap.version + 1,
                "last_asked_at": row.excluded.last_asked_at,
                "updated_at": row.excluded.last_asked_at,
                "status": literal_column(
                    f"CASE kb_gaps.status WHEN '{KbGapStatus.ANSWERED}' THEN '{KbGapStatus.OPEN}'"
                    " ELSE kb_gaps.status END"
                ),
            },
        )
        id: UUID = (await self.ctx.session.execute(again.returning(KbGap.id))).scalar_one()
        return id
