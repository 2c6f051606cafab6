"""The knowledge base of the demonstration: articles for policyholders in Algeria, some for the staff only.

`data/articles.txt` has a head for each article, `## slug | category | audience | title`, a line of other
words for it, `@ ...`, then its text. What they say of the law is what domain.md says (0.6), and no more.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.kit.clock import today
from crm_api.knowledge.canned import CannedService
from crm_api.knowledge.furnishing import Approved, furnish
from crm_api.knowledge.gaps import GapService
from crm_api.knowledge.models.article import KbAudience, KbLanguage
from crm_api.knowledge.models.replies import AutoReplyTrigger, CannedScope
from crm_api.knowledge.ruling import AutoReplyRules
from crm_api.knowledge.schemas.reading import KbGapCreate
from crm_api.knowledge.schemas.replies import AutoReplyCreate, CannedResponseCreate

_YEAR = timedelta(days=365)


@cache
def articles() -> tuple[Approved, ...]:
    return tuple(_read(resources.files("crm_api.demo").joinpath("data", "articles.txt").read_text("utf-8")))


def _read(text: str) -> Iterator[Approved]:
    for part in text.split("\n## "):
        head, _, rest = part.strip().removeprefix("## ").partition("\n")
        slug, category, audience, title = (cell.strip() for cell in head.split("|"))
        words, _, body = rest.partition("\n")
        keywords = [word.strip() for word in words.removeprefix("@").split(",")]
        yield Approved(slug, KbLanguage.FR, title, body.strip(), category, KbAudience(audience), keywords)


async def stock(ctx: Context, owner_id: UUID | None) -> dict[str, str]:
    """All of them, published; one id of each kind."""
    ids = await furnish(ctx, articles(), owner_id=owner_id, review_due_on=today() + _YEAR)
    return {"kb_article": str(ids[0])}


CANNED = (
    (
        "Accusé de réception",
        "accueil",
        "Bonjour {{customer.name}}, votre demande {{ticket.number}} est enregistrée.",
    ),
    (
        "Pièces manquantes",
        "sinistre",
        "Pour le dossier {{claim.number}}, il nous manque une pièce avant le {{due}}.",
    ),
    ("Expertise", "sinistre", "Un expert vous contactera pour le dossier {{claim.number}}."),
    (
        "Règlement effectué",
        "sinistre",
        "Le règlement de {{amount}} DA du dossier {{claim.number}} est parti.",
    ),
    ("Attestation prête", "documents", "Votre attestation est disponible dans MyAlliance : {{url}}"),
    ("Échéance proche", "contrat", "Votre contrat {{policy.number}} arrive à échéance le {{due}}."),
    ("Quittance impayée", "paiement", "La quittance {{receipt.number}} de {{amount}} DA reste à payer."),
    ("Paiement reçu", "paiement", "Nous avons bien reçu votre paiement de {{amount}} DA. Merci."),
    (
        "Réclamation reçue",
        "reclamation",
        "Réclamation n° {{complaint.number}} : réponse au plus tard le {{due}}.",
    ),
    ("Rendez-vous", "accueil", "Rendez-vous confirmé le {{date}} à l'agence {{agency.name}}."),
    ("Transmis au service", "accueil", "Votre demande {{ticket.number}} est transmise au service concerné."),
    (
        "Clôture",
        "accueil",
        "Votre demande {{ticket.number}} est résolue. {{agent.name}}, {{organization.name}}",
    ),
)
REPLIES: tuple[dict[str, Any], ...] = (
    {
        "name": "Fermeture",
        "trigger": AutoReplyTrigger.OUT_OF_HOURS,
        "position": 10,
        "body_fr": "Nos bureaux sont fermés. Nous vous répondons à partir du {{opening}}.",
        "body_ar": "مكاتبنا مغلقة. سنجيبكم ابتداء من {{opening}}.",
    },
    {
        "name": "Accusé de réception",
        "trigger": AutoReplyTrigger.TICKET_CREATED,
        "body_fr": "Votre message est bien reçu sous le numéro {{ticket.number}}.",
        "body_ar": "وصلتنا رسالتكم تحت الرقم {{ticket.number}}.",
    },
    {
        "name": "Attestation",
        "trigger": AutoReplyTrigger.KEYWORD,
        "keywords": ["attestation", "duplicata"],
        "position": 50,
        "body_fr": "Votre attestation se télécharge aussi dans MyAlliance, rubrique Documents.",
    },
)
ASKED = ("Assurez-vous les drones ?", "Avez-vous une assurance scolaire ?", "Couvrez-vous la Omra ?")


async def furnish_library(ctx: Context, owner_id: UUID) -> dict[str, str]:
    """Articles, canned responses, automatic replies, and some questions that nothing answers yet."""
    made = await stock(ctx, owner_id)
    for title, category, body in CANNED:
        response = CannedResponseCreate(title=title, category=category, body_fr=body, scope=CannedScope.ALL)
        made["canned_response"] = str((await CannedService(ctx).create(response)).value.id)
    for rule in REPLIES:
        reply = await AutoReplyRules(ctx).create(AutoReplyCreate.model_validate(rule))
        made["auto_reply"] = str(reply.value.id)
    for question in ASKED:
        await GapService(ctx).report(KbGapCreate(question=question))
    return made
