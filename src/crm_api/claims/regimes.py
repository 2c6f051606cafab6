"""By which rules a claim is settled: proposed by the house, chosen by the handler (B-27)."""

from crm_api.claims.clocks import CATASTROPHES
from crm_api.claims.models.claim import Claim
from crm_api.claims.models.words import ClaimCause, ClaimRegime
from crm_api.claims.repository.cover import Cover
from crm_api.claims.schemas.settings import ClaimSettingsPut

_ASSISTED = frozenset({ClaimCause.TRAVEL_ASSISTANCE})
_OF_OTHERS = frozenset({ClaimCause.THIRD_PARTY_LIABILITY, ClaimCause.BODILY_INJURY})


def proposed_regime(claim: Claim, cover: Cover | None, settings: ClaimSettingsPut) -> ClaimRegime:
    """IDA where the adversary is insured and the contract covers both RC and DR."""
    if claim.catnat_published_on is not None and claim.cause in CATASTROPHES:
        return ClaimRegime.CATNAT
    if claim.cause in _ASSISTED:
        return ClaimRegime.ASSISTANCE
    if claim.cause in _OF_OTHERS:
        return ClaimRegime.THIRD_PARTY_CLAIM
    if claim.has_adversary:
        needed = settings.ida_coverages
        covered = cover is not None and all(cover.coverages.get(code) == "active" for code in needed)
        return ClaimRegime.IDA if claim.adversary_insured and covered else ClaimRegime.COMMON_LAW
    return ClaimRegime.OWN_DAMAGE
