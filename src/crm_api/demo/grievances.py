"""Complaints at every stage: one that waits, one under way, one for the supervisor, one that is over."""

from uuid import UUID

from crm_api.complaints.answering import Answering
from crm_api.complaints.models import ComplaintCategory, ComplaintDecision, ComplaintRecipient
from crm_api.complaints.schemas.complaint import ComplaintCreate
from crm_api.complaints.schemas.steps import ComplaintAnswerDraft, ComplaintClose
from crm_api.complaints.service import ComplaintService
from crm_api.complaints.steps import ComplaintSteps
from crm_api.contacts.schemas import ContactQuery
from crm_api.contacts.service import ContactService
from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.tickets.models.words import TicketChannel

_C = ComplaintCategory
SAID = (
    (_C.CLAIM_DELAY, "Règlement en retard", "Mon sinistre attend depuis deux mois."),
    (_C.INDEMNITY_AMOUNT, "Indemnité trop faible", "Le devis du garage est deux fois plus élevé."),
    (_C.REFUSAL, "Refus sans explication", "Le ministère vous écrit pour moi."),
    (_C.BEHAVIOUR, "Accueil en agence", "On m'a fait attendre sans un mot."),
)
_ANSWER = ComplaintAnswerDraft(
    decision=ComplaintDecision.UPHELD,
    answer_text="Votre dossier a été réexaminé ; le règlement intervient sous huit jours.",
)


class GrievanceDesk:
    """Everything by the verbs of the product: who writes an answer does not approve it."""

    def __init__(self) -> None:
        self.objects: dict[str, str] = {}
        self._answered: UUID | None = None

    async def receive(self, ctx: Context) -> None:
        people = (await ContactService(ctx).page(ContactQuery(limit=len(SAID)))).value.data
        for number, ((category, subject, said), person) in enumerate(zip(SAID, people, strict=False)):
            passed_on = category is _C.REFUSAL
            data = ComplaintCreate(
                subject=subject,
                description=said,
                category=category,
                channel=TicketChannel.LETTER if passed_on else TicketChannel.EMAIL,
                recipient=ComplaintRecipient.MINISTRY if passed_on else ComplaintRecipient.COMPANY,
                external_reference="MF/DGT/2026/1187" if passed_on else None,
                requester_contact_id=person.id,
            )
            id = UUID(str((await ComplaintService(ctx).open(data)).id))
            self.objects.setdefault("complaint", str(id))
            if number:
                await ComplaintSteps(ctx).acknowledge(id, ANY_VERSION)
            if number > 1:
                await ComplaintSteps(ctx).investigate(id, ANY_VERSION)
            if number == len(SAID) - 1:
                await Answering(ctx).draft(id, _ANSWER, ANY_VERSION)
                self._answered = id

    async def settle(self, ctx: Context) -> None:
        """By somebody else."""
        if self._answered is None:
            return
        await Answering(ctx).approve(self._answered, ANY_VERSION)
        await ComplaintSteps(ctx).accept(self._answered, ANY_VERSION)
        close = ComplaintClose(root_cause="Accueil en sous-effectif")
        await ComplaintSteps(ctx).close(self._answered, close, ANY_VERSION)
