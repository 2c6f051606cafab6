"""Pages in French: the receipt of a payment, and the formal notice that goes out by registered letter."""

from datetime import date
from importlib import resources
from typing import Any, NamedTuple
from uuid import UUID

from crm_api.accounts.schemas import AccountRead
from crm_api.accounts.service import AccountService
from crm_api.agencies.service import AgencyService
from crm_api.billing.delays import Delays
from crm_api.billing.errors import DunningNotThere
from crm_api.billing.models.payment import PaymentDirection, PaymentStatus
from crm_api.billing.models.receivable import DunningState
from crm_api.billing.repository.payments import PaymentRepository
from crm_api.billing.repository.receivables import ReceivableRepository
from crm_api.billing.schemas.payment import PaymentRead
from crm_api.billing.schemas.receivable import ReceivableRead
from crm_api.core import paper
from crm_api.core.context import Context
from crm_api.kit.clock import ALGIERS, today
from crm_api.kit.money import Money, in_french
from crm_api.organizations.schemas import OrganizationShown
from crm_api.organizations.service import OrganizationService
from crm_api.reference import service as reference
from crm_api.reference.models import LabelLanguage

_TEMPLATE = resources.files(__package__).joinpath("page.typ").read_text("utf-8")
_MARKS = {
    PaymentStatus.INITIATED: "NON PAYÉ",
    PaymentStatus.AUTHORISED: "NON PAYÉ",
    PaymentStatus.FAILED: "ÉCHOUÉ",
    PaymentStatus.CANCELLED: "ANNULÉ",
    PaymentStatus.EXPIRED: "EXPIRÉ",
    PaymentStatus.BOUNCED: "IMPAYÉ",
    PaymentStatus.REVERSED: "ANNULÉ",
}
"""Across the page of what proves no payment."""
_SUBJECT_TO = frozenset({PaymentStatus.RECEIVED, PaymentStatus.DEPOSITED})
_ASKING = frozenset(
    {
        *(DunningState.FORMAL_NOTICE_DUE, DunningState.FORMAL_NOTICE_SENT, DunningState.SUSPENSION_PROPOSED),
        *(DunningState.SUSPENDED, DunningState.TERMINATION_PROPOSED, DunningState.TERMINATED),
    }
)


class PaperPage(NamedTuple):
    name: str
    content: bytes


