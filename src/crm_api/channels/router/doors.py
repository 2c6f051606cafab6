"""Who may come in, and for what."""

from typing import Annotated

from fastapi import Path

from crm_api.core.context import Context
from crm_api.core.http import Router, Visitor, public, requires

inboxes = Router("inboxes", tag="channels")
channels = Router("inbox-channels", tag="channels")
mailboxes = Router("mailboxes", tag="channels")
domains = Router("mail-domains", tag="channels")
items = Router("inbox-items", tag="channels")
inward = Router("inbound-messages", tag="channels")
outward = Router("outbound-messages", tag="channels")
gateways = Router("public/channels", tag="channels")
counters = Router("public/counters", tag="channels")

Reader = Annotated[Context, requires("channels:read")]
Manager = Annotated[Context, requires("channels:manage")]
Agent = Annotated[Context, requires("tickets:read")]
Worker = Annotated[Context, requires("tickets:write")]
Gateway = Annotated[Visitor, public("the signature of the body is the proof")]
Guest = Annotated[Visitor, public("the signed link on the poster is the proof")]
Key = Annotated[
    str,
    Path(
        description="What the address of the channel says: `post_to` of its secret.",
        pattern=r"^[A-Za-z0-9_-]{43}$",
        max_length=43,
        examples=["AZOg3p18fMOdPh8aK3xZ9wGToN6dfHzDnT4fGit8Wfc"],
    ),
]
Link = Annotated[
    str,
    Path(
        description="What the QR code on the poster says, after the last slash.",
        pattern=r"^[A-Za-z0-9_=-]{20,200}$",
        max_length=200,
        examples=[
            "AZOg3p18fMOdPh8aK3xZ9wGToN6dfHzDnT4fGit8WfdKx1mP0bYt4sQZAZOg3p18fMOdPh8aK3xZ9wAAAAAAZvKq4A"
        ],
    ),
]
