"""Personal data out of a text that is kept for statistics, or shown to another machine.

What can be recognised by its form: addresses of mail, telephones, long numbers, plates, amounts of a bank
account. Names cannot, so such texts are kept short and apart from who wrote them.
"""

import re

_MASKS = (
    (re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,190}"), "[e-mail]"),
    (re.compile(r"https?://\S+"), "[lien]"),
    (re.compile(r"\b[A-Z]{1,4}-[0-9A-Z]{2,12}(?:-[0-9]{1,12})+\b"), "[référence]"),
    (re.compile(r"(?<!\w)(?:\+|00)?[0-9](?:[ ./-]?[0-9]){5,24}(?!\w)"), "[numéro]"),
)


def masked(text: str) -> str:
    """`text` without what could name somebody."""
    for form, instead in _MASKS:
        text = form.sub(instead, text)
    return text
