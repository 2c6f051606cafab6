"""What is not for a machine to answer: told by words, before anything is looked up (domain.md B-34).

A false alarm costs a hand-over, a miss may cost more: the lists are wide.
"""

import re
from enum import StrEnum

from crm_api.kit.text import fold


class Intent(StrEnum):
    """Why a question is not answered from the knowledge base."""

    PERSON = "person"
    INJURY_OR_DEATH = "injury_or_death"
    COMPLAINT = "complaint"
    DECISION = "decision"
    GREETING = "greeting"


_PERSON = (
    r"^\W*(un |le |mon |votre )?(conseiller|conseillere|humain|agent|personne|operateur)\W*"
    r"(svp|s'il vous plait)?\W*$",
    r"\b(parler|discuter|echanger|contacter|joindre|avoir|passer?)\b.{0,30}\b(conseiller|conseillere|humain"
    r"|etre humain|vraie? personne|une personne|quelqu'un|un agent|un operateur|responsable)\b"
    r"(?!.{0,30}\brendez)",
    r"\brappelez[- ]moi\b|\b(talk|speak) to (a|an) (human|person|agent)\b",
    r"(مستشار|موظف|شخص حقيقي|التحدث مع|اتكلم مع)",
)
_INJURY_OR_DEATH = (
    r"\b(blesse(e|s|es)?|blessures?|victimes?|deces|decede(e|s|es)?|mort(e|s|es)?|tue(e|s|es)?|coma"
    r"|ambulances?|paralyse(e|s)?|handicap(e|ee)?|corporels?|fracture(s|e)?|enterrement)\b"
    r"(?!.{0,24}\b(vaches?|moutons?|animal|animaux|betail|cheptel|volailles?|poules?)\b)",
    r"\b(injured|wounded|died|dead|killed)\b",
    r"(جريح|جرحي|جرح|وفاه|توفي|مات|قتيل|ضحيه|اصابه)",
)
_COMPLAINT = (
    r"\b(reclamations?|plainte contre vous|mecontent(e|s|es)?|scandal\w*|inadmissible|inacceptable"
    r"|arnaque[ur]*|honteux|incompetents?|escrocs?|vous (m'|nous )avez (menti|trompe|vole))\b",
    r"\b(complaint|unacceptable)\b",
    r"(شكوي|شكايه|احتجاج|فضيحه)",
)
_DECISION = (
    r"\b(qui|suis[- ]je|est[- ](il|elle)|je suis|sera)\b.{0,20}\b(responsable|en tort|fautif)\b",
    r"\b(est[- ]ce que je|suis[- ]je|serai[- ]je|vais[- ]je|je) "
    r"(suis |serai |vais etre |etre )?(bien |sera )?"
    r"(couverte?|indemnisee?|remboursee?|assuree? (pour|contre))\b",
    r"\b(allez|pouvez|devez|comptez)[- ]vous\b.{0,20}\b(m'|me |nous )?"
    r"(indemniser|rembourser|accepter|promettre|garantir|prendre en charge)",
    r"\bcombien\b.{0,20}\b(toucher|recevoir|percevoir|allez[- ]vous (me )?(payer|verser|rembourser))",
    r"\b(mon|ce|le) (dossier|sinistre|recours)\b.{0,25}\b(accepte|refuse|valide)",
    r"\b(attaquer|poursuivre|assigner|porter plainte)\b.{0,30}"
    r"\b(justice|tribunal|assurance|compagnie|contre)",
    r"\b(est[- ]ce|c'est|est il) (bien )?(legal|illegal|une fraude)\b|\bai[- ]je raison\b",
    r"(هل ستعوض|كم ساخذ|كم ساتلقي|من المسوول)",
)
_GREETING = (
    r"^\W*(bonjour|bonsoir|salut|salam|azul|hello|merci( beaucoup)?|ok|d'accord|السلام عليكم|مرحبا|شكرا)\W*$"
)
_READ = tuple(
    (intent, tuple(re.compile(form) for form in forms))
    for intent, forms in (
        (Intent.INJURY_OR_DEATH, _INJURY_OR_DEATH),
        (Intent.PERSON, _PERSON),
        (Intent.COMPLAINT, _COMPLAINT),
        (Intent.DECISION, _DECISION),
        (Intent.GREETING, (_GREETING,)),
    )
)


def intent_of(question: str) -> Intent | None:
    """The gravest one; None: the knowledge base may answer."""
    text = fold(question)
    for intent, forms in _READ:
        if any(form.search(text) for form in forms):
            return intent
    return None
