"""Identifiers that people copy from cards and papers: separators go, the rest is checked and kept.

Where the format is published nowhere, or papers differ, only the kind of character and a length are
checked: the insurer's own clerks decide. `usual_shape` tells what deserves a second look.
"""

import re
from collections.abc import Callable
from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from crm_api.kit.text import without_invisible

_SEPARATORS = re.compile(r"[\s./\u2010-\u2015-]")


def _digits_of(typed: str) -> str:
    return _SEPARATORS.sub("", without_invisible(typed))


def _numeric(code: str, sentence: str, digits: str) -> Callable[[str], str]:
    shape = re.compile(f"[0-9]{{{digits}}}")

    def validate(typed: str) -> str:
        number = _digits_of(typed)
        if not shape.fullmatch(number):
            raise PydanticCustomError(code, sentence)
        return number

    return validate


def _schema(longest: int, pattern: str, description: str, example: str) -> WithJsonSchema:
    schema: dict[str, Any] = {"type": "string", "maxLength": longest, "pattern": pattern}
    return WithJsonSchema(schema | {"description": description, "examples": [example]})


NationalId = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(_numeric("invalid_national_id", "A national identification number has 18 digits", "18")),
    _schema(
        18, "^[0-9]{18}$", "Numéro d'identification national (NIN). Spaces are dropped.", "109900100112345678"
    ),
]
"""NIN; refused with `invalid_national_id`. Its check key is not published."""

Plate = Annotated[
    str,
    StringConstraints(max_length=20),
    AfterValidator(_numeric("invalid_plate", "A registration plate has 10 or 11 digits", "10,11")),
    _schema(
        11, "^[0-9]{10,11}$", "Serial number, type and year, wilaya. Separators are dropped.", "1234512616"
    ),
]
"""Refused with `invalid_plate`."""

BankAccountNumber = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(_numeric("invalid_rib", "A bank account number (RIB) has 20 digits", "20")),
    _schema(
        20, "^[0-9]{20}$", "Relevé d'identité bancaire (RIB). Spaces are dropped.", "00100012345678901234"
    ),
]
"""RIB; refused with `invalid_rib`."""

TaxId = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(_numeric("invalid_tax_id", "A tax number (NIF) has only digits, 20 at most", "1,20")),
    _schema(
        20, "^[0-9]{1,20}$", "Numéro d'identification fiscale (NIF), usually 15 digits.", "001516100972762"
    ),
]
"""NIF; refused with `invalid_tax_id`."""

StatisticalId = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(
        _numeric("invalid_statistical_id", "A statistical number (NIS) has only digits, 18 at most", "1,18")
    ),
    _schema(
        18, "^[0-9]{1,18}$", "Numéro d'identification statistique (NIS), 15 to 18 digits.", "001516090029600"
    ),
]
"""NIS; refused with `invalid_statistical_id`."""

TaxArticle = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(_numeric("invalid_tax_article", "A tax article (AI) has only digits, 15 at most", "1,15")),
    _schema(15, "^[0-9]{1,15}$", "Article d'imposition (AI), usually 11 digits.", "16090029600"),
]
"""AI; refused with `invalid_tax_article`."""


def _trade_register(typed: str) -> str:
    number = " ".join(without_invisible(typed).upper().split())
    if not re.fullmatch(r"[0-9A-Z/ -]*[0-9][0-9A-Z/ -]*", number):
        raise PydanticCustomError("invalid_trade_register_number", "This is not a trade register number")
    return number


TradeRegisterNumber = Annotated[
    str,
    StringConstraints(max_length=30),
    AfterValidator(_trade_register),
    _schema(
        30,
        "^[0-9A-Z/ -]*[0-9][0-9A-Z/ -]*$",
        "Registre de commerce, usually like the example.",
        "16/00-1009727 B 15",
    ),
]
"""Refused with `invalid_trade_register_number`."""

_USUAL = {
    "trade_register_number": re.compile(r"[0-9]{2}/[0-9]{2}-[0-9]{7} ?[AB] ?[0-9]{2}"),
    "tax_id": re.compile(r"[0-9]{15}|[0-9]{20}"),
    "statistical_id": re.compile(r"[0-9]{15,18}"),
    "tax_article": re.compile(r"[0-9]{11}"),
}


def usual_shape(field: str, value: str) -> bool:
    """Whether a legal identifier looks as most do; a field without a usual shape always does.

    What does not is accepted and shown for a second look.
    """
    shape = _USUAL.get(field)
    return shape is None or shape.fullmatch(value) is not None


def plate_as_shown(plate: str) -> str:
    """ "1234512616" is shown as "12345 126 16"."""
    return f"{plate[:-5]} {plate[-5:-2]} {plate[-2:]}"


_PLAIN_EMAIL = re.compile(
    r"(?=.{6,254}\Z)[a-z0-9_+-]{1,30}(?:\.[a-z0-9_+-]{1,30}){0,1}@"
    r"(?:[a-z0-9](?:[a-z0-9]|-(?!-)){0,30}(?<!-)\.){1,3}(?:com|net|org|dz|fr|ma|tn|eu|io)"
)
"""What most people write: no need to ask the library, which takes twenty times as long."""


def _email(typed: str) -> str:
    if _PLAIN_EMAIL.fullmatch(plain := typed.lower()):
        return plain
    try:  # test_environment: addresses at .test are let through, and nothing else changes
        address = validate_email(
            typed, check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError as error:
        raise PydanticCustomError("invalid_email", "This is not an e-mail address") from error
    return (address.ascii_email or address.normalized).lower()


Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254),
    AfterValidator(_email),
    WithJsonSchema(
        {"type": "string", "format": "email", "maxLength": 254, "examples": ["ilyes.aissani@example.com"]}
    ),
]
"""In small letters; refused with `invalid_email`. Whether it lives is learnt by writing to it."""


def email_key(email: str) -> str:
    """The address to find duplicates by: without the +tag. Never write to it."""
    local, _, domain = email.lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"
