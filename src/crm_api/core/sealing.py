"""Class P3 data of a row: sealed under the organization's own key, masked for lists, found by blind index."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import BigInteger, Identity, LargeBinary, func, select
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.context import Context
from crm_api.core.db import Ledger
from crm_api.core.vault import OrganizationVault, mask

OPEN = frozenset({"kind", "type", "level"})
"""Members of sealed objects that say what they are, and nothing about anybody."""
_FIRST = "first vault"
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class OrganizationKey(Ledger):
    """A data key of the organization, wrapped by the installation's key; the newest seals."""

    __tablename__ = "organization_keys"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class SealedRow(Protocol):
    """An entity with the mixin `core.db.Sealed`."""

    __tablename__: str
    id: Any
    sealed: Any
    masked: Any


async def vault_of(ctx: Context) -> OrganizationVault:
    """The organization's vault; its first key is made when there is none.

    A key made just now is remembered by its transaction only: should that be rolled back, nothing may be
    sealed with it.
    """
    known: OrganizationVault | None = ctx.tools.vaults.get(ctx.organization_id)
    known = known or ctx.session.info.get(_FIRST)
    if known is not None:
        return known
    known = await _opened(ctx)
    if known is None:
        # One at a time: two first keys would leave rows that one process cannot open.
        await ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(str(ctx.organization_id)))))
        known = await _opened(ctx) or await _first(ctx)
    return known


async def _opened(ctx: Context) -> OrganizationVault | None:
    wrapped = list(await ctx.session.scalars(select(OrganizationKey.wrapped).order_by(OrganizationKey.id)))
    if not wrapped:
        return None
    known = ctx.tools.vaults[ctx.organization_id] = ctx.tools.vault.unwrap(wrapped, ctx.organization_id)
    return known


async def _first(ctx: Context) -> OrganizationVault:
    first = ctx.tools.vault.new_wrapped_key(ctx.organization_id)
    ctx.session.add(OrganizationKey(wrapped=first))
    await ctx.session.flush()
    made = ctx.session.info[_FIRST] = ctx.tools.vault.unwrap([first], ctx.organization_id)
    return made


async def seal(ctx: Context, row: SealedRow, changes: Mapping[str, Any]) -> None:
    """Merges `changes` (JSON values; None removes) into what the row keeps sealed; renews its masks."""
    vault = await vault_of(ctx)
    kept = vault.open(row.sealed, table=row.__tablename__, row_id=row.id) if row.sealed else {}
    kept = {name: value for name, value in {**kept, **changes}.items() if value is not None}
    row.sealed = vault.seal(kept, table=row.__tablename__, row_id=row.id) if kept else None
    row.masked = {name: masked(value) for name, value in kept.items()}


async def unseal(
    ctx: Context, row: SealedRow, *, reason: str, label: str, fields: Sequence[str] = ()
) -> dict[str, Any]:
    """What is sealed in the row, in clear; who looked at what, and why, is in the audit log."""
    vault = await vault_of(ctx)
    row_id: UUID = row.id
    ctx.note(f"{label}.unmasked", label, row_id, reason=reason, changes={"fields": list(fields)})
    return vault.open(row.sealed, table=row.__tablename__, row_id=row_id) if row.sealed else {}


def masked(value: Any) -> Any:
    """What a list may show: the end of a long identifier; of anything else only that it is there."""
    if isinstance(value, str):
        return mask(value) if not _DATE.fullmatch(value) else mask("")
    if isinstance(value, dict):
        return {name: part if name in OPEN else masked(part) for name, part in value.items()}
    return [masked(part) for part in value] if isinstance(value, list) else mask("")
