"""Words that users put on things: small letters, each once, twenty at most."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

Tag = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=30),
    Field(examples=["vip"]),
]
Tags = Annotated[
    list[Tag],
    Field(max_length=20, examples=[["vip", "flotte"]]),
    AfterValidator(lambda tags: list(dict.fromkeys(tags))),
]
"""In the order they were given; a repeated one counts once."""
