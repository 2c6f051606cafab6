"""What upper floors hear of the catalogue."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class ProductActivated(Event):
    """It is sold from now on."""

    kind: ClassVar = "product.activated"

    product_id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class ProductRetired(Event):
    """It is sold no longer; its contracts go on."""

    kind: ClassVar = "product.retired"

    product_id: UUID
    code: str
