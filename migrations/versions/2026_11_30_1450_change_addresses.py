"""Users change their e-mail address by a link sent to the new one

Revision a1450_addresses, after a1440_integrations, 2026-11-30.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "a1450_addresses"
down_revision: str | Sequence[str] | None = "a1440_integrations"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

EARLIER = ("verify_email", "password_reset")


def _known(*purposes: str) -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    listed = ", ".join(f"'{purpose}'" for purpose in purposes)
    op.execute("ALTER TABLE one_time_tokens DROP CONSTRAINT ck_one_time_tokens_purpose_known")
    op.execute(
        "ALTER TABLE one_time_tokens ADD CONSTRAINT ck_one_time_tokens_purpose_known"
        f" CHECK (purpose IN ({listed}))"
    )


def upgrade() -> None:
    _known(*EARLIER, "change_email")


def downgrade() -> None:
    op.execute("DELETE FROM one_time_tokens WHERE purpose = 'change_email'")
    _known(*EARLIER)
