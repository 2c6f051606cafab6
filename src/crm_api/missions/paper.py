"""The order on paper: French, one page, with the logo, room to sign, and a code that proves it."""

import re
from datetime import date
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from crm_api.agencies.service import AgencyService
from crm_api.core import paper
from crm_api.core.context import Context
from crm_api.kit.clock import ALGIERS, today
from crm_api.kit.later import later
from crm_api.kit.money import Money, in_french
from crm_api.missions.models import MissionStatus
from crm_api.missions.proof import ProofService
from crm_api.missions.repository import MissionOrderRepository
from crm_api.missions.schemas import MissionOrderRead
from crm_api.organizations.errors import NoLogo
from crm_api.organizations.schemas import OrganizationShown
from crm_api.organizations.service import OrganizationService
from crm_api.reference import service as reference
from crm_api.reference.models import LabelLanguage
from crm_api.users.schemas import UserRead
from crm_api.users.service import UserService

if TYPE_CHECKING:
    import typst
else:
    typst = later("typst")

_TEMPLATE = resources.files(__package__).joinpath("order.typ").read_text("utf-8")
_AGENCY = re.compile("^agence (de |d')?", re.IGNORECASE)
"""The sentence says "agence" already."""
_PICTURES = {"image/png": "logo.png", "image/jpeg": "logo.jpg", "image/svg+xml": "logo.svg"}
_MARKS = {MissionStatus.DRAFT: "PROJET", MissionStatus.CANCELLED: "ANNULÉ"}


class Printed(NamedTuple):
    name: str
    content: bytes
    version: int


class MissionPaper:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.orders = MissionOrderRepository(ctx)

    async def print(self, mission_order_id: UUID, *, as_: paper.Format = "pdf") -> Printed:
        """A draft and a cancelled order say so across the page, and prove nothing."""
        order = (await self.orders.get(mission_order_id)).value
        data, pictures = await self._data(order), await self._logo()
        data["logo"] = next(iter(pictures), None)
        if order.status not in _MARKS:
            proof = await ProofService(self.ctx).of(order.id)
            data["proof"], pictures["qr.svg"] = proof._asdict(), paper.qr_code(proof.url)
        try:
            page = await paper.printed(_TEMPLATE, data, pictures, as_=as_)
        except typst.TypstError:  # a logo that no program can draw spoils no order
            page = await paper.printed(_TEMPLATE, data | {"logo": None}, pictures, as_=as_)
        return Printed(f"{order.number}.{as_}", page, order.version)

    async def _data(self, order: MissionOrderRead) -> dict[str, Any]:
        agency = (await AgencyService(self.ctx).get(order.agency_id)).value
        assignee = (await UserService(self.ctx).get(order.assignee_user_id)).value
        issuer = (await UserService(self.ctx).get(order.issued_by_id)).value if order.issued_by_id else None
        on = order.issued_at.astimezone(ALGIERS).date() if order.issued_at else today()
        name = _name(assignee)
        return {
            "number": order.number,
            "mark": _MARKS.get(order.status),
            "organization": _house(await OrganizationService(self.ctx).shown()),
            "assignee": {"name": f"M./Mme {name}", "plain": name, "job": assignee.job_title},
            "issuer": _name(issuer) if issuer else None,
            "agency": f"{_AGENCY.sub('', agency.name)} ({agency.code})",
            "place": order.place,
            "wilaya": _wilaya(order.wilaya_code),
            "start": _day(order.starts_on),
            "end": _day(order.ends_on),
            "objective": [part for part in order.objective.splitlines() if part.strip()],
            "type": _label("mission_order.type", order.type),
            "duration": _days((order.ends_on - order.starts_on).days + 1),
            "target": _target(order),
            "transport": order.transport_mode
            and _label("mission_order.transport_mode", order.transport_mode),
            "advance": order.advance_amount and _dinars(order.advance_amount),
            "city": _wilaya(agency.wilaya_code) or agency.name,
            "date": _day(on),
            "logo": None,
            "proof": None,
        }

    async def _logo(self) -> dict[str, bytes]:
        try:
            logo = await OrganizationService(self.ctx).logo()
        except NoLogo:
            return {}
        return {_PICTURES[logo.media_type]: logo.data}


def _house(sheet: OrganizationShown) -> dict[str, str]:
    address = " · ".join(part for part in (sheet.address, sheet.postal_code) if part)
    register = f"RC {sheet.trade_register_number}" if sheet.trade_register_number else None
    licence = f"Agrément {sheet.insurance_license_number}" if sheet.insurance_license_number else None
    footer = " · ".join(part for part in (sheet.name, register, licence, sheet.mobile) if part)
    return {"name": sheet.name or "", "address": address, "footer": footer}


def _name(user: UserRead) -> str:
    return f"{user.first_name} {user.last_name.upper()}"


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _days(count: int) -> str:
    return "1 jour" if count == 1 else f"{count} jours"


def _dinars(amount: Money) -> str:
    return in_french(amount.centimes).replace(" ", "\u00a0")


def _target(order: MissionOrderRead) -> str | None:
    if order.target_value is None:
        return None
    return f"{order.target_value:f} {order.target_metric or ''}".strip().replace(".", ",", 1)


def _wilaya(code: str | None) -> str | None:
    return reference.wilaya(code).label_fr if code else None


def _label(enum: str, value: str | None) -> str | None:
    return value and reference.enums(LabelLanguage.FR)[enum][value]
