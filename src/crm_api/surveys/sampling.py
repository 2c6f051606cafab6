"""Who is asked when not everybody is: the same people every time one looks."""

from decimal import Decimal
from hashlib import sha256
from uuid import UUID


def chosen(survey_id: UUID, subject: str, share: Decimal) -> bool:
    """Whether this occasion is in the sample: a digest of both, as a number from 0 to 1, is below `share`."""
    digest = sha256(f"{survey_id}|{subject}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64
