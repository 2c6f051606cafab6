"""What a relationship is called from either end, in the languages of the house."""

from collections.abc import Mapping

from crm_api.reference import service as reference
from crm_api.reference.models import LabelLanguage
from crm_api.relationships.models import RelationshipType

Labels = Mapping[str, str]
INVERSE: Mapping[RelationshipType, Labels] = {
    RelationshipType.GUARDIAN_OF: {"fr": "Pupille de", "en": "Ward of", "ar": "تحت ولاية"},
    RelationshipType.EMPLOYEE_OF: {"fr": "Employeur de", "en": "Employer of", "ar": "مستخدم"},
    RelationshipType.DIRECTOR_OF: {"fr": "Dirigé par", "en": "Directed by", "ar": "يسيره"},
    RelationshipType.BENEFICIAL_OWNER_OF: {
        "fr": "A pour bénéficiaire effectif",
        "en": "Beneficially owned by",
        "ar": "مستفيده الحقيقي",
    },
    RelationshipType.BROKER_OF: {
        "fr": "Client du courtier",
        "en": "Client of the broker",
        "ar": "زبون السمسار",
    },
    RelationshipType.REFERRED_BY: {"fr": "A recommandé", "en": "Referred", "ar": "أوصى بـ"},
}
"""Where the way back is no type of its own."""
MIRRORED: Mapping[RelationshipType, RelationshipType] = {
    RelationshipType.SPOUSE_OF: RelationshipType.SPOUSE_OF,
    RelationshipType.SIBLING_OF: RelationshipType.SIBLING_OF,
    RelationshipType.CHILD_OF: RelationshipType.PARENT_OF,
    RelationshipType.PARENT_OF: RelationshipType.CHILD_OF,
}


def label_of(kind: RelationshipType) -> Labels:
    return {
        str(language.value): reference.enums(language)["relationship.type"][kind]
        for language in LabelLanguage
    }


def inverse_label_of(kind: RelationshipType) -> Labels:
    mirrored = MIRRORED.get(kind)
    return label_of(mirrored) if mirrored else INVERSE[kind]
