"""What the command line does with keys and tokens."""

from collections.abc import Mapping
from typing import Any

from crm_api.core.tools import Tools


def rotate_keys(tools: Tools) -> str:
    """The id of the new signing key; running servers follow within a second, old tokens stay good."""
    return tools.keys.rotate()


def mint(tools: Tools, claims: Mapping[str, Any]) -> str:
    """An access token that says exactly this, signed with the current key: only for tests of forged and expired
    ones. Raises PermissionError anywhere else."""
    if tools.settings.env != "test":
        raise PermissionError("tokens are minted with CRM_ENV=test only")
    return tools.tokens.sign(claims)
