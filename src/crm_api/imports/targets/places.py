"""Where a row lives when it names no street: old bases often know no more than the wilaya."""

from collections.abc import Mapping
from typing import Any

from crm_api.kit.errors import DomainError
from crm_api.reference import service as reference


def place_of(address: Mapping[str, Any]) -> list[str]:
    """The commune, else the name of the wilaya; nothing when no such wilaya exists, which is refused then."""
    if commune := address.get("commune"):
        return [commune]
    try:
        return [reference.wilaya(address.get("wilaya_code", "")).label_fr]
    except DomainError:
        return []
