"""What people read about clocks, milestones and indicators, in their language."""

import json
from functools import cache
from importlib import resources
from typing import Any

from crm_api.core import i18n

Sentences = dict[str, dict[str, dict[str, str]]]
"""Section -> key -> language -> sentence."""


@cache
def _all() -> Sentences:
    file = resources.files("crm_api.claims") / "sentences.json"
    return dict(json.loads(file.read_text("utf-8")))


def said(section: str, key: str, language: str, **values: Any) -> str:
    """Raises KeyError for a sentence that is missing."""
    sentence = _all()[section][key]
    return sentence.get(language, sentence[i18n.DEFAULT]).format(**values)
