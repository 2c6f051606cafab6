"""The answer on paper: French, one letter, with the way to go on for who does not agree."""

from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from crm_api.agencies.service import AgencyService
from crm_api.complaints.errors import ComplaintAnswerMissing
from crm_api.complaints.models import Complaint, ComplaintDecision, ComplaintStatus
from crm_api.complaints.repository import ComplaintRepository
from crm_api.core import paper
from crm_api.core.context import Context
from crm_api.kit.clock import ALGIERS, today
from crm_api.kit.errors import NotFound
from crm_api.kit.later import later
from crm_api.kit.money import in_french
from crm_api.organizations.errors import NoLogo
from crm_api.organizations.schemas import OrganizationShown
from crm_api.organizations.service import OrganizationService
from crm_api.reference import service as reference
from crm_api.users.service import UserService

if TYPE_CHECKING:
    import typst
else:
    typst = later("typst")

_TEMPLATE = resources.files(__package__).joinpath("letter.typ").read_text("utf-8")
_PICTURES = {"image/png": "logo.png", "image/jpeg": "logo.jpg", "image/svg+xml": "logo.svg"}
_DECIDED = {
    ComplaintDecision.UPHELD: "Après examen, votre réclamation est fondée.",
    ComplaintDecision.PARTLY: "Après examen, votre réclamation est fondée en partie.",
    ComplaintDecision.REJECTED: (
        "Après examen, nous ne pouvons donner une suite favorable à votre réclamation."
    ),
}


class PrintedLetter(NamedTuple):
    """A page to send."""

    name: str
    content: bytes


class ComplaintPaper:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def print(self, complaint_id: UUID) -> PrintedLetter:
        """As it stands; a draft says so across the page. Raises NotFound, ComplaintAnswerMissing."""
        repository = ComplaintRepository(self.ctx)
        await repository.get(complaint_id)
        complaint = await repository.load(complaint_id)
        if complaint.answer_text is None:
            raise ComplaintAnswerMissing
        return await self.of(complaint)

    async def of(self, complaint: Complaint) -> PrintedLetter:
        data, pictures = await self._data(complaint), await self._logo()
        data["logo"] = next(iter(pictures), None)
        try:
            page = await paper.printed(_TEMPLATE, data, pictures)
        except typst.TypstError:  # a logo that no program can draw spoils no letter
            page = await paper.printed(_TEMPLATE, data | {"logo": None}, {})
        return PrintedLetter(f"{complaint.number}-reponse.pdf", page)

    async def _data(self, complaint: Complaint) -> dict[str, Any]:
        drafted = complaint.status is ComplaintStatus.INVESTIGATING
        amount = complaint.compensation_amount
        received = complaint.received_at.astimezone(ALGIERS).date()
        return {
            "number": complaint.number,
            "mark": "PROJET" if drafted else None,
            "organization": _house(await OrganizationService(self.ctx).shown()),
            "complainant": complaint.complainant_name or "Madame, Monsieur",
            "reference": complaint.external_reference,
            "received": f"{received:%d/%m/%Y}",
            "decision": _DECIDED[ComplaintDecision(complaint.decision)] if complaint.decision else "",
            "paragraphs": [part for part in (complaint.answer_text or "").splitlines() if part.strip()],
            "compensation": in_french(amount.centimes).replace(" ", "\u00a0")
            if amount is not None and amount.centimes
            else None,
            "signature": await self._signature(complaint.answer_approved_by_id),
            "city": await self._city(complaint.agency_id),
            "date": f"{today():%d/%m/%Y}",
            "logo": None,
        }

    async def _signature(self, user_id: UUID | None) -> str | None:
        if user_id is None:
            return None
        try:
            user = (await UserService(self.ctx).get(user_id)).value
        except NotFound:  # a client of the API approved it
            return None
        return f"{user.first_name} {user.last_name.upper()}"

    async def _city(self, agency_id: UUID | None) -> str:
        if agency_id is None:
            return "Alger"
        try:
            agency = (await AgencyService(self.ctx).get(agency_id)).value
        except NotFound:
            return "Alger"
        return reference.wilaya(agency.wilaya_code).label_fr if agency.wilaya_code else agency.name

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
