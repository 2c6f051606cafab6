"""What people read: the sentences of `messages.json`, one file a domain, in French, English and Arabic."""

import json
from functools import cache, lru_cache
from importlib import resources
from typing import Any

LANGUAGES = ("fr", "en", "ar")
DEFAULT = "fr"
Sentences = dict[str, str]
"""Language -> sentence."""


@lru_cache(maxsize=512)
def preferred(accept_language: str) -> str:
    """The language of ours that an Accept-Language header likes best; French when it names none of them."""
    wishes: list[tuple[float, str]] = []
    for part in accept_language.split(","):
        tag, _, quality = part.partition(";q=")
        language = tag.strip().lower().partition("-")[0]
        if language in LANGUAGES:
            try:
                wishes.append((float(quality or 1), language))
            except ValueError:
                continue
    wishes = [wish for wish in wishes if wish[0] > 0]
    return max(wishes, key=lambda wish: wish[0])[1] if wishes else DEFAULT


@cache
def messages() -> dict[str, dict[str, Any]]:
    """All sections of all domains together: `problems` and `faults` by code, `notifications` by key."""
    merged: dict[str, dict[str, Any]] = {"problems": {}, "faults": {}, "notifications": {}}
    for package in sorted(resources.files("crm_api").iterdir(), key=lambda entry: entry.name):
        file = package / "messages.json"
        if package.is_dir() and file.is_file():
            for section, entries in json.loads(file.read_text("utf-8")).items():
                merged[section] |= entries
    return merged


def title_of(code: str, language: str) -> str:
    """The short title of a kind of problem."""
    title: Sentences = messages()["problems"].get(code, {}).get("title", {})
    return title.get(language) or title.get("en") or code.replace("_", " ").capitalize()


def detail_of(code: str, language: str, english: str) -> str:
    """The sentence of a kind of problem; it may hold `{names}` to be filled."""
    detail: Sentences = messages()["problems"].get(code, {}).get("detail", {})
    return english if language == "en" else detail.get(language, english)


def fault(code: str, language: str, english: str, values: dict[str, Any]) -> str:
    """What is wrong with one field."""
    entry: Sentences = messages()["faults"].get(code, {})
    template = entry.get(language)
    if template is None:
        return english
    try:
        return template.format_map(values)
    except (KeyError, ValueError, IndexError):
        return english
