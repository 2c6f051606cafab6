"""HTML that somebody sent, without anything that could act, load or spy."""

from functools import cache
from typing import TYPE_CHECKING

from crm_api.kit.later import later

if TYPE_CHECKING:
    import nh3
else:
    nh3 = later("nh3")


@cache
def _cleaner() -> "nh3.Cleaner":
    """No images: one that is loaded tells its sender who read the message, and when."""
    return nh3.Cleaner(
        tags={
            *("a", "abbr", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "h4"),
            *("hr", "i", "li"),
            *("ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th"),
            *("thead", "tr", "u", "ul"),
        },
        # The content of these goes too, not only the tags.
        clean_content_tags={
            *("script", "style", "title", "noscript", "template", "iframe", "object", "svg", "math")
        },
        attributes={
            "a": {"href", "title"},
            "*": {"dir", "lang"},
            "td": {"colspan", "rowspan"},
            "th": {"colspan", "rowspan"},
        },
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def cleaned(html: str) -> str:
    return _cleaner().clean(html).strip()
