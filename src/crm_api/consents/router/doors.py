"""Who may come in, and for what."""

from typing import Annotated

from fastapi import Path

from crm_api.core.context import Context
from crm_api.core.http import Router, Visitor, public, requires

router = Router("consents")
states = Router("consent-states", tag="consents")
requests = Router("consent-requests", tag="consents")
texts = Router("consent-texts", tag="consents")
suppressions = Router("suppressions", tag="consents")
preference_links = Router("preference-links", tag="consents")
public_consents = Router("public/consents", tag="consents")
public_preferences = Router("public/preferences", tag="consents")
leaving = Router("u", tag="consents")
Reader = Annotated[Context, requires("consents:read")]
Writer = Annotated[Context, requires("consents:write")]
Customer = Annotated[Visitor, public("the signed link itself is the proof")]
ConsentLink = Annotated[
    str,
    Path(
        description="What the link of the mail says after `token=`, or after `/v1/u/`.",
        pattern=r"^[A-Za-z0-9_=-]{20,200}$",
        max_length=200,
        examples=[
            "AZOg3p18fMOdPh8aK3xZ9wGToN6dfHzDnT4fGit8WfdKx1mP0bYt4sQZAZOg3p18fMOdPh8aK3xZ9wAAAAAAZvKq4A"
        ],
    ),
]