class BillingPaper:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.payments, self.receivables = PaymentRepository(ctx), ReceivableRepository(ctx)

    async def receipt(self, payment_id: UUID, *, as_: paper.Format = "pdf") -> PaperPage:
        """What was received, from whom, and what it pays. What is no money says so across the page."""
        payment = (await self.payments.get(payment_id)).value
        lines = [one for one in payment.allocations if one.taken_back_at is None]
        debts = await self.receivables.get_many([one.receivable_id for one in lines])
        rows = [
            _row(_paid_for(debt.value if debt else None), one.amount)
            for one, debt in zip(lines, debts, strict=True)
        ]
        if payment.unallocated_amount.centimes:
            rows.append(_row("À valoir sur les prochaines échéances", payment.unallocated_amount))
        rows.append(_row("Total", payment.amount, strong=True))
        incoming = payment.direction is PaymentDirection.IN
        data = await self._page(payment.account_id, payment.agency_id)
        on = payment.received_at.astimezone(ALGIERS).date()
        data |= {
            "title": f"Reçu {payment.number}",
            "heading": "REÇU DE PAIEMENT" if incoming else "REÇU DE REMBOURSEMENT",
            "number": payment.number,
            "mark": _MARKS.get(payment.status),
            "before": [_received(payment, on)],
            "rows": rows,
            "after": ["Sous réserve d'encaissement du chèque."] if payment.status in _SUBJECT_TO else [],
            "signature": "Cachet et signature du caissier",
        }
        name = payment.number.replace("/", "-")
        return PaperPage(f"recu-{name}.{as_}", await paper.printed(_TEMPLATE, data, {}, as_=as_))

    async def formal_notice(self, receivable_id: UUID, *, as_: paper.Format = "pdf") -> PaperPage:
        """The registered letter, with the legal delays of today. Raises DunningNotThere."""
        debt = (await self.receivables.get(receivable_id)).value
        if debt.dunning_state not in _ASKING:
            raise DunningNotThere(state=debt.dunning_state, wanted=str(DunningState.FORMAL_NOTICE_DUE))
        delays, on = Delays(self.ctx), today()
        over = await delays.suspension(on)
        ends = await delays.after_suspension(over.on)
        data = await self._page(debt.account_id, debt.agency_id)
        data |= {
            "title": f"Mise en demeure {debt.policy_number or ''}",
            "heading": "MISE EN DEMEURE",
            "number": debt.policy_number or str(debt.id),
            "mark": None,
            "before": [
                "Lettre recommandée avec accusé de réception.",
                f"Sauf erreur ou omission, la prime d'un montant de {_dinars(debt.balance)} échue le "
                f"{_day(debt.due_on)} demeure impayée.",
            ],
            "rows": [
                _row("Prime échue", debt.original_amount),
                _row("Déjà payé", debt.paid_amount),
                _row("Reste dû", debt.balance, strong=True),
            ],
            "after": [
                f"À défaut de paiement dans les {(over.on - on).days} jours de l'envoi de la présente, les "
                f"garanties de votre contrat seront suspendues, puis, {(ends.on - over.on).days} jours après "
                "cette suspension, le contrat pourra être résilié "
                f"({over.rule.source}).",
                "Les garanties suspendues reprennent effet le lendemain, à midi, du paiement de l'arriéré.",
            ],
            "signature": "Pour l'assureur, cachet et signature",
        }
        name = data["number"].replace("/", "-")
        return PaperPage(f"mise-en-demeure-{name}.{as_}", await paper.printed(_TEMPLATE, data, {}, as_=as_))

    async def _page(self, account_id: UUID, agency_id: UUID | None) -> dict[str, Any]:
        """What every page has: who writes, to whom, where and when."""
        account = (await AccountService(self.ctx).get(account_id)).value
        agency = (await AgencyService(self.ctx).get(agency_id)).value if agency_id else None
        city = reference.wilaya(agency.wilaya_code).label_fr if agency and agency.wilaya_code else "Alger"
        return {
            "organization": _house(await OrganizationService(self.ctx).shown()),
            "customer": {"name": account.name, "number": account.number, "address": _address(account)},
            "city": city,
            "date": _day(today()),
        }


def _received(payment: PaymentRead, on: date) -> str:
    method = reference.enums(LabelLanguage.FR)["payment.method"][payment.method]
    what = (
        f"la somme de {_dinars(payment.amount)}, le {_day(on)}, par {method} (référence {payment.reference})"
    )
    if payment.direction is PaymentDirection.OUT:
        return f"Nous avons remboursé {what}."
    by = f" de {payment.payer_name}" if payment.payer_name else ""
    return f"Nous avons reçu{by} {what}."


def _paid_for(debt: ReceivableRead | None) -> str:
    if debt is None:
        return "Créance"
    contract = f"Contrat {debt.policy_number}" if debt.policy_number else "Créance"
    return f"{contract}, échéance du {_day(debt.due_on)}"


def _row(label: str, amount: Money, *, strong: bool = False) -> dict[str, Any]:
    return {"label": label, "value": _dinars(amount), "strong": strong}


def _dinars(amount: Money) -> str:
    return in_french(amount.centimes).replace(" ", "\u00a0")


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _address(account: AccountRead) -> list[str]:
    for one in account.addresses or []:
        place = " ".join(
            part for part in (one.postal_code, reference.wilaya(one.wilaya_code).label_fr) if part
        )
        return [*one.lines, place]
    return []


def _house(sheet: OrganizationShown) -> dict[str, str]:
    address = " · ".join(part for part in (sheet.address, sheet.postal_code) if part)
    register = f"RC {sheet.trade_register_number}" if sheet.trade_register_number else None
    licence = f"Agrément {sheet.insurance_license_number}" if sheet.insurance_license_number else None
    footer = " · ".join(part for part in (sheet.name, register, licence, sheet.mobile) if part)
    return {"name": sheet.name or "", "address": address, "footer": footer}
