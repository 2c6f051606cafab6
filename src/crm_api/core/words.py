# ruff: noqa: S608 - the statements below are made of our own names
"""Search by words: every word asked for must begin a word of the object, in any order.

Triggers keep one row per word, so that the ORM, plain statements and bulk loads agree. A prefix is a range
of text: under row-level security LIKE and full-text operators reach no index (they are not leakproof).
"""

import re
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Text, and_, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import Grouping

from crm_api.core.db import Entity, Ledger
from crm_api.kit.errors import ValidationFailed
from crm_api.kit.listing import END, Filter, matching
from crm_api.kit.text import fold

MOST_WORDS = 8
LONGEST_WORD = 64
_SEPARATORS = (
    r"\u0001-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00BF\u2000-\u206F\u060C\u061B\u061F\u066B-\u066D"
)
"""Everything that is neither a letter nor a digit, of Latin and Arabic texts: no locale is asked."""
_SEPARATED = f"U&'[{_SEPARATORS.replace('u', '')}]+'"
_BETWEEN_WORDS = re.compile(f"[{_SEPARATORS}]+")
_PHONE = re.compile(r"(?<!\S)(?:\+|00?)[0-9][0-9 ./()-]*(?!\S)")
_NUMBER = re.compile(r"[a-z]{1,4}-[0-9]{4}-[0-9]{1,12}")
_TAG = "{}.tag"

# The same words whichever way a row is written. Addresses and numbers are kept whole too, so that
# "P-2026-000777", "777", "ilyes@example.com" and "ilyes" all find.
_WORDS = f"""CREATE OR REPLACE FUNCTION crm_words(texts text, emails text[], phones text[], numbers text[])
RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT left(word, {LONGEST_WORD})), '{{}}') FROM (
        SELECT regexp_split_to_table(crm_fold(texts), {_SEPARATED})
        UNION ALL SELECT crm_fold(email) FROM unnest(emails) email
        UNION ALL SELECT regexp_split_to_table(
            crm_fold(split_part(email, '@', 1)), {_SEPARATED}) FROM unnest(emails) email
        UNION ALL SELECT ltrim(phone, '+') FROM unnest(phones) phone
        UNION ALL SELECT '0' || substr(phone, 5) FROM unnest(phones) phone WHERE starts_with(phone, '+213')
        UNION ALL SELECT crm_fold(number) FROM unnest(numbers) number
        UNION ALL SELECT ltrim(substring(number FROM '[0-9]+$'), '0') FROM unnest(numbers) number
    ) AS split (word) WHERE word <> ''
$$"""


class SearchToken(Ledger):
    __tablename__ = "search_tokens"
    __table_args__ = ({"info": {"ddl": (_WORDS,)}},)

    entity: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    object_id: Mapped[UUID] = mapped_column(primary_key=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """Which columns of a table are found by which kind of word; `*_lists` hold [{"value": ...}, ...]."""

    texts: tuple[str, ...]
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    email_lists: tuple[str, ...] = ()
    phone_lists: tuple[str, ...] = ()
    tags: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        tags = ("tags",) if self.tags else ()
        lists = self.email_lists + self.phone_lists
        return self.texts + self.emails + self.phones + self.numbers + lists + tags

    def pairs(self, entity: str, row: str) -> str:
        """SQL: every (entity, token) of the row variable `row`."""
        texts = f"concat_ws(' ', {', '.join(f'{row}.{name}' for name in self.texts)})"
        emails = _values(row, self.emails, self.email_lists)
        phones = _values(row, self.phones, self.phone_lists)
        numbers = _values(row, self.numbers, ())
        words = f"SELECT '{entity}', unnest(crm_words({texts}, {emails}, {phones}, {numbers}))"
        if not self.tags:
            return words
        return f"{words} UNION SELECT '{_TAG.format(entity)}', unnest({row}.tags)"

    def triggers(self, table: str, entity: str) -> tuple[str, ...]:
        """Insertions are indexed a whole statement at a time, changes row by row. For `info["ddl"]`."""
        own = f"crm_words_of_{table}"
        kinds = f"('{entity}', '{_TAG.format(entity)}')" if self.tags else f"('{entity}')"
        differs = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in self.columns)
        insert = "INSERT INTO search_tokens (organization_id, entity, token, object_id)"
        return (
            f"""CREATE OR REPLACE FUNCTION {own}_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            {insert} SELECT added.organization_id, word.entity, word.token, added.id
            FROM added CROSS JOIN LATERAL ({self.pairs(entity, "added")}) AS word (entity, token);
            RETURN NULL; END $$""",
            f"""CREATE OR REPLACE FUNCTION {own}_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens kept USING (
                {self.pairs(entity, "OLD")} {f"EXCEPT ({self.pairs(entity, 'NEW')})"}
            ) AS word (entity, token)
            WHERE kept.organization_id = OLD.organization_id AND kept.entity = word.entity
                AND kept.token = word.token AND kept.object_id = OLD.id;
            {insert} SELECT NEW.organization_id, word.entity, word.token, NEW.id
            FROM ({self.pairs(entity, "NEW")}) AS word (entity, token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$""",
            f"""CREATE OR REPLACE FUNCTION {own}_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens WHERE organization_id = OLD.organization_id
                AND entity IN {kinds} AND object_id = OLD.id
                AND token IN (SELECT word.token FROM ({self.pairs(entity, "OLD")}) AS word (entity, token));
            RETURN NULL; END $$""",
            f"""CREATE TRIGGER words_added AFTER INSERT ON {table} REFERENCING NEW TABLE AS added
            FOR EACH STATEMENT EXECUTE FUNCTION {own}_added()""",
            f"""CREATE TRIGGER words_changed AFTER UPDATE ON {table} FOR EACH ROW WHEN ({differs})
            EXECUTE FUNCTION {own}_changed()""",
            f"""CREATE TRIGGER words_removed AFTER DELETE ON {table} FOR EACH ROW
            EXECUTE FUNCTION {own}_removed()""",
        )


