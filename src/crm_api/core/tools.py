"""What one installation owns, made once at the composition root and carried by every context."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm_api.core.settings import Settings
from crm_api.kit.cursors import Seal

if TYPE_CHECKING:
    from crm_api.core.mail import Mailer
    from crm_api.core.storage import Storage
    from crm_api.core.tokens import Tokens
    from crm_api.core.vault import Vault


@dataclass(frozen=True, slots=True)
class Tools:
    """Keys, mail, files, listeners: the same objects for every request and job of the process."""

    settings: Settings
    tokens: "Tokens"
    vault: "Vault"
    mailer: "Mailer"
    storage: "Storage"
    cursors: Seal
    listeners: Mapping[type, Sequence[Any]] = field(default_factory=dict)
