import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.core.statements import LOCAL_TODAY
from crm_api.products.errors import UnknownProduct
from crm_api.quotes.errors import UnknownQuoteAgency, UnknownQuotedParty
from crm_api.quotes.models import OPEN, Quote, QuoteStatus
from crm_api.quotes.schemas.quote import QuoteRead

RUNNING_OUT = (QuoteStatus.SENT, QuoteStatus.VIEWED, QuoteStatus.ACCEPTED)
MOST_AT_ONCE = 1000


class QuoteRepository(Repository[Quote, QuoteRead]):
    model, read = Quote, QuoteRead
    refusals = {
        "fk_quotes_product": UnknownProduct,
        "fk_quotes_account": UnknownQuotedParty,
        "fk_quotes_contact": UnknownQuotedParty,
        "fk_quotes_agency": UnknownQuoteAgency,
        "fk_quotes_seller": UnknownQuotedParty,
    }

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        table = table_of(Quote)
        shown = cast(cast(table.c.inputs, JSONB).op("||")(cast(table.c.masked, JSONB)), JSONB)
        return {**super().columns(), "seller_user_id": table.c.owner_user_id, "inputs": shown}

    async def newest_revision(self, number: str) -> int:
        rows = await self.rows(
            "newest revision",
            lambda: select(func.max(table_of(Quote).c.revision)).where(
                table_of(Quote).c.organization_id == bindparam("organization_id"),
                table_of(Quote).c.number == bindparam("number", type_=Text()),
            ),
            {"number": number},
        )
        return int(rows[0][0] or 0)

    async def ran_out(self) -> list[Quote]:
        """Those whose last day has passed, locked; a thousand at once."""
        statement = (
            select(Quote)
            .where(
                Quote.organization_id == self.ctx.organization_id,
                or_(*(Quote.status == status for status in RUNNING_OUT)),
                Quote.valid_until < LOCAL_TODAY,
            )
            .order_by(Quote.valid_until, Quote.id)
            .limit(MOST_AT_ONCE)
        )
        return list(await self.ctx.session.scalars(statement.with_for_update(skip_locked=True)))

    async def opened(self, quote_id: UUID) -> dict[str, Any] | None:
        """What the acceptance by a link needs to judge, without a lock: version, code, tries."""
        quotes = table_of(Quote).c
        names = "version", "code_digest", "code_expires_at", "codes_tried"
        pairs: list[Any] = []
        for name in names:
            pairs += [literal_column(f"'{name}'"), quotes[name]]
        rows = await self.rows(
            "opened",
            lambda: self.select(cast(func.json_build_object(*pairs), Text)).where(
                quotes.id == bindparam("id", type_=Uuid())
            ),
            {"id": quote_id},
        )
        return json.loads(rows[0][0]) if rows else None

    # --- what follows from facts below, with its lines in the journal, in or out of sight

    async def move_open(self, from_agency_id: UUID, to_agency_id: UUID) -> None:
        quotes = table_of(Quote).c
        await self.edit_all(
            "open of agency",
            lambda: [quotes.agency_id == bindparam("closing"), _open(quotes)],
            {"closing": from_agency_id},
            {"agency_id": to_agency_id},
        )

    async def hand_over(self, user_id: UUID, to_user_id: UUID) -> None:
        quotes = table_of(Quote).c
        await self.edit_all(
            "open of seller",
            lambda: [quotes.owner_user_id == bindparam("leaving"), _open(quotes)],
            {"leaving": user_id},
            {"owner_user_id": to_user_id},
        )

    async def bring_along(self, lead_id: UUID, account_id: UUID | None, contact_id: UUID | None) -> None:
        """What was quoted to a lead is quoted to the customer it became."""
        quotes = table_of(Quote).c
        given = {"account_id": account_id, "contact_id": contact_id}
        await self.edit_all(
            "of lead",
            lambda: [quotes.lead_id == bindparam("converted"), quotes.account_id.is_(None)],
            {"converted": lead_id},
            {name: value for name, value in given.items() if value is not None},
        )

    async def take_back(self, lead_id: UUID) -> None:
        quotes = table_of(Quote).c
        await self.edit_all(
            "of lead again",
            lambda: [quotes.lead_id == bindparam("converted"), quotes.status != QuoteStatus.CONVERTED],
            {"converted": lead_id},
            {"account_id": None, "contact_id": None},
        )


def _open(quotes: Any) -> ColumnElement[bool]:
    return or_(*(quotes.status == state for state in sorted(OPEN)))
