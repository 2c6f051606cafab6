from typing import Any
from uuid import UUID

from sqlalchemy import Integer, bindparam, func, literal_column, select

from crm_api.core.plain import table_of
from crm_api.core.progress import JobRun
from crm_api.core.repository import Repository
from crm_api.jobs.schemas import JobRead


class ExportRepository(Repository[JobRun, JobRead]):
    """The runs that are exports."""

    model, read = JobRun, JobRead

    async def pause(self, most: int) -> int:
        """Seconds to wait before this actor may ask for one more within the hour; 0: none."""
        table = table_of(JobRun)
        age = func.extract("epoch", func.now() - table.c.created_at).cast(Integer)

        def recent() -> Any:
            mine = table.c.created_by_id == bindparam("actor_id", type_=table.c.id.type)
            hour = func.now() - literal_column("interval '1 hour'")
            return (
                self.select(age)
                .where(mine, table.c.created_at > hour, table.c.kind.like(literal_column("'export%'")))
                .order_by(table.c.created_at.desc())
                .limit(literal_column(str(most)))
            )

        rows = await self.rows(("pause", most), recent)
        return max(1, 3600 - int(rows[-1][0])) if len(rows) >= most else 0

    async def stored(self, run_id: UUID) -> bytes | None:
        """What was asked, read without opening the transaction of the job."""
        table = table_of(JobRun)
        one = bindparam("id", type_=table.c.id.type)
        rows = await self.rows(
            "stored", lambda: select(table.c.input).where(*self.visible(), table.c.id == one), {"id": run_id}
        )
        return bytes(rows[0][0]) if rows and rows[0][0] else None
