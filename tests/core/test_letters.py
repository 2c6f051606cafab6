from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest
from jinja2 import UndefinedError

from crm_api.core import letters
from crm_api.core.letters import LANGUAGES, Language, Letter, Value, compose
from crm_api.core.mail import to_message

URL = "https://crm.example/x?token=a_b-c&y=1"
MOMENT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
VALUES: dict[Letter, dict[str, Value]] = {
    "verify_email": {"url": URL},
    "invitation": {
        "url": URL,
        "inviter": "Amine Benali",
        "agency": "1601",
        "role": "Gestionnaire",
        "message": "Bienvenue à Chéraga.",
        "expiry": MOMENT,
    },
    "password_reset": {"url": URL},
    "password_changed": {"url": URL, "when": MOMENT},
    "change_email": {"url": URL},
    "email_change_asked": {"url": URL, "when": MOMENT},
    "account_exists": {"url": URL, "reset_url": "https://crm.example/reset"},
    "mfa_enabled": {"url": URL, "when": MOMENT},
    "new_session": {"url": URL, "when": MOMENT, "device": "Firefox, Windows", "address": "41.96.0.1"},
    "notification": {"url": URL, "title": "Nouvelle piste : Lina", "message": "Appelez-la."},
    "notification_summary": {"url": URL, "count": "2", "lines": ("Piste : Lina", "Tâche <1>")},
    "quote": {
        "number": "D-2026-000123",
        "total": "83 677,96 DA",
        "valid_until": "30/12/2026",
        "url": URL,
        "sender": "Alliance Assurances",
    },
    "quote_code": {"number": "D-2026-000123", "code": "482193", "sender": "Alliance Assurances"},
    "consent": {
        "message": "J'accepte de recevoir vos offres par e-mail.",
        "url": URL,
        "until": "30/12/2026",
        "sender": "Alliance Assurances",
    },
    "survey": {"url": URL, "until": "30/12/2026", "sender": "Alliance Assurances"},
    "reminder": {"text": "Votre carte grise manque au dossier.", "sender": "Alliance Assurances"},
}
EVERY = [(letter, language) for letter in VALUES for language in LANGUAGES]


class Outline(HTMLParser):
    """The links, the text and the unclosed tags of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str | None] = []
        self.loaded: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.loaded += [name for name, _ in attributes if name in {"src", "srcset", "background"}]
        if tag == "a":
            self.links.append(dict(attributes)["href"])
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_letter_is_tried_here_and_no_template_is_left_over() -> None:
    assert set(VALUES) == set(get_args(Letter))
    folder = Path(letters.__file__).parent / "templates" / "mail"
    expected = {f"{letter}.{language}.{kind}.j2" for letter, language in EVERY for kind in ("txt", "html")}
    layouts = {"layout.html.j2", "button.html.j2"} | {f"layout.{language}.html.j2" for language in LANGUAGES}
    assert {path.name for path in folder.iterdir()} == expected | layouts


@pytest.mark.parametrize(("letter", "language"), EVERY)
def test_a_letter_says_all_it_was_given_in_both_forms(letter: Letter, language: Language) -> None:
    mail = compose(letter, language, "amine@example.dz", VALUES[letter])
    assert mail.html is not None
    page = Outline(mail.html)
    assert page.open == []
    assert page.loaded == []
    assert (URL in page.links) is ("url" in VALUES[letter])
    for value in VALUES[letter].values():
        for one in value if isinstance(value, tuple) else (value,):
            shown = "23/11/2026 09:30" if isinstance(one, datetime) else one
            assert shown in mail.text
            assert shown in page.text
    assert "\n" not in mail.subject.strip()
    assert mail.subject
    assert mail.subject in page.text
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in mail.html
    assert mail.headers == {"Content-Language": language}
    assert to_message(mail, "crm@alliance.dz")["Subject"] == mail.subject


@pytest.mark.parametrize(
    ("letter", "name"), [(letter, name) for letter, values in VALUES.items() for name in values]
)
def test_a_letter_without_one_of_its_values_is_not_written(letter: Letter, name: str) -> None:
    values = {key: value for key, value in VALUES[letter].items() if key != name}
    with pytest.raises(UndefinedError):
        compose(letter, "fr", "amine@example.dz", values)


def test_the_french_letters_say_what_the_domain_book_says() -> None:
    invitation = compose("invitation", "fr", "a@example.dz", VALUES["invitation"])
    assert (
        "Amine Benali vous invite à rejoindre ASSURA-CRM (agence 1601) avec le rôle Gestionnaire."
    ) in invitation.text
    assert "Ce lien expire le 23/11/2026 09:30." in invitation.text
    verify = compose("verify_email", "fr", "a@example.dz", VALUES["verify_email"])
    assert "Confirmez votre adresse pour activer votre compte administrateur" in verify.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_cannot_become_markup_a_header_or_another_line(language: Language) -> None:
    hostile = "<b>A</b>\r\nBcc: victim@example.dz\u2028\x00{{ url }}" + "x" * 1000
    mail = compose("invitation", language, "a@example.dz", VALUES["invitation"] | {"inviter": hostile})
    assert mail.html is not None
    assert "<b>" not in mail.html
    assert "<b>A</b> Bcc: victim@example.dz {{ url }}x" in mail.text
    assert "x" * 200 not in mail.text
    message = to_message(mail, "crm@alliance.dz")
    assert message["Bcc"] is None
    assert message["To"] == "a@example.dz"


def test_moments_are_written_in_the_zone_of_the_organization() -> None:
    zone = timezone(timedelta(hours=-3))
    mail = compose("mfa_enabled", "en", "a@example.dz", VALUES["mfa_enabled"], zone=zone)
    assert "23/11/2026 05:30" in mail.text
