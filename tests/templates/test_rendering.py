"""What becomes of a template: refused with its line, or filled in without a value ever getting out."""

from html.parser import HTMLParser
from time import monotonic
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.kit.errors import ValidationFailed
from crm_api.templates.compiling import Sources, compile_template
from crm_api.templates.layout import as_text
from crm_api.templates.merging import Text
from crm_api.templates.models import TemplateChannel, TemplateFormat, TemplatePurpose
from crm_api.templates.rendering import Compiled, render

MJML = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>Bonjour {{ first_name }}"
    '{% for one in items %}<br />{{ one }}{% endfor %} <a href="{{ url }}" title="{{ last_name }}">lien</a>'
    "</mj-text></mj-column></mj-section></mj-body></mjml>"
)
NASTY = st.text(st.sampled_from("<>\"'&{}%ax/= \n") | st.characters(exclude_categories=["Cs"]), max_size=40)


def compiled(body: str, format: TemplateFormat = TemplateFormat.MJML, language: str = "fr") -> Compiled:
    made = compile_template(
        Sources(
            *(TemplateChannel.EMAIL, language, TemplatePurpose.TRANSACTIONAL, format),
            "Bonjour {{ first_name }}",
            body,
        )
    )
    html = Text(made["html"], escapes=True) if made["html"] else None
    return Compiled(uuid4(), "email", language, Text("Bonjour {{ first_name }}"), html, Text(made["text"]))


class Shape(HTMLParser):
    """Elements with the names of their attributes, and all that is said."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.said: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.said += [value or "" for _, value in attrs]

    def handle_data(self, data: str) -> None:
        self.said.append(data)


PAGE = compiled(MJML)


@given(NASTY, NASTY, NASTY)
def test_a_value_never_becomes_a_part_of_the_page(first: str, last: str, item: str) -> None:
    plain = render(PAGE, {"first_name": "A", "last_name": "B", "items": ["C"], "url": "https://a.test"})
    made = render(PAGE, {"first_name": first, "last_name": last, "items": [item], "url": "https://a.test"})
    assert plain.html is not None
    assert made.html is not None
    assert Shape(made.html).elements == Shape(plain.html).elements
    assert "\n" not in made.subject


def test_what_a_value_says_is_not_read_as_a_template() -> None:
    made = render(PAGE, {"first_name": "{{ last_name }}", "last_name": "secret", "url": "https://a.test"})
    assert "{{ last_name }}" in made.text
    assert made.subject == "Bonjour {{ last_name }}"
    assert made.missing == ("items",)


@pytest.mark.parametrize(
    ("body", "code", "line"),
    [
        ("Bonjour\n{{ prenom }}", "template_field", 2),
        ("\n\n{{ first_name", "template_syntax", 3),
        ("{% if first_name %}", "template_syntax", 1),
        ("a\n{{ first_name | safe }}", "template_filter", 2),
        ("{{ first_name.__class__ }}", "template_field", 1),
        ("{% include 'x' %}", "template_syntax", 1),
        ("a\n{{ (1..100000000) | join: 'x' }}", "template_syntax", 2),
        ("{% assign a = 'xxxxxxxx' %}" + "{% assign a = a | append: a %}" * 40, "template_limit", 1),
        ("{% for a in items %}" * 15 + "x" + "{% endfor %}" * 15, "template_limit", 1),
        ("{% if first_name %}" * 3000 + "{% endif %}" * 3000, "template_limit", 1),
    ],
)
def test_a_template_that_cannot_be_filled_in_is_refused_at_its_line(body: str, code: str, line: int) -> None:
    begun = monotonic()
    with pytest.raises(ValidationFailed) as refused:
        compiled(body, TemplateFormat.TEXT)
    fault = refused.value.extra["errors"][0]
    assert (fault["pointer"], fault["code"], fault["values"]["line"]) == ("/body", code, line)
    assert monotonic() - begun < 5, "a bomb went off"


@pytest.mark.parametrize(
    ("body", "format", "code"),
    [
        (MJML.replace("mj-section", "mj-secton"), "mjml", "template_layout"),
        (MJML.replace("</mj-column>", ""), "mjml", "template_layout"),
        ("Bonjour", "mjml", "template_layout"),
        ('<mjml><mj-body><mj-include path="/etc/passwd" /></mj-body></mjml>', "mjml", "template_layout"),
        ("<a href={{ url }}>x</a>", "html", "template_unsafe"),
        ('<a href="{{ first_name }}">x</a>', "html", "template_unsafe"),
        ('<a href="javascript:alert(1)">x</a>', "html", "template_unsafe"),
        ("<script>alert(1)</script>", "html", "template_unsafe"),
        ('<p onclick="x()">x</p>', "html", "template_unsafe"),
        ('<p style="{{ first_name }}">x</p>', "html", "template_unsafe"),
        ("<style>{{ first_name }}</style>", "html", "template_unsafe"),
    ],
)
def test_a_layout_that_would_break_or_let_a_value_out_is_refused(body: str, format: str, code: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        compiled(body, TemplateFormat(format))
    assert refused.value.extra["errors"][0]["code"] == code


def test_arabic_runs_from_right_to_left() -> None:
    page = compiled(MJML, language="ar").html
    assert page is not None
    assert '<html lang="ar" dir="rtl"' in page.source
    assert "direction:ltr" not in page.source
    part = compiled("<p>مرحبا</p>", TemplateFormat.HTML, "ar").html
    assert part is not None
    assert '<html lang="ar" dir="rtl">' in part.source


def test_nothing_is_fetched_from_elsewhere_to_show_a_mail() -> None:
    assert PAGE.html is not None
    assert "googleapis" not in PAGE.html.source


def test_the_plain_text_says_what_the_page_says() -> None:
    page = (
        "<html><head><title>x</title><style>p{}</style></head><body><h1>Bonjour</h1>"
        '<p>Un&nbsp;mot &amp; un<br>autre.</p><ul><li>un</li><li>deux</li></ul><a href="{{ url }}">Voir</a>'
        '<img src="https://a.test/i.png" alt="logo"></body></html>'
    )
    assert as_text(page) == "Bonjour\n\nUn mot & un\nautre.\n\n- un\n- deux\n\nVoir ({{ url }})[logo]\n"
