"""What the texts say. Merge fields stand for what laws and authorities may change."""

from typing import NamedTuple


class Seed(NamedTuple):
    """One text in one language."""

    code: str
    channel: str
    name: str
    body: str
    subject: str | None = None
    language: str = "fr"
    purpose: str = "transactional"
    format: str = "text"


_FOOT_FR = (
    '<mj-section><mj-column><mj-text font-size="11px">{{ organization.name }}, '
    "{{ organization.address }}<br />{{ reason }}<br />"
    '<a href="{{ unsubscribe_url }}">Se désinscrire</a></mj-text></mj-column></mj-section>'
)
_FOOT_AR = _FOOT_FR.replace("Se désinscrire", "إلغاء الاشتراك")


def _page(words: str, button: str, foot: str) -> str:
    return (
        "<mjml><mj-body><mj-section><mj-column>"
        f'<mj-text>{words}</mj-text><mj-button href="{{{{ url }}}}">{button}</mj-button>'
        f"</mj-column></mj-section>{foot}</mj-body></mjml>"
    )


def _marketing(code: str, name: str, fr: tuple[str, str, str], ar: tuple[str, str, str]) -> tuple[Seed, Seed]:
    """Subject, words and button in both languages."""
    return (
        Seed(code, "email", name, _page(*fr[1:], _FOOT_FR), fr[0], "fr", "marketing", "mjml"),
        Seed(code, "email", name, _page(*ar[1:], _FOOT_AR), ar[0], "ar", "marketing", "mjml"),
    )


