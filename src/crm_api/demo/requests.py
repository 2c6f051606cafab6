"""A counter that lives: what customers ask, by every channel, at every stage (domain.md F-7)."""

from collections.abc import Sequence
from random import Random
from uuid import UUID

from crm_api.contacts.schemas import ContactQuery
from crm_api.contacts.service import ContactService
from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.tickets.around import Around
from crm_api.tickets.asking import SubRequests
from crm_api.tickets.categories import TicketCategoryService
from crm_api.tickets.incidents import TicketIncidents
from crm_api.tickets.macros import TicketMacros
from crm_api.tickets.models.words import TicketChannel, TicketStatus, TicketType
from crm_api.tickets.schemas.around import TicketLinkCreate
from crm_api.tickets.schemas.content import TicketCreate, TicketMove
from crm_api.tickets.schemas.incidents import TicketIncidentAttach, TicketIncidentCreate
from crm_api.tickets.schemas.macros import TicketMacroCreate
from crm_api.tickets.schemas.messages import TicketMessageCreate
from crm_api.tickets.schemas.setup import TicketCategoryCreate
from crm_api.tickets.schemas.ticket import TicketQuery
from crm_api.tickets.schemas.work import TicketSubRequestCreate
from crm_api.tickets.service import TicketService
from crm_api.tickets.steps import TicketSteps

CHANNELS = (
    TicketChannel.PHONE,
    TicketChannel.PORTAL_MESSAGE,
    TicketChannel.EMAIL,
    TicketChannel.IN_PERSON,
    TicketChannel.SOCIAL,
    TicketChannel.CHAT,
)
WEIGHTS = (45, 20, 15, 12, 5, 3)
_T = TicketType
ASKED: Sequence[tuple[TicketType, str, str, str]] = (
    (
        _T.DOCUMENT_REQUEST,
        "contrats",
        "Attestation non reçue",
        "Je n'ai pas reçu l'attestation de mon contrat.",
    ),
    (_T.CLAIM_FOLLOW_UP, "sinistres", "Où en est mon dossier ?", "L'expert est passé, et depuis plus rien."),
    (_T.QUESTION, "contrats", "Suis-je couvert en Tunisie ?", "Je pars en Tunisie avec ma voiture."),
    (_T.PAYMENT_ISSUE, "paiements", "Paiement CIB refusé", "Ma carte est débitée et la prime reste due."),
    (_T.ENDORSEMENT_REQUEST, "contrats", "Changement de véhicule", "J'ai vendu la Symbol, j'ai une Clio 5."),
    (_T.PORTAL_PROBLEM, "portail", "Impossible de me connecter", "Le code SMS n'arrive jamais."),
    (_T.REQUEST, "contrats", "Relevé d'information", "J'ai besoin d'un relevé pour mon fils."),
    (_T.CALLBACK, "contrats", "Merci de me rappeler", "Après 16h, au sujet de ma multirisque habitation."),
)
CATEGORIES = (
    ("contrats", "Contrats"),
    ("sinistres", "Sinistres"),
    ("paiements", "Paiements"),
    ("portail", "MyAlliance"),
)
ROADS: Sequence[tuple[TicketStatus, ...]] = (
    (),
    (TicketStatus.OPEN,),
    (TicketStatus.PENDING,),
    (TicketStatus.SOLVED,),
    (TicketStatus.OPEN, TicketStatus.ON_HOLD),
    (TicketStatus.SOLVED, TicketStatus.CLOSED),
    (TicketStatus.SOLVED, TicketStatus.OPEN),
)
"""What becomes of the tickets, in turns."""
_NEWEST = TicketQuery(limit=5)
_ANSWER = "Bonjour, nous avons bien reçu votre demande et revenons vers vous."


class RequestDesk:
    """Everything by the verbs of the product."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.dice = Random(20261201)  # noqa: S311 - repeatable, not secret
        self.objects: dict[str, str] = {}
        self._categories: dict[str, UUID] = {}

    async def arrange(self, ctx: Context) -> None:
        """Categories, and a macro of everybody."""
        for place, (code, name) in enumerate(CATEGORIES):
            data = TicketCategoryCreate(code=code, name=name, position=place)
            made = await TicketCategoryService(ctx).create(data)
            self._categories[code] = UUID(str(made.id))
        macro = {"message": {"body": "Votre demande {{ticket.number}} est entre nos mains."}}
        data_of = {"name": "Accusé de réception", "scope": "all", "actions": macro | {"status": "pending"}}
        made_macro = await TicketMacros(ctx).create(TicketMacroCreate.model_validate(data_of))
        self.objects["ticket_macro"] = str(made_macro.id)
        self.objects["ticket_category"] = str(self._categories["contrats"])

    async def receive(self, ctx: Context) -> None:
        """Customers ask, and are answered."""
        people = (await ContactService(ctx).page(ContactQuery(limit=50))).value.data
        for number in range(self.count if people else 0):
            kind, category, subject, said = ASKED[number % len(ASKED)]
            data = TicketCreate(
                subject=subject,
                description=said,
                type=kind,
                channel=self.dice.choices(CHANNELS, WEIGHTS)[0],
                category_id=self._categories[category],
                requester_contact_id=people[number % len(people)].id,
            )
            id = UUID(str((await TicketService(ctx).open(data)).id))
            self.objects.setdefault("ticket", str(id))
            await self._go(ctx, id, ROADS[number % len(ROADS)])

    async def _go(self, ctx: Context, ticket_id: UUID, road: Sequence[TicketStatus]) -> None:
        for step, status in enumerate(road):
            if step == 0:
                moves = None if status is TicketStatus.OPEN else status
                await TicketService(ctx).answer(ticket_id, TicketMessageCreate(body=_ANSWER, status=moves))
            else:
                await TicketSteps(ctx).move(ticket_id, TicketMove(status=status), ANY_VERSION)

    async def share(self, ctx: Context) -> None:
        """A garage is asked, a flood is behind some."""
        ticket_id = UUID(self.objects["ticket"])
        asked = {
            "kind": "garage",
            "addressee": "Garage El Feth, Kouba",
            "question": "Le devis est-il complet ?",
        }
        request = TicketSubRequestCreate.model_validate(asked | {"pauses": True})
        await SubRequests(ctx).send(ticket_id, request)
        flood = TicketIncidentCreate(title="Inondations de Bab El Oued", event_reference="BMS du 29 novembre")
        incident_id = UUID(str((await TicketIncidents(ctx).create(flood)).id))
        self.objects["ticket_incident"] = str(incident_id)
        ids = [ticket_id, *await self._others(ctx, ticket_id)]
        await TicketIncidents(ctx).attach(incident_id, TicketIncidentAttach(ticket_ids=ids))
        if len(ids) > 1:
            await Around(ctx).link(ticket_id, TicketLinkCreate(other_id=ids[1]))

    async def _others(self, ctx: Context, ticket_id: UUID) -> list[UUID]:
        found = (await TicketService(ctx).page(_NEWEST)).value.data
        return [each.id for each in found if each.id != ticket_id]
