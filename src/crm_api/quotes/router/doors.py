"""Who may come in, and for what."""

from typing import Annotated, Any

from fastapi import Path

from crm_api.core.context import Context
from crm_api.core.http import Router, Visitor, public, requires

router = Router("quotes")
public_quotes = Router("public/quotes", tag="quotes")
Reader = Annotated[Context, requires("quotes:read")]
Writer = Annotated[Context, requires("quotes:write")]
Approver = Annotated[Context, requires("quotes:approve")]
PolicySystem = Annotated[Context, requires("policies:sync")]
Customer = Annotated[Visitor, public("the signed link itself is the proof")]
Link = Annotated[
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
PAPER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The quote on paper.",
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    }
}
PAPER_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache"}
