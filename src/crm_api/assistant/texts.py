"""What the assistant says that stands in no article: `sentences.json`, in French, Arabic and English."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

from crm_api.knowledge.models.article import KbLanguage


def said(key: str, language: KbLanguage, **values: str) -> str:
    """The sentence, filled in."""
    return _sentences()[key][language].format_map(values)


@cache
def _sentences() -> Mapping[str, Mapping[str, str]]:
    text = resources.files("crm_api.assistant").joinpath("sentences.json").read_text("utf-8")
    known: Mapping[str, Mapping[str, str]] = json.loads(text)
    return known
