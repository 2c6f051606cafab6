"""A living inbox for the demonstration: mails and messages of customers, some answered, some waiting."""

from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from typing import NamedTuple
from uuid import UUID

from crm_api.channels.filing import Filing
from crm_api.channels.models.inboxes import ChannelKind
from crm_api.channels.models.messages import InboundSource
from crm_api.channels.receiving import Receiving, Told
from crm_api.channels.schemas.setup import InboxChannelCreate, InboxCreate
from crm_api.channels.service import InboxChannelService, InboxService
from crm_api.core.context import Context
from crm_api.tickets.schemas.messages import TicketMessageCreate
from crm_api.tickets.service import TicketService


class Written(NamedTuple):
    name: str
    address: str
    subject: str
    text: str
    answer: str | None = None


MAILS: Sequence[Written] = (
    Written(
        "Karim Bouchareb",
        "karim.bouchareb@exemple.dz",
        "Attestation non reçue",
        "Bonjour,\n\nJe n'ai pas reçu l'attestation de mon contrat auto.\n\nCordialement,\nKarim",
        "Bonjour, votre attestation part aujourd'hui par e-mail.",
    ),
    Written(
        "Samira Haddad",
        "s.haddad@exemple.dz",
        "Changement d'adresse",
        "Bonjour, nous avons déménagé à Hydra. Que faut-il vous envoyer pour le contrat habitation ?",
        "Bonjour, une copie du bail suffit ; l'avenant est gratuit.",
    ),
    Written(
        "Transports Aurès",
        "compta@aures-transports.exemple.dz",
        "Facture flotte 2026",
        "Bonjour,\nLa facture de la flotte compte deux fois le camion 00123-116-16. Merci de la corriger.",
    ),
    Written(
        "Yacine Mebarki",
        "y.mebarki@exemple.dz",
        "Expertise de ma Symbol",
        "L'expert devait passer jeudi et n'est pas venu. Quand puis-je espérer son rapport ?",
    ),
    Written(
        "Nadia Cherif",
        "nadia.cherif@exemple.dz",
        "Résiliation",
        "Je souhaite savoir comment résilier mon contrat à l'échéance du 15 janvier.",
    ),
)
CHATS: Sequence[tuple[str, str]] = (
    ("+213770112233", "Salam, combien coûte la tous risques pour une Clio 2022 ?"),
    ("+213661445566", "Le garage agréé de Blida est fermé, lequel est le plus proche ?"),
    ("+213555778899", "Bonjour, j'ai perdu ma carte verte."),
)
AWAY = Written(
    "Lyes Amrani",
    "l.amrani@exemple.dz",
    "Réponse automatique : absence",
    "Je suis absent jusqu'au 6 décembre.",
)


async def correspond(ctx: Context, domain: str, agency_id: UUID | None) -> dict[str, str]:
    """Inboxes, channels, and what came in by them; one id of each kind."""
    ctx.begin()
    inbox = InboxCreate(name="Service clients", signature="Le service clients")
    inbox_id = UUID(str((await InboxService(ctx).create(inbox)).id))
    made = {"inbox": str(inbox_id)}
    channels = {}
    kinds: list[tuple[ChannelKind, str, str, UUID | None]] = [
        (ChannelKind.EMAIL, "Service clients", f"support@{domain}", None),
        (ChannelKind.WHATSAPP, "WhatsApp", "+213770000000", None),
        (ChannelKind.PORTAL_MESSAGE, "Messagerie MyAlliance", "portail", None),
    ]
    if agency_id is not None:
        kinds.append((ChannelKind.IN_PERSON, "Guichet", f"guichet-{agency_id}", agency_id))
    for kind, name, address, agency in kinds:
        data = InboxChannelCreate(inbox_id=inbox_id, kind=kind, name=name, address=address, agency_id=agency)
        channels[kind] = UUID(str((await InboxChannelService(ctx).create(data)).id))
    for number, written in enumerate((*MAILS, AWAY)):
        made |= await _mailed(ctx, channels[ChannelKind.EMAIL], written, f"support@{domain}", number)
    await _chatted(ctx, channels[ChannelKind.WHATSAPP])
    return made


async def _mailed(ctx: Context, channel_id: UUID, written: Written, to: str, number: int) -> dict[str, str]:
    message = EmailMessage(policy=SMTP)
    message["From"] = f"{written.name} <{written.address}>"
    message["To"], message["Subject"] = to, written.subject
    message["Message-ID"] = f"<demo-{number}@exemple.dz>"
    message.set_content(written.text)
    accepted = await Receiving(ctx).mail(channel_id, message.as_bytes(), InboundSource.LMTP, envelope_to=to)
    ticket_id = await _filed(ctx, accepted.id)
    if written.answer is not None and ticket_id is not None:
        await TicketService(ctx).answer(ticket_id, TicketMessageCreate(body=written.answer))
    return {"inbound_message": str(accepted.id)}


async def _chatted(ctx: Context, channel_id: UUID) -> None:
    channel = await InboxChannelService(ctx).row(channel_id)
    assert channel is not None  # noqa: S101 - opened a moment ago
    for number, (phone, text) in enumerate(CHATS):
        told = Told(
            external_id=f"demo-{number}",
            sender=phone,
            sender_name=None,
            subject=None,
            thread_key=phone,
            content={"text": text},
            size=len(text.encode()),
        )
        accepted = await Receiving(ctx).told(channel, told, InboundSource.API)
        await _filed(ctx, accepted.id)


async def _filed(ctx: Context, message_id: UUID) -> UUID | None:
    """At once; its job finds nothing to do any more."""
    return await Filing(ctx).file(message_id)
