"""What must be true before the first request is taken."""

import asyncpg

from crm_api.core.pool import Database
from crm_api.core.settings import Settings


class UnsafeStart(RuntimeError):
    """The installation would not be safe; the message says what to mend."""


async def refuse_unsafe_role(database: Database) -> None:
    """The application must connect as a role that row-level security binds."""
    connection = await asyncpg.connect(database.dsn, timeout=5)
    try:
        role = await connection.fetchrow(
            """SELECT rolname, rolsuper, rolbypassrls,
                   EXISTS (SELECT FROM pg_class WHERE relowner = r.oid) AS owns
               FROM pg_roles r WHERE rolname = current_user"""
        )
    finally:
        await connection.close()
    name, is_super, bypasses, owns = tuple(role)
    if is_super or bypasses or owns:
        raise UnsafeStart(
            f"The role {name} is a superuser, owns tables or bypasses row-level security. "
            "Set CRM_APP_DATABASE_URL to the restricted role crm_app."
        )


def refuse_unsafe_settings(settings: Settings) -> None:
    """Production keeps its key of keys outside, and speaks to people over HTTPS."""
    if settings.env != "production":
        return
    if settings.kek_file is None:
        raise UnsafeStart("Set CRM_KEK_FILE: 32 random bytes kept outside the data folder.")
    if not settings.base_url.startswith("https://"):
        raise UnsafeStart("Set CRM_BASE_URL to the public https:// address.")