TEXTS = (
    Seed(
        *("claim_declared_sms", "sms", "Sinistre déclaré"),
        "{{ organization.name }} : votre déclaration est enregistrée, dossier {{ claim.number }}. "
        "Pièces à fournir et suivi sur MyAlliance : {{ short_url }}",
    ),
    Seed(
        *("claim_docs_missing", "email", "Pièces manquantes"),
        "Il manque {{ count }} pièce(s) à votre dossier {{ claim.number }} : {{ list }}. "
        "Merci de les déposer avant le {{ date }}.",
        "Pièces à fournir : dossier {{ claim.number }}",
    ),
    Seed(
        *("claim_docs_missing", "push", "Pièces manquantes"),
        "Il manque {{ count }} pièce(s) à votre dossier {{ claim.number }} : {{ list }}. "
        "Merci de les déposer avant le {{ date }}.",
    ),
    Seed(
        *("claim_decision_refused", "letter", "Refus de prise en charge"),
        "Après étude de votre dossier, nous ne pouvons donner une suite favorable à votre demande pour le "
        "motif suivant : {{ motive }}.\n\nVous pouvez contester cette décision auprès de notre service "
        "Réclamations ({{ contact }}) ou, à défaut d'accord, saisir la {{ authority }}.",
        "Votre demande, dossier {{ claim.number }}",
    ),
    *(
        Seed(
            *("due_notice", channel, "Avis d'échéance"),
            "AVIS D'ÉCHÉANCE — Votre contrat {{ policy.number }} arrive à échéance le {{ date }}.\n\nLe "
            "montant de la prime est de {{ amount }} DA (prime nette {{ net }}, coût de police {{ fee }}, "
            "taxes et timbres {{ taxes }}).\n\nVous disposez de quinze (15) jours à compter de l'échéance "
            "pour vous en acquitter.",
            "Avis d'échéance : contrat {{ policy.number }}",
        )
        for channel in ("letter", "email")
    ),
    Seed(
        *("formal_notice", "letter", "Mise en demeure"),
        "MISE EN DEMEURE — Sauf erreur ou omission, la prime d'un montant de {{ amount }} DA échue le "
        "{{ date }} demeure impayée.\n\nÀ défaut de paiement dans les trente (30) jours, les garanties de "
        "votre contrat seront suspendues, puis, dix (10) jours après cette suspension, le contrat pourra "
        "être résilié ({{ article }}).",
        "Mise en demeure : contrat {{ policy.number }}",
    ),
    Seed(
        *("reinstated", "sms", "Garanties rétablies"),
        "Votre paiement est recu. Vos garanties reprennent effet le {{ date }} a 12h00. "
        "Contrat {{ policy.number }}.",
    ),
    Seed(
        *("complaint_ack", "email", "Accusé de réclamation"),
        "Nous accusons réception de votre réclamation n° {{ number }} du {{ date }}. Une réponse vous sera "
        "adressée au plus tard le {{ due }}.",
        "Votre réclamation n° {{ number }}",
    ),
    Seed(
        *("quote_sent", "email", "Devis envoyé"),
        "Votre devis {{ quote.number }} : {{ total }} DA TTC, valable jusqu'au {{ valid_until }}. "
        "Consultez-le et souscrivez en ligne : {{ url }}",
        "Votre devis {{ quote.number }}",
    ),
    Seed(
        *("quote_sent", "sms", "Devis envoyé"),
        "Votre devis {{ quote.number }} : {{ total }} DA TTC, valable jusqu'au {{ valid_until }}. "
        "Consultez-le et souscrivez en ligne : {{ url }}",
    ),
    Seed(
        *("csat", "sms", "Satisfaction"),
        "Comment évaluez-vous le traitement de votre demande {{ number }} ? De 1 (très insatisfait) à 5 "
        "(très satisfait) : {{ url }}",
    ),
    Seed(
        *("csat", "email", "Satisfaction"),
        "Comment évaluez-vous le traitement de votre demande {{ number }} ? De 1 (très insatisfait) à 5 "
        "(très satisfait) : {{ url }}",
        "Votre avis sur votre demande {{ number }}",
    ),
    Seed(
        *("nps", "email", "Recommandation"),
        "Sur une échelle de 0 à 10, recommanderiez-vous {{ organization.name }} à un proche ? {{ url }}",
        "Nous recommanderiez-vous ?",
    ),
    Seed(
        *("dsr_answer", "letter", "Réponse à une demande d'effacement"),
        "Conformément à la {{ law }}, nous avons supprimé les données suivantes : {{ deleted }}.\n\nLes "
        "données suivantes sont conservées jusqu'au {{ date }} au titre de {{ basis }} : {{ kept }}.",
        "Vos données personnelles",
    ),
    *_marketing(
        *("renewal_marketing", "Renouvellement, variante A"),
        (
            "Votre assurance auto arrive à échéance : renouvelez en 3 minutes",
            "Bonjour {{ first_name }},<br />votre contrat arrive à échéance"
            "{% if policy.expires_on %} le {{ policy.expires_on }}{% endif %}.",
            "Renouveler",
        ),
        (
            "تأمين سيارتك يشرف على الانتهاء: جدّده في 3 دقائق",
            "مرحبا {{ first_name }}،<br />ينتهي عقدك قريبا"
            "{% if policy.expires_on %} في {{ policy.expires_on }}{% endif %}.",
            "تجديد",
        ),
    ),
    *_marketing(
        *("renewal_marketing_b", "Renouvellement, variante B"),
        (
            "{{ first_name }}, gardez votre protection sans interruption",
            "Bonjour {{ first_name }},<br />gardez votre protection sans un jour d'interruption.",
            "Renouveler",
        ),
        (
            "{{ first_name }}، حافظ على حمايتك دون انقطاع",
            "مرحبا {{ first_name }}،<br />حافظ على حمايتك.",
            "تجديد",
        ),
    ),
    *_marketing(
        *("welcome", "Bienvenue"),
        (
            "Bienvenue chez {{ organization.name }}",
            "Bonjour {{ first_name }},<br />merci de votre confiance. Votre agence : {{ agency.name }}.",
            "Mon espace",
        ),
        ("مرحبا بك", "مرحبا {{ first_name }}،<br />شكرا على ثقتك. وكالتك: {{ agency.name }}.", "فضائي"),
    ),
    *_marketing(
        *("birthday", "Anniversaire"),
        (
            "Joyeux anniversaire {{ first_name }}",
            "Toute l'équipe de {{ agency.name | default: 'votre agence' }} vous souhaite une belle journée.",
            "Découvrir",
        ),
        ("عيد ميلاد سعيد {{ first_name }}", "نتمنى لك عيد ميلاد سعيدا.", "اكتشف"),
    ),
    *_marketing(
        *("win_back", "Reconquête"),
        (
            "{{ first_name }}, revenez protéger ce qui compte",
            "Bonjour {{ first_name }},<br />votre agence vous propose un devis sans engagement.",
            "Mon devis",
        ),
        (
            "{{ first_name }}، عد لحماية ما يهمك",
            "مرحبا {{ first_name }}،<br />نقترح عليك عرضا دون التزام.",
            "عرضي",
        ),
    ),
)
