"""Premiums and payments of the demonstration: every instrument, most in time, some at each legal step."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select

from crm_api.accounts.models import Account
from crm_api.billing.clock import DunningClock
from crm_api.billing.errors import CashNotAllowed
from crm_api.billing.models.dunning import DunningProposal, ProposalStatus
from crm_api.billing.models.payment import ONLINE, PaymentMethod
from crm_api.billing.models.receivable import DunningState, Receivable, ReceivableStatus
from crm_api.billing.models.schedule import PremiumSchedule
from crm_api.billing.passing import DunningPass
from crm_api.billing.payments import PaymentService
from crm_api.billing.proposals import ProposalService
from crm_api.billing.schemas.dunning import FormalNoticePosted, PromiseCreate, ProposalApproved
from crm_api.billing.schemas.payment import PaymentCreate, PaymentPsp, PspNews
from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.clock import ALGIERS, today
from crm_api.kit.money import Money
from crm_api.policies.models.policy import PaymentPlan
from crm_api.policies.schemas.content import PolicyCreate
from crm_api.policies.service import PolicyService

SHARES = (
    *((PaymentMethod.TPE, 30), (PaymentMethod.CARD_CIB, 8), (PaymentMethod.EDAHABIA, 22)),
    *((PaymentMethod.CHEQUE, 18), (PaymentMethod.BANK_TRANSFER, 15), (PaymentMethod.CASH, 7)),
)
"""Of a hundred payments (domain.md F-7)."""
CONTRACTS, DEBTS, PAID = 40, 160, 0.80
PRODUCTS = ("AUTO_P", "AUTO_P", "AUTO_P", "MRH", "AUTO_P", "SANTE")
OF_PRODUCT = {"AUTO_P": 3_650_000, "MRH": 980_000, "SANTE": 2_400_000}


async def collect(ctx: Context, second_id: UUID) -> dict[str, str]:
    """Over the contracts that are there; a few are issued where there are none. One id of each kind.

    `second_id`: who decides what another confirmed.
    """
    random = Random(26)  # noqa: S311 - the same premiums every time
    await _schedules(ctx, random)
    debts = await _debts(ctx, DunningState.QUIET, DunningState.NOTICED)
    made = await _pay(ctx, [debt for debt in debts[:DEBTS] if random.random() < PAID], random)
    for _ in range(3):
        await DunningPass(ctx).run()
    await _write(ctx, random)
    await DunningPass(ctx).run()
    await _decide(ctx, second_id)
    found = await _debts(ctx, *DunningState)
    known = {"receivable": found[0].id, "instalment": found[0].instalment_id} if found else {}
    return made | {name: str(id) for name, id in known.items() if id}


async def _schedules(ctx: Context, random: Random) -> None:
    """The seed of contracts has asked for its premiums; a few are issued where there is none."""
    known = select(PremiumSchedule.id).where(PremiumSchedule.organization_id == ctx.organization_id)
    if await ctx.session.scalar(known.limit(1)) is not None:
        return
    accounts = select(Account.id).where(Account.organization_id == ctx.organization_id).limit(CONTRACTS)
    for account_id in list(await ctx.session.scalars(accounts.order_by(Account.id))):
        await PolicyService(ctx).create(_contract(account_id, random))


def _contract(account_id: UUID, random: Random) -> PolicyCreate:
    product = random.choice(PRODUCTS)
    net = OF_PRODUCT[product] + random.randrange(0, 900_000, 1_000)
    begins = datetime.combine(today() - timedelta(days=random.randrange(3, 330)), time(), ALGIERS)
    return PolicyCreate(
        account_id=account_id,
        product_code=product,
        effective_at=begins,
        net_premium=Money.of(net),
        policy_fee=Money.of(50_000),
        vat=Money.of((net + 50_000) * 19 // 100),
        dimension_stamp=Money.of(4_000),
        payment_plan=random.choice([PaymentPlan.SINGLE, PaymentPlan.SEMIANNUAL, PaymentPlan.QUARTERLY]),
        issue=True,
    )


async def _debts(ctx: Context, *states: DunningState) -> Sequence[Receivable]:
    statement = select(Receivable).where(
        Receivable.organization_id == ctx.organization_id,
        Receivable.status.in_([ReceivableStatus.OPEN, ReceivableStatus.PARTIALLY_SETTLED]),
        Receivable.dunning_state.in_(states),
    )
    fresh = {"populate_existing": True}  # the night moves them behind the session's back
    ordered = statement.order_by(Receivable.due_on, Receivable.id)
    return list(await ctx.session.scalars(ordered, execution_options=fresh))


async def _pay(ctx: Context, debts: Sequence[Receivable], random: Random) -> dict[str, str]:
    methods, weights = zip(*SHARES, strict=True)
    made: dict[str, str] = {}
    for at, debt in enumerate(debts):
        method = random.choices(methods, weights)[0]
        try:
            payment_id = await _payment(ctx, debt, method, at)
        except CashNotAllowed:  # at the counter they take out a card then
            payment_id = await _payment(ctx, debt, PaymentMethod.TPE, at)
        if method is PaymentMethod.CHEQUE:
            await _cheque(ctx, payment_id, at)
        made.setdefault("payment", str(payment_id))
    return made


async def _payment(ctx: Context, debt: Receivable, method: PaymentMethod, at: int) -> UUID:
    payments, amount = PaymentService(ctx), Money.of(debt.left)
    psp = PaymentPsp(provider="satim", intent_id=f"demo_{at:06d}") if method in ONLINE else None
    share = {"receivable_id": debt.id, "amount": amount}
    data = PaymentCreate.model_validate(
        {
            "account_id": debt.account_id,
            "amount": amount,
            "method": method,
            "reference": f"{method.upper()} {at:06d}",
            "agency_id": debt.agency_id,
            "allocations": [share],
            "psp": psp,
        }
    )
    made = await payments.record(data)
    if psp is not None:
        await payments.hear(psp.provider, psp.intent_id, PspNews(status="settled", amount=amount))
    return made.value.id


async def _cheque(ctx: Context, payment_id: UUID, at: int) -> None:
    """Some wait in the drawer, some at the bank; one in twelve bounces."""
    payments = PaymentService(ctx)
    if at % 6 == 0:
        return
    await payments.deposit(payment_id, ANY_VERSION)
    if at % 12 == 1:
        await payments.bounce(payment_id, "Sans provision", ANY_VERSION)
    elif at % 4:
        await payments.clear(payment_id, ANY_VERSION)


async def _write(ctx: Context, random: Random) -> None:
    """Of those that wait for a registered letter, most were written to; some promise, some contest."""
    clock = DunningClock(ctx)
    for at, debt in enumerate(await _debts(ctx, DunningState.FORMAL_NOTICE_DUE)):
        if at % 3 == 0:
            continue
        ready = max(
            debt.due_on + timedelta(days=17), today() - timedelta(days=random.choice([3, 20, 31, 40]))
        )
        if ready <= today():
            data = FormalNoticePosted(posting_number=f"RR{at:09d}DZ", posted_on=ready)
            await clock.post_formal_notice(debt, data)
    for at, debt in enumerate(await _debts(ctx, DunningState.DUE, DunningState.OVERDUE)):
        if at % 3 == 0:
            until = today() + timedelta(days=5)
            await clock.promise(debt, PromiseCreate(amount=Money.of(debt.left), promised_on=until))
        elif at % 7 == 1:
            await clock.dispute(debt, "Le client dit avoir payé par virement")


async def _decide(ctx: Context, second_id: UUID) -> None:
    """Every other proposal is decided; the rest wait."""
    statement = select(DunningProposal.id).where(
        DunningProposal.organization_id == ctx.organization_id,
        DunningProposal.status == ProposalStatus.PROPOSED,
    )
    first = ctx.principal
    for proposal_id in list(await ctx.session.scalars(statement.order_by(DunningProposal.id)))[::2]:
        await ProposalService(ctx).confirm(proposal_id, ANY_VERSION)
        ctx.principal = replace(first, id=second_id)
        await ProposalService(ctx).approve(proposal_id, ProposalApproved(), ANY_VERSION)
        ctx.principal = first
