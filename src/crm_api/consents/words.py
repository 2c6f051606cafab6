"""The words of the house: what a yes in the preference centre says, and what an asking asks."""

from collections.abc import Mapping

CENTRE, ASKING = "centre-2026-12", "demande-2026-12"
"""Versions. Whoever changes the words below changes these."""
_CENTRE = {
    "fr": "J'accepte que {organization} utilise mes coordonnées pour ce que j'autorise ci-dessous, et pour "
    "rien d'autre. Je peux changer d'avis à tout moment, par ce même lien, sans motif et sans frais.",
    "ar": "أوافق على أن تستعمل {organization} بياناتي لما أسمح به أدناه لا غير. يمكنني تغيير رأيي في أي وقت "
    "عبر هذا الرابط نفسه، دون سبب ودون مقابل.",
    "en": "I agree that {organization} uses my contact details for what I allow below, and for nothing else. "
    "I can change my mind at any time, by this same link, without a reason and free of charge.",
}
_ASKING = {
    "fr": "J'accepte de recevoir les offres de {organization} par les moyens nommés ici. Je peux retirer cet "
    "accord à tout moment, par le lien de chaque message, sans motif et sans frais.",
    "ar": "أوافق على تلقي عروض {organization} بالوسائل المذكورة هنا. يمكنني سحب هذه الموافقة في أي وقت عبر "
    "الرابط الموجود في كل رسالة، دون سبب ودون مقابل.",
    "en": "I agree to receive offers of {organization} by the ways named here. I can withdraw this consent "
    "at any time, by the link in every message, without a reason and free of charge.",
}
_HOUSE: Mapping[str, Mapping[str, str]] = {CENTRE: _CENTRE, ASKING: _ASKING}
LEAVING = {
    "fr": (
        "Ouvrir cette page ne change rien. Pour ne plus recevoir ces messages, confirmez (POST vers cette "
        "même adresse).",
        "C'est fait : vous ne recevrez plus ces messages.",
    ),
    "ar": (
        "فتح هذه الصفحة لا يغير شيئا. لإيقاف هذه الرسائل أكّد الطلب (POST إلى العنوان نفسه).",
        "تم: لن تصلكم هذه الرسائل بعد الآن.",
    ),
    "en": (
        "Opening this page changes nothing. To receive these messages no more, confirm (POST to this same "
        "address).",
        "Done: you will receive these messages no more.",
    ),
}
"""Before, and after."""


def words_of_the_house(text_version: str, language: str, organization: str) -> str | None:
    """None: not words of ours."""
    known = _HOUSE.get(text_version)
    return known[spoken(language)].format(organization=organization) if known else None


def spoken(language: str) -> str:
    """One of the three in which the house writes; French to everybody else."""
    return language if language in _CENTRE else "fr"
