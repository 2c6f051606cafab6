"""Who may come in, and for what."""

from typing import Annotated

from fastapi import Path

from crm_api.core.context import Context
from crm_api.core.http import Router, Visitor, public, requires

router = Router("surveys")
waves = Router("survey-waves", tag="surveys")
invitations = Router("survey-invitations", tag="surveys")
responses = Router("survey-responses", tag="surveys")
public_surveys = Router("public/surveys", tag="surveys")
Reader = Annotated[Context, requires("surveys:read")]
Writer = Annotated[Context, requires("surveys:write")]
Customer = Annotated[Visitor, public("the signed link itself is the proof")]
SurveyLink = Annotated[
    str,
    Path(
        description="What the link of the mail says after `token=`.",
        pattern=r"^[A-Za-z0-9_=-]{20,200}$",
        max_length=200,
        examples=[
            "AZOg3p18fMOdPh8aK3xZ9wGToN6dfHzDnT4fGit8WfdKx1mP0bYt4sQZAZOg3p18fMOdPh8aK3xZ9wAAAAAAZvKq4A"
        ],
    ),
]
