"""The mails that the system itself writes, in French, English and Arabic.

A letter is two templates in `templates/mail`: `<name>.<language>.txt.j2`, whose first line is the subject,
and the `.html.j2` beside it. Neither loads anything from elsewhere.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Literal, get_args

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from crm_api.core.mail import Mail

Letter = Literal[
    "verify_email",  # url (24 hours)
    "invitation",  # url, inviter, agency, role, message (may be empty), expiry
    "password_reset",  # url (30 minutes)
    "password_changed",  # url (to ask for a reset), when
    "change_email",  # url (24 hours); to the new address
    "email_change_asked",  # url (to choose another password), when; to the present address
    "account_exists",  # url (to sign in), reset_url
    "mfa_enabled",  # url (security settings), when
    "new_session",  # url (list of sessions), when, device, address
    "notification",  # url (the list), title, message (may be empty)
    "notification_summary",  # url (the list), count, lines
    "reminder",  # to a customer: text, sender (the company)
    "quote",  # to a customer: number, total, valid_until, url, sender
    "quote_code",  # to a customer: number, code, sender
    "consent",  # to a customer: message (the words), url, until, sender
    "survey",  # to a customer: url, until, sender
]
"""Every letter, with the values that it needs."""
Value = str | datetime | tuple[str, ...]
"""Several lines stay several."""
Language = Literal["fr", "en", "ar"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
ALGERIA = timezone(timedelta(hours=1), "Alger")
LONGEST_VALUE, LONGEST_MESSAGE = 200, 500

_templates = Environment(
    loader=PackageLoader("crm_api.core", "templates/mail"),
    autoescape=select_autoescape(["html.j2"], default=False),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)


def compose(
    letter: Letter,
    language: Language,
    to: str,
    values: Mapping[str, Value],
    *,
    zone: tzinfo = ALGERIA,
) -> Mail:
    """Moments are written in `zone`. A value that the letter needs and that is missing raises."""
    shown = {
        name: _shown(value, zone, LONGEST_MESSAGE if name == "message" else LONGEST_VALUE)
        for name, value in values.items()
    }
    subject, text = _templates.get_template(f"{letter}.{language}.txt.j2").render(shown).split("\n", 1)
    html = _templates.get_template(f"{letter}.{language}.html.j2").render(shown, subject=subject)
    return Mail(to, subject, text.lstrip("\n"), html, {"Content-Language": language})


def _shown(value: Value, zone: tzinfo, longest: int) -> str | list[str]:
    """One line: a name with a line break in it must not end the subject. Links stay whole."""
    if isinstance(value, tuple):
        return [_line(one, longest) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%d/%m/%Y %H:%M")
    return _line(value, longest)


def _line(value: str, longest: int) -> str:
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
    return line if line.startswith(("https://", "http://")) else line[:longest]
