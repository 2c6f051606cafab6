"""Telephone numbers: typed in many ways, kept in one (E.164: "+213550123456").

Algerian numbers follow the plan of 2008 (the design's section L): mobiles and VoIP have ten digits from the
leading zero, landlines nine. Numbers of other countries are checked by phonenumbers.
"""

import re
from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from crm_api.kit.text import without_invisible

_SEPARATORS = re.compile(r"[\s./()\u2010-\u2015-]")
_TYPED = re.compile(r"(?:\+|00)?[0-9]{6,16}")
_ALGERIAN = re.compile(r"[567][0-9]{8}|[234][0-9]{7}|9[0-9]{8}")
"""Without the leading zero: mobile, landline, VoIP and VSAT."""
_MOBILE_WITHOUT_ZERO = re.compile(r"[567][0-9]{8}")


def to_e164(typed: str) -> str | None:
    """The number in E.164, or None when no such number can exist. Arabic digits are read too."""
    number = _SEPARATORS.sub("", without_invisible(typed))
    if not _TYPED.fullmatch(number):
        return None
    if number.startswith(("+", "00")):
        number = number.removeprefix("+").removeprefix("00")
        return _algerian(number[3:].removeprefix("0")) if number.startswith("213") else _foreign(number)
    if number.startswith("0"):
        return _algerian(number[1:])
    if number.startswith("213"):
        return _algerian(number[3:])
    return _algerian(number) if _MOBILE_WITHOUT_ZERO.fullmatch(number) else None


def _algerian(national: str) -> str | None:
    return f"+213{national}" if _ALGERIAN.fullmatch(national) else None


def _foreign(number: str) -> str | None:
    try:
        parsed = phonenumbers.parse(f"+{number}")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _phone(typed: str) -> str:
    number = to_e164(typed)
    if number is None:
        raise PydanticCustomError("invalid_phone", "This is not a telephone number")
    return number


Phone = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(_phone),
    WithJsonSchema(
        {
            "type": "string",
            "format": "phone",
            "maxLength": 16,
            "pattern": r"^\+[1-9][0-9]{6,14}$",
            "description": "E.164. Algerian numbers are also read as written at home: 0550 12 34 56.",
            "examples": ["+213550123456"],
        }
    ),
]
"""Refused with the code `invalid_phone`."""
