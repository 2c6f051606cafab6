"""From MJML or HTML to what a mail program shows: compiled once, at save; and the plain text beside it.

The merge fields pass through untouched. What a mail may not hold (scripts, forms, handlers), and what would
let a value out of its place (a field in an attribute without quotes), is refused with its line.
"""

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from crm_api.kit.later import later
from crm_api.templates.merging import BadTemplate, Refusal, is_link

if TYPE_CHECKING:
    import mjml
else:
    mjml = later("mjml")

RIGHT_TO_LEFT = frozenset({"ar"})
_COMPONENTS = frozenset(
    {
        *("mjml", "mj-head", "mj-body", "mj-attributes", "mj-all", "mj-class", "mj-breakpoint", "mj-preview"),
        *(
            "mj-title",
            "mj-style",
            "mj-section",
            "mj-column",
            "mj-group",
            "mj-wrapper",
            "mj-text",
            "mj-button",
        ),
        *("mj-image", "mj-divider", "mj-spacer", "mj-table", "mj-hero", "mj-social", "mj-social-element"),
        *("mj-navbar", "mj-navbar-link", "mj-accordion", "mj-accordion-element", "mj-accordion-title"),
        *("mj-accordion-text", "mj-carousel", "mj-carousel-image"),
    }
)
_FORBIDDEN = frozenset({"script", "iframe", "object", "embed", "form", "input", "base", "applet", "frame"})
_LINKS = frozenset({"href", "src", "background", "action", "formaction"})
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_FIELD_FIRST = re.compile(r"\s*\{\{-?\s*([\w.]+)")
_SCHEME = re.compile(r"\s*(https?://|mailto:|tel:|#|cid:)", re.IGNORECASE)
_BLOCKS = frozenset(
    {"p", "div", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "section", "header", "footer"}
)
_UNSEEN = frozenset({"style", "title", "head"})
_VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
_ROOT = re.compile(r"<(mjml|html)\b[^>]*>", re.IGNORECASE)


def from_mjml(source: str, language: str) -> str:
    """Raises BadTemplate."""
    _Components().check(source)
    root = f'<mjml lang="{language}" dir="{direction(language)}">'
    source, count = _ROOT.subn(root, source, count=1)
    if not count:
        raise BadTemplate(Refusal("template_layout", "A layout begins with <mjml>.", 1))
    try:
        made = str(mjml.mjml2html(source, disable_comments=True, fonts={}))
    except ValueError as error:
        at = re.search(r"position (\d+)", str(error))
        line = source.count("\n", 0, int(at[1])) + 1 if at else 1
        raise BadTemplate(
            Refusal("template_layout", f"The layout is no MJML: {error}."[:300], line)
        ) from error
    if direction(language) == "rtl":
        made = made.replace("direction:ltr", "direction:rtl").replace("text-align:left", "text-align:right")
    return made


def from_html(source: str, language: str) -> str:
    """Raises BadTemplate: a part becomes a page, and a page says its language and direction."""
    _Structure().check(source)
    root = f'<html lang="{language}" dir="{direction(language)}">'
    page, count = _ROOT.subn(root, source, count=1)
    head = '<head><meta charset="utf-8"></head>'
    return page if count else f"<!doctype html>{root}{head}<body>{source}</body></html>"


def sound(html: str) -> None:
    """Raises BadTemplate, for lines of the compiled page."""
    _Structure().check(html)


def direction(language: str) -> str:
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


class _Components(HTMLParser):
    """Components of MJML: known ones, and closed in their order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, int]] = []
        self._refusals: list[Refusal] = []

    def check(self, source: str) -> None:
        self.feed(source)
        self.close()
        self._refusals += [_layout(f"<{tag}> is not closed.", line) for tag, line in self._open]
        if self._refusals:
            raise BadTemplate(*self._refusals)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        if not tag.startswith("mj"):
            return
        if tag not in _COMPONENTS:
            self._refusals.append(_layout(f"There is no component <{tag}>.", line))
        self._open.append((tag, line))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag.startswith("mj") and tag not in _COMPONENTS:
            self._refusals.append(_layout(f"There is no component <{tag}>.", self.getpos()[0]))

    def handle_endtag(self, tag: str) -> None:
        if not tag.startswith("mj"):
            return
        if self._open and self._open[-1][0] == tag:
            self._open.pop()
        else:
            self._refusals.append(_layout(f"</{tag}> closes nothing.", self.getpos()[0]))


class _Structure(HTMLParser):
    """What a page of a mail may hold."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._refusals: list[Refusal] = []
        self._in_style = False

    def check(self, source: str) -> None:
        self.feed(source)
        self.close()
        if self._refusals:
            raise BadTemplate(*self._refusals)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        self._in_style = tag == "style"
        if tag in _FORBIDDEN or "{" in tag:
            self._refusals.append(_unsafe(f"<{tag}> has no place in a message.", line))
        if "{" in _QUOTED.sub("", self.get_starttag_text() or ""):
            self._refusals.append(_unsafe(f"A field in <{tag}> stands outside quotation marks.", line))
        for name, value in attrs:
            if name.startswith("on") or name == "srcdoc":
                self._refusals.append(_unsafe(f"{name} has no place in a message.", line))
            if name == "style" and "{{" in (value or ""):
                self._refusals.append(_unsafe("A field has no place in a style.", line))
            if name in _LINKS and value and not _leads_somewhere(value):
                self._refusals.append(_unsafe(f"{name} is no address of the web.", line))

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style and "{{" in data:
            self._refusals.append(_unsafe("A field has no place in a style.", self.getpos()[0]))

    def handle_comment(self, data: str) -> None:
        if "{{" in data or "{%" in data:
            self._refusals.append(_unsafe("A field has no place in a comment.", self.getpos()[0]))

    def unknown_decl(self, data: str) -> None:
        self.handle_comment(data)


def _leads_somewhere(value: str) -> bool:
    named = _FIELD_FIRST.match(value)
    return is_link(named[1]) if named else bool(_SCHEME.match(value))


def _layout(detail: str, line: int) -> Refusal:
    return Refusal("template_layout", detail, line)


def _unsafe(detail: str, line: int) -> Refusal:
    return Refusal("template_unsafe", detail, line)


def as_text(html: str) -> str:
    """The page as plain text: paragraphs, bullets, the address of a link behind its words."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in "".join(reader.said).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._unseen = 0
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "br":
            self.said.append("\n")
        elif tag == "li":
            self.said.append("\n- ")
        elif tag == "hr":
            self.said.append("\n----\n")
        elif tag in ("td", "th"):
            self.said.append(" ")
        elif tag == "img" and given.get("alt"):
            self.said.append(f"[{given['alt']}]")
        elif tag in _BLOCKS:
            self._paragraph()
        if tag == "a":
            self._links.append((given.get("href") or "", len(self.said)))

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        elif tag == "a" and self._links:
            address, begins = self._links.pop()
            words = "".join(self.said[begins:]).strip()
            if address and not address.startswith("#") and address.removeprefix("mailto:") != words:
                self.said.append(f" ({address})" if words else address)
        elif tag in _BLOCKS:
            self._paragraph()

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.said.append(re.sub(r"\s+", " ", data))

    def _paragraph(self) -> None:
        self.said.append("\n\n")
