"""The pipelines that every organization starts with (domain.md B-17); each is data, to be changed at will."""

from typing import Any

Told = dict[str, Any]
_ENDS: list[Told] = [
    {
        "code": "won",
        "label_fr": "Gagnée",
        "label_ar": "مكسوبة",
        "outcome": "won",
        "probability": "1",
        "forecast_category": "closed",
    },
    {
        "code": "lost",
        "label_fr": "Perdue",
        "label_ar": "خاسرة",
        "outcome": "lost",
        "probability": "0",
        "forecast_category": "omitted",
    },
]


def _stage(code: str, label: tuple[str, str], probability: str, category: str, max_days: int) -> Told:
    about = {"code": code, "label_fr": label[0], "label_ar": label[1], "probability": probability}
    return about | {"forecast_category": category, "max_days": max_days}


_QUALIFICATION = "Qualification", "التأهيل"
_NEED = "Analyse du besoin", "تحليل الحاجة"
_QUOTE = "Devis envoyé", "تم إرسال عرض السعر"
_NEGOTIATION = "Négociation", "التفاوض"
_DOCUMENTS = "Pièces en attente", "في انتظار الوثائق"

PIPELINES: tuple[Told, ...] = (
    {
        "code": "new_business",
        "name": "Affaires nouvelles",
        "opportunity_types": ["new_business"],
        "is_default": True,
        "stages": [
            _stage("qualification", _QUALIFICATION, "0.10", "pipeline", 14),
            _stage("need_analysis", _NEED, "0.25", "pipeline", 14),
            _stage("quote_sent", _QUOTE, "0.50", "best_case", 21),
            _stage("negotiation", _NEGOTIATION, "0.70", "commit", 21),
            _stage("documents_pending", _DOCUMENTS, "0.90", "commit", 14),
            *_ENDS,
        ],
    },
    {
        "code": "renewal",
        "name": "Renouvellements",
        "opportunity_types": ["renewal"],
        "stages": [
            _stage("due", ("Échéance à préparer", "تحضير الاستحقاق"), "0.60", "best_case", 30),
            _stage("offer_sent", ("Proposition envoyée", "تم إرسال العرض"), "0.75", "commit", 21),
            _stage("negotiation", _NEGOTIATION, "0.80", "commit", 14),
            _stage("documents_pending", _DOCUMENTS, "0.95", "commit", 14),
            *_ENDS,
        ],
    },
    {
        "code": "cross_sell",
        "name": "Ventes croisées",
        "opportunity_types": ["cross_sell", "up_sell"],
        "stages": [
            _stage("identified", ("Besoin repéré", "حاجة محددة"), "0.15", "pipeline", 21),
            _stage("need_analysis", _NEED, "0.30", "pipeline", 14),
            _stage("quote_sent", _QUOTE, "0.55", "best_case", 21),
            _stage("negotiation", _NEGOTIATION, "0.75", "commit", 14),
            _stage("documents_pending", _DOCUMENTS, "0.90", "commit", 14),
            *_ENDS,
        ],
    },
    {
        "code": "win_back",
        "name": "Reconquête",
        "opportunity_types": ["win_back"],
        "stages": [
            _stage("contact_again", ("Reprise de contact", "إعادة الاتصال"), "0.10", "pipeline", 30),
            _stage("need_analysis", _NEED, "0.20", "pipeline", 14),
            _stage("quote_sent", _QUOTE, "0.40", "best_case", 21),
            _stage("negotiation", _NEGOTIATION, "0.60", "best_case", 14),
            _stage("documents_pending", _DOCUMENTS, "0.85", "commit", 14),
            *_ENDS,
        ],
    },
)
