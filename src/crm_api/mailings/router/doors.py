"""Who may come in, and for what."""

from typing import Annotated

from fastapi import Path

from crm_api.core.context import Context
from crm_api.core.http import Router, Visitor, public, requires

sends = Router("sends", tag="mailings")
messages = Router("messages", tag="mailings")
contacts = Router("contacts", tag="mailings")
providers = Router("message-providers", tag="mailings")
told = Router("integrations/messages", tag="mailings")
links = Router("r", tag="mailings", prefix="/r")
pixels = Router("o", tag="mailings", prefix="/o")

Reader = Annotated[Context, requires("campaigns:read")]
Holder = Annotated[Context, requires("campaigns:launch")]
Manager = Annotated[Context, requires("channels:manage")]
Provider = Annotated[Visitor, public("the signature of the body is the proof")]
Recipient = Annotated[Visitor, public("the signed link in the message is the proof")]
Key = Annotated[
    str,
    Path(
        description="What the address of the provider says: `post_to` of its secret.",
        pattern=r"^[A-Za-z0-9_-]{43}$",
        max_length=43,
        examples=["AZOg3p18fMOdPh8aK3xZ9wGToN6dfHzDnT4fGit8Wfc"],
    ),
]
Link = Annotated[
    str,
    Path(
        description="What the link in the message says.",
        pattern=r"^[A-Za-z0-9_=-]{20,200}$",
        max_length=200,
        examples=[
            "AZOg3p18fMOdPh8aK3xZ9wGToN6dfHzDnT4fGit8WfdKx1mP0bYt4sQZAZOg3p18fMOdPh8aK3xZ9wAAAAAAZvKq4A"
        ],
    ),
]
