"""HTML that somebody sent: what it says, and where what is being answered begins.

What of it is safe to show is for `interactions.html` to say, as for every other domain.
"""

import html
import re

from crm_api.channels.mail.headers import storable
from crm_api.channels.mail.limits import LONGEST_HTML

_GONE = re.compile(r"<(script|style|head|title|template)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.S | re.I)
_BREAKS = re.compile(
    r"<(?:br|hr)\b[^>]*>|</?(?:p|div|h[1-6]|table|tr|ul|ol|pre|section|article)\b[^>]*>", re.I
)
_QUOTES = re.compile(
    r"""<div[^>]*\bclass\s*=\s*["'][^"']*\b(?:gmail_quote|gmail_attr|yahoo_quoted|moz-cite-prefix|"""
    r"""protonmail_quote|zmail_extra)\b|<blockquote[^>]*\btype\s*=\s*["']?cite|"""
    r"""<div[^>]*\bid\s*=\s*["']?(?:divRplyFwdMsg|appendonsend|mail-editor-reference-message-container|"""
    r"""OLK_SRC_BODY_SECTION|yahoo_quoted)|"""
    r"""<div[^>]*style\s*=\s*["'][^"']*border-top:\s*solid\s+#[BE]\w+\s+1\.0pt""",
    re.I,
)
_SIGNATURE = re.compile(
    r"""<div[^>]*\b(?:class|id)\s*=\s*["'][^"']*\b(?:gmail_signature|moz-signature|ms-outlook-mobile-signature"""
    r"""|AppleMailSignature|Signature)\b""",
    re.I,
)
_ITEM = re.compile(r"<li\b[^>]*>", re.I)
_CELL = re.compile(r"</t[dh]\s*>", re.I)
_TAG = re.compile(r"<[^<>]{0,5000}>")
_BLANKS = re.compile(r"[ \t\u00a0\u200b\u200c\ufeff]+")
_LINES = re.compile(r"\n{3,}")


def without_quotes(source: str) -> str:
    """Up to where the program of the sender put what is being answered, or its signature.

    Nothing is cut where nothing would be left: a forwarded mail is all quote.
    """
    source = source[: LONGEST_HTML * 4]
    starts = [found.start() for mark in (_QUOTES, _SIGNATURE) if (found := mark.search(source))]
    for start in sorted(starts):
        if text_of(source[:start]).strip():
            return source[:start]
    return source


def text_of(source: str) -> str:
    """As a person would read it aloud: no markup, a line for each paragraph."""
    text = _GONE.sub(" ", storable(source)[: LONGEST_HTML * 4])
    text = text.replace("\r", " ").replace("\n", " ")
    text = _CELL.sub(" \t", _ITEM.sub("\n- ", _BREAKS.sub("\n", text)))
    text = html.unescape(_TAG.sub("", text))
    lines = (_BLANKS.sub(" ", line).strip() for line in storable(text).split("\n"))
    return _LINES.sub("\n\n", "\n".join(lines)).strip()
