from crm_api.core.context import Context
from crm_api.core.jobs import Jobs, Payload, Schedule
from crm_api.core.progress import Run, tracked
from crm_api.imports.keeping import forget_old_imports
from crm_api.imports.running import ImportRun
from crm_api.imports.service import RUN, UNDO
from crm_api.imports.undoing import UndoRun


async def run_import(ctx: Context, run: Run) -> None:
    await ImportRun(ctx, run).work()


async def undo_import(ctx: Context, run: Run) -> None:
    await UndoRun(ctx, run).work()


async def forget_imports(ctx: Context, _: Payload) -> None:
    await forget_old_imports(ctx)


JOBS: Jobs = {RUN: tracked(run_import), UNDO: tracked(undo_import), "forget_imports": forget_imports}
SCHEDULES = (Schedule("forget_imports", "10 3 * * *"),)
