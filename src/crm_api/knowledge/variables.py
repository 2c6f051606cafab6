"""The variables of canned responses and automatic replies: which there are, and filling them in.

A text may name those of the list and no others. What is filled in is text: it is not read for variables
again, and loses what could break a line of a header.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from pydantic_core import PydanticCustomError

VARIABLES: Mapping[str, str] = {
    "customer.name": "Nom du client",
    "customer.first_name": "Prénom du client",
    "ticket.number": "Numéro de la demande",
    "ticket.subject": "Objet de la demande",
    "claim.number": "Numéro du dossier de sinistre",
    "policy.number": "Numéro de la police",
    "complaint.number": "Numéro de la réclamation",
    "receipt.number": "Numéro de la quittance",
    "agent.name": "Votre nom",
    "agency.name": "Nom de l'agence",
    "organization.name": "Nom de la compagnie",
    "amount": "Montant",
    "date": "Date du jour",
    "due": "Date limite",
    "opening": "Prochaine ouverture",
    "url": "Adresse du document",
}
_NAMED = re.compile(r"\{\{\s*([^{}]{0,60}?)\s*\}\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


class Filled(NamedTuple):
    """A text, and the variables for which nothing was given: those stay as they were written."""

    text: str
    missing: list[str]


def named(text: str) -> list[str]:
    """The variables of a text, each once, in their order."""
    return list(dict.fromkeys(match[1] for match in _NAMED.finditer(text)))


def checked(text: str) -> str:
    """Refuses braces that name none of ours: nothing unfilled shall ever be sent to a customer."""
    for name in named(text):
        if name not in VARIABLES:
            raise PydanticCustomError(
                "unknown_variable", "There is no variable {name}", {"name": f"{{{{{name}}}}}"}
            )
    if "{{" in _NAMED.sub("", text) or "}}" in _NAMED.sub("", text):
        raise PydanticCustomError("unbalanced_braces", "A variable is written {{like.this}}")
    return text


def filled(text: str, values: Mapping[str, str], *, keeps: bool = True) -> Filled:
    """`text` with its variables filled in; without `keeps`, those that nobody knows are left out."""
    missing: list[str] = []

    def value(match: re.Match[str]) -> str:
        given = values.get(match[1])
        if not given:
            missing.append(match[1])
            return match[0] if keeps else ""
        return _CONTROL.sub(" ", given)

    text = _NAMED.sub(value, text)
    return Filled(text, list(dict.fromkeys(missing)))
