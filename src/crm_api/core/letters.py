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
    "account_exists",  # url (to sign in), reset_url
    "mfa_enabled",  # url (security settings), when
    "new_session",  # url (list of sessions), when, device, address
]
"""Every letter, with the values that it needs."""
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
    values: Mapping[str, str | datetime],
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


def _shown(value: str | datetime, zone: tzinfo, longest: int) -> str:
    """One line: a name with a line break in it must not end the subject. Links stay whole."""
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%d/%m/%Y %H:%M")
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
    return line if line.startswith(("https://", "http://")) else line[:longest]