def words(model: type[Entity]) -> Filter:
    """The filter of a parameter `q`: every word must begin a word of the object."""
    token = SearchToken.token

    def build(name: str, count: Hashable) -> ColumnElement[bool]:
        asked = [_element(name, at) for at in range(int(str(count)))]
        return and_(*(_has(model, model.label, token.between(one, one.concat(END))) for one in asked))

    return matching(build, lambda q: len(words_of(q)), words_of)


def tagged(model: type[Entity]) -> Filter:
    """The filter of a parameter `tag`: the object has all of them."""

    def build(name: str, count: Hashable) -> ColumnElement[bool]:
        asked = [_element(name, at) for at in range(int(str(count)))]
        entity = _TAG.format(model.label)
        return and_(*(_has(model, entity, SearchToken.token == one) for one in asked))

    return matching(build, lambda tags: len(_as_list(tags)), _as_list)


def words_of(q: str) -> list[str]:
    """What is looked for: folded; a phone number loses its separators, an address or a number stays whole.

    Raises ValidationFailed when there is no word, or there are too many.
    """
    text = _PHONE.sub(lambda phone: f" {_digits(phone.group())} ", fold(q))
    found: list[str] = []
    for chunk in text.split():
        whole = "@" in chunk.strip("@") or _NUMBER.fullmatch(chunk)
        found += [chunk] if whole else _BETWEEN_WORDS.split(chunk)
    chosen = list(dict.fromkeys(word[:LONGEST_WORD] for word in found if word))
    if not chosen:
        raise ValidationFailed.at("q", "no_words", "Give at least one word to search for.", "query")
    if len(chosen) > MOST_WORDS:
        raise ValidationFailed.at("q", "too_many_words", "Eight words at most.", "query")
    return chosen


def _digits(phone: str) -> str:
    digits = re.sub(r"[^0-9]", "", phone)
    return digits[2:] if digits.startswith("00") else digits


def _as_list(tags: Any) -> list[str]:
    """A search by body gives one tag, a query string a list."""
    return [tags] if isinstance(tags, str) else list(tags)


def _element(name: str, at: int) -> ColumnElement[str]:
    array: ColumnElement[Any] = Grouping(bindparam(name, type_=ARRAY(Text())))
    return array[literal_column(str(at + 1), Integer())]


def _has(model: type[Entity], entity: str, matches: ColumnElement[bool]) -> ColumnElement[bool]:
    kind = literal_column(f"'{entity}'", Text())
    own = SearchToken.organization_id == bindparam("organization_id")
    return model.id.in_(select(SearchToken.object_id).where(own, SearchToken.entity == kind, matches))


def _values(row: str, columns: tuple[str, ...], lists: tuple[str, ...]) -> str:
    parts = [f"ARRAY[{', '.join(f'{row}.{name}' for name in columns)}]::text[]"] if columns else []
    parts += [f"ARRAY(SELECT item->>'value' FROM jsonb_array_elements({row}.{name}) item)" for name in lists]
    return " || ".join(parts) or "'{}'::text[]"
