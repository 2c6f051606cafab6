from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from pydantic import MISSING

from crm_api.agencies.service import AgencyService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.numbers import next_number, yearly
from crm_api.core.objects import seen_objects
from crm_api.core.principal import DataScope
from crm_api.core.repository import ANY_VERSION
from crm_api.core.sealing import seal, vault_of
from crm_api.kit.clock import today
from crm_api.kit.errors import NotFound, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search
from crm_api.organizations.service import OrganizationService
from crm_api.products.catalogue import Sold
from crm_api.quotes import answers
from crm_api.quotes.conversion import QuoteForPolicy, for_policy
from crm_api.quotes.errors import (
    MandateEnded,
    QuoteNeedsAccount,
    QuoteNotDraft,
    QuoteOutOfDate,
    UnknownQuoteAgency,
    UnknownQuotedParty,
)
from crm_api.quotes.events import QuoteConverted, QuoteSupersededByRevision
from crm_api.quotes.models import QUOTE, Quote, QuoteStatus
from crm_api.quotes.repository import QuoteRepository
from crm_api.quotes.risks import Asked, Term, Underwriter, chosen_parts, chosen_plan
from crm_api.quotes.schemas.quote import (
    QuoteCreate,
    QuoteFilter,
    QuotePage,
    QuotePatch,
    QuoteQuery,
    QuoteRead,
)
from crm_api.users.service import UserService

_NUMBER = yearly("D")
_PARTIES = {
    "account_id": "account",
    "contact_id": "contact",
    "lead_id": "lead",
    "opportunity_id": "opportunity",
}
_REVISED_FROM_THE_END = frozenset({QuoteStatus.REFUSED, QuoteStatus.DECLINED, QuoteStatus.EXPIRED})
"""They stay as they ended; a new revision may follow all the same."""
_KEPT = (
    *("account_id", "contact_id", "lead_id", "opportunity_id", "product_code", "plan_code", "branch_code"),
    *("added_coverages", "left_out_coverages", "object_kind", "object_label", "term_months", "term_days"),
    *("effective_on", "expires_on", "channel", "agency_id", "owner_user_id", "inputs"),
)


