"""How long what came with an import is kept."""

from crm_api.core.context import Context
from crm_api.imports import files
from crm_api.imports.repository import ImportRepository


async def forget_old_imports(ctx: Context) -> None:
    """What people were before goes after 72 hours, the rows of the files after 30 days."""
    imports = ImportRepository(ctx)
    await imports.forget_parts()
    for brought in await imports.with_old_files():
        await files.forget(ctx, brought.id, brought.row_count)
        await imports.file_deleted(brought.id)
