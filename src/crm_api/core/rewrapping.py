"""The installation's key changes: every data key is wrapped anew; what it sealed stays as it is."""

import asyncpg
from sqlalchemy import URL

from crm_api.core.seal import refuse_blind
from crm_api.core.vault import Vault


async def rewrap_all(owner_url: URL, vault: Vault) -> int:
    """How many data keys were wrapped with an older KEK; all of them or none.

    Raises SealBroken; BlindRole for a role that would see none of them and think that all is done.
    """
    dsn = owner_url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(dsn)
    changed = 0
    try:
        await refuse_blind(connection)
        async with connection.transaction():
            keys = await connection.fetch(
                "SELECT organization_id, id, wrapped FROM organization_keys ORDER BY id FOR UPDATE"
            )
            for organization_id, key_id, wrapped in keys:
                if vault.is_current(wrapped):
                    continue
                await connection.execute(
                    "UPDATE organization_keys SET wrapped = $3 WHERE organization_id = $1 AND id = $2",
                    organization_id,
                    key_id,
                    vault.rewrap(wrapped, organization_id),
                )
                changed += 1
    finally:
        await connection.close()
    return changed