class QuoteService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.quotes = QuoteRepository(ctx)

    # --- reads

    async def page(self, query: QuoteQuery) -> Json[QuotePage]:
        return await self.quotes.page(query, QuotePage)

    async def count(self, query: QuoteFilter) -> Count:
        return await self.quotes.count(query)

    async def search(self, body: Search) -> Json[QuotePage]:
        return await self.quotes.page(body.selection(QuoteQuery), QuotePage)

    async def get(self, quote_id: UUID) -> Json[QuoteRead]:
        return await self.quotes.get(quote_id)

    # --- the draft and its revisions

    async def create(self, data: QuoteCreate) -> Json[QuoteRead]:
        """A draft with its number. Raises as `Underwriter.product` does, UnknownQuotedParty, MandateEnded."""
        self.ctx.begin()
        await self._refuse_unknown(data.model_dump(include=set(_PARTIES)))
        seller_id = data.seller_user_id or (self.ctx.principal.id if self.ctx.principal.is_person else None)
        quote = Quote(
            id=new_id(),
            revision=1,
            **{name: getattr(data, name) for name in _PARTIES},
            product_code=data.product_code,
            plan_code=data.plan_code,
            added_coverages=data.add_coverages,
            left_out_coverages=data.leave_out,
            object_label=data.object_label,
            channel=data.channel,
            agency_id=await self._agency(data.agency_id, seller_id),
            owner_user_id=seller_id,
            effective_on=data.effective_on,
            valid_until=await self.valid_until(),
        )
        told = {name: value for name, value in data.inputs.items() if value is not None}
        await self._describe(quote, told, Term.of(data.term_months, data.term_days))
        year = today().year
        quote.number = _NUMBER(year, await next_number(self.ctx, f"{Quote.label}.{year}"))
        await self.quotes.save(quote)
        return await self.quotes.get(quote.id)

    async def update(self, quote_id: UUID, data: QuotePatch, version: int) -> Json[QuoteRead]:
        """Raises QuoteNotDraft."""
        quote = await self.loaded(quote_id, version)
        if quote.status is not QuoteStatus.DRAFT:
            raise QuoteNotDraft
        await self._changed(quote, data)
        await self.quotes.save(quote)
        return await self.quotes.get(quote_id)

    async def revise(self, quote_id: UUID, data: QuotePatch, version: int) -> Json[QuoteRead]:
        """A draft in the place of a quote that was priced; what ended stays as it ended."""
        old = await self.loaded(quote_id, version)
        if old.status not in _REVISED_FROM_THE_END:
            QUOTE.check(old.status, QuoteStatus.SUPERSEDED)
        revision = Quote(
            id=new_id(),
            number=old.number,
            revision=await self.quotes.newest_revision(old.number) + 1,
            supersedes_id=old.id,
            valid_until=await self.valid_until(),
            **{name: getattr(old, name) for name in _KEPT},
        )
        revision.inputs, revision.effective_on = dict(old.inputs), max(old.effective_on, today())
        await self._changed(revision, data, told=await self.told(old))
        if old.status not in _REVISED_FROM_THE_END:
            old.status = QuoteStatus.SUPERSEDED
            await self.quotes.save(old)
            await publish(self.ctx, QuoteSupersededByRevision(old.id, old.number, old.revision))
        await self.quotes.save(revision)
        return await self.quotes.get(revision.id)

    # --- for the floors above

    async def take_for_conversion(self, quote_id: UUID, policy_id: UUID) -> QuoteForPolicy:
        """The quote becomes this contract, in the caller's transaction; all that a contract needs of it.

        Raises NotFound, InvalidTransition unless it is accepted, QuoteOutOfDate, QuoteNeedsAccount.
        """
        quote = await self.quotes.load(quote_id)
        QUOTE.check(quote.status, QuoteStatus.CONVERTED)
        if quote.valid_until < today():
            raise QuoteOutOfDate
        if quote.account_id is None:
            raise QuoteNeedsAccount
        taken = for_policy(quote, await self.told(quote))
        quote.status, quote.policy_id, quote.converted_at = QuoteStatus.CONVERTED, policy_id, now()
        await self.quotes.save(quote)
        await publish(self.ctx, QuoteConverted(quote.id, quote.number, quote.revision, policy_id))
        return taken

    async def bring_along(self, lead_id: UUID, account_id: UUID | None, contact_id: UUID | None) -> None:
        """What was quoted to a lead is quoted to the customer it became."""
        if account_id is not None or contact_id is not None:
            await self.quotes.bring_along(lead_id, account_id, contact_id)

    async def take_back(self, lead_id: UUID) -> None:
        """The lead is a lead again: what was quoted to it, and is no contract, is quoted to it alone."""
        await self.quotes.take_back(lead_id)

    # --- what the other use cases share

    async def loaded(self, quote_id: UUID, version: int) -> Quote:
        """Locked. Raises NotFound, VersionConflict."""
        quote = await self.quotes.load(quote_id)
        if version not in (quote.version, ANY_VERSION):
            raise VersionConflict(current_version=quote.version)
        return quote

    async def told(self, quote: Quote) -> dict[str, Any]:
        """All answers in clear, for the house itself."""
        if not quote.sealed:
            return dict(quote.inputs)
        vault = await vault_of(self.ctx)
        return {**quote.inputs, **vault.open(quote.sealed, table=Quote.__tablename__, row_id=quote.id)}

    async def valid_until(self) -> date:
        """Of a quote that is made today."""
        settings = await OrganizationService(self.ctx).settings()
        return today() + timedelta(days=settings.quote_validity_days)

    # --- inside

    async def _changed(
        self, quote: Quote, data: QuotePatch, *, told: Mapping[str, Any] | None = None
    ) -> None:
        """`told`: the answers of the revision before."""
        given = {name: value for name, value in data if value is not MISSING}
        await self._refuse_unknown({name: given[name] for name in _PARTIES if given.get(name)})
        renamed = {"add_coverages": "added_coverages", "leave_out": "left_out_coverages"}
        for name in (
            "plan_code",
            "add_coverages",
            "leave_out",
            "effective_on",
            "opportunity_id",
            "object_label",
        ):
            if name in given:
                setattr(quote, renamed.get(name, name), given[name])
        known = dict(await self.told(quote) if told is None else told) | given.get("inputs", {})
        months, days = quote.term_months, quote.term_days
        if "term_months" in given or "term_days" in given:
            months, days = given.get("term_months"), given.get("term_days")
        answered = {name: value for name, value in known.items() if value is not None}
        await self._describe(quote, answered, Term.of(months, days))

    async def _describe(self, quote: Quote, told: Mapping[str, Any], term: Term) -> None:
        """What the product makes of the answers; class P3 is sealed."""
        asked = Asked(quote.product_code, told, term, quote.effective_on)
        product = await Underwriter(self.ctx).product(asked)
        plan = chosen_plan(product, quote.plan_code)
        chosen_parts(product, plan, quote.added_coverages, quote.left_out_coverages)
        parted = answers.parted(product, told)
        quote.branch_code, quote.inputs = product.branch_code, parted.plain
        quote.term_months, quote.term_days = term.months, term.days
        quote.expires_on = term.end(quote.effective_on)
        quote.object_kind = next(iter(product.object_kinds), None)
        quote.object_label = quote.object_label or _label(product, told)
        quote.sealed, quote.masked = None, {}
        await seal(self.ctx, quote, parted.sealed)

    async def _refuse_unknown(self, given: Mapping[str, Any]) -> None:
        """Account, contact, lead and opportunity are there, and may be seen."""
        for name, kind in _PARTIES.items():
            id = given.get(name)
            if id is not None and not await seen_objects(self.ctx, kind, [id]):
                raise UnknownQuotedParty(field=name)

    async def _agency(self, agency_id: UUID | None, seller_id: UUID | None) -> UUID:
        """The agency that sells. Raises UnknownQuoteAgency, MandateEnded (domain.md B-2)."""
        if agency_id is None and seller_id is not None:
            agency_id = await self._home_of(seller_id)
        principal = self.ctx.principal
        if agency_id is None:
            agency_id = principal.agency_id
        foreign = principal.data_scope is not DataScope.ALL and agency_id not in principal.agency_ids
        if agency_id is None or (foreign and agency_id != principal.agency_id):
            raise UnknownQuoteAgency
        try:
            agency = (await AgencyService(self.ctx).get(agency_id)).value
        except NotFound as unknown:
            raise UnknownQuoteAgency from unknown
        if agency.mandate_end is not None and agency.mandate_end < today():
            raise MandateEnded
        return agency_id

    async def _home_of(self, seller_id: UUID) -> UUID | None:
        try:
            return (await UserService(self.ctx).get(seller_id)).value.agency_id
        except NotFound as unknown:
            if seller_id == self.ctx.principal.id:
                return None
            raise UnknownQuotedParty(field="seller_user_id") from unknown


def _label(product: Sold, told: Mapping[str, Any]) -> str | None:
    """ "Renault Symbol", from the answers, where they name the thing."""
    named = [str(told[name]) for name in ("make", "model") if told.get(name)]
    return " ".join(named)[:160] or None
