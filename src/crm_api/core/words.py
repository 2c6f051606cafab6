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

from sqlalchemy import ColumnElement, Index, Integer, Text, and_, bindparam, literal_column, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import Grouping

from crm_api.core.db import Entity, Ledger
from crm_api.kit.errors import ValidationFailed
from crm_api.kit.listing import END, Filter, matching
from crm_api.kit.text import fold

MOST_WORDS = 8
LONGEST_WORD = 64
MOST_NAMES = 6
"""Words of one name that are kept by twos."""
_SEPARATORS = (
    r"\u0001-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00BF\u2000-\u206F\u060C\u061B\u061F\u066B-\u066D"
)
"""Everything that is neither a letter nor a digit, of Latin and Arabic texts: no locale is asked."""
SEPARATED = f"U&'[{_SEPARATORS.replace('u', '')}]+'"
BETWEEN_WORDS = re.compile(f"[{_SEPARATORS}]+")
_OF_AN_AGENCY = r"[0-9]{3,8}\.(?:19|20)[0-9]{2}\."
"""How the number of a contract begins: agency and year."""
_PHONE = re.compile(rf"(?<!\S)(?!{_OF_AN_AGENCY})(?:\+|00?)[0-9][0-9 ./()-]*(?!\S)")
_NUMBER = re.compile(rf"[a-z]{{1,4}}-[0-9]{{4}}-[0-9]{{1,12}}|{_OF_AN_AGENCY}\S*")

# The same words whichever way a row is written, some twice, some empty. Addresses and numbers are kept whole
# too, so that "P-2026-000777", "777", "ilyes@example.com" and "ilyes" all find. In plpgsql, which keeps its
# plans from one row to the next, and without a query of its own.
_WORDS = f"""CREATE OR REPLACE FUNCTION crm_words(texts text, emails text[], phones text[], numbers text[])
RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    called text := array_to_string(phones, ' ');
    written text := array_to_string(emails, ' ');
    found text[] := regexp_split_to_array(
        crm_fold(concat_ws(' ', texts, regexp_replace(written, '@[^ ]*', '', 'g'))), {SEPARATED});
    number text;
BEGIN
    FOREACH number IN ARRAY numbers LOOP
        found := found || lower(number) || ltrim(substring(number FROM '[0-9]*$'), '0');
    END LOOP;
    IF called <> '' THEN
        found := found || string_to_array(replace(called, '+', ''), ' ')
            || string_to_array(replace(replace(called, '+213', '0'), '+', ''), ' ');
    END IF;
    RETURN found || string_to_array(lower(written), ' ');
END $$"""

# Names, two words at a time in every order: whoever types "karim benali" or "benali kar" is one step of the
# index away from them, however many Karims and Benalis there are.
_NAMES = f"""CREATE OR REPLACE FUNCTION crm_names(folded text)
RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    words text[] := array_remove(regexp_split_to_array(folded, {SEPARATED}), '');
    found text[] := '{{}}';
BEGIN
    IF cardinality(words) = 1 THEN RETURN words; END IF;
    FOR one IN 1..least(cardinality(words), {MOST_NAMES}) LOOP
        FOR other IN 1..least(cardinality(words), {MOST_NAMES}) LOOP
            IF one <> other THEN found := found || (words[one] || ' ' || words[other]); END IF;
        END LOOP;
    END LOOP;
    RETURN found;
END $$"""

# The digits backwards: the last ones of a telephone or of a file are how people ask for it.
_ENDINGS = """CREATE OR REPLACE FUNCTION crm_endings(called text[])
RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE found text[] := '{}'; one text;
BEGIN
    FOREACH one IN ARRAY called LOOP
        CONTINUE WHEN one IS NULL;
        found := found || reverse(regexp_replace(one, '[^0-9]', '', 'g'));
    END LOOP;
    RETURN found;
END $$"""


_STATISTICS = "ALTER TABLE search_tokens ALTER token SET STATISTICS 1000"


class SearchToken(Ledger):
    """`token` is the kind of object and the word, `account/benali`: in one column, so that its statistics
    know how frequent a word is among the objects of that kind.

    The sign between the two says what the word is: `/` any word, `#` a tag, `=` names ("benali karim"),
    `<` digits read backwards.
    """

    __tablename__ = "search_tokens"
    __table_args__ = (
        # A rare word is looked up here; a frequent one is tried, by the key, on each row of the sorted list.
        # Ids grow with time: those of one word come the newest first.
        Index("ix_search_tokens_word", "organization_id", "token", text("object_id DESC")),
        {"info": {"ddl": (_WORDS, _NAMES, _ENDINGS, _STATISTICS)}},
    )

    object_id: Mapped[UUID] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """Which columns of a table are found by which kind of word; `*_lists` hold [{"value": ...}, ...]."""

    texts: tuple[str, ...]
    names: tuple[str, ...] = ()
    """Folded columns, generated from `texts`: what the object is called."""
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

    def tokens(self, entity: str, row: str) -> str:
        """SQL: every token of the row variable `row`."""
        texts = f"concat_ws(' ', {', '.join(f'{row}.{name}' for name in self.texts)})"
        emails = _values(row, self.emails, self.email_lists)
        phones = _values(row, self.phones, self.phone_lists)
        numbers = _values(row, self.numbers, ())
        found = f"unnest(crm_words({texts}, {emails}, {phones}, {numbers}))"
        parts = [f"SELECT '{entity}/' || left(word, {LONGEST_WORD}) FROM {found} AS word WHERE word <> ''"]
        parts += [f"SELECT '{entity}=' || unnest(crm_names({row}.{name}))" for name in self.names]
        if self.phones or self.phone_lists or self.numbers:
            parts.append(f"SELECT '{entity}<' || unnest(crm_endings({phones} || {numbers}))")
        if self.tags:
            parts.append(f"SELECT '{entity}#' || unnest({row}.tags)")
        return " UNION ALL ".join(parts)

    def triggers(self, table: str, entity: str) -> tuple[str, ...]:
        """Insertions are indexed a whole statement at a time, changes row by row. For `info["ddl"]`."""
        own = f"crm_words_of_{table}"
        differs = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in self.columns)
        insert = "INSERT INTO search_tokens (organization_id, object_id, token)"
        before, after = self.tokens(entity, "OLD"), self.tokens(entity, "NEW")
        return (
            f"""CREATE OR REPLACE FUNCTION {own}_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            {insert} SELECT added.organization_id, added.id, word.token
            FROM added CROSS JOIN LATERAL ({self.tokens(entity, "added")}) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$""",
            f"""CREATE OR REPLACE FUNCTION {own}_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens kept USING (({before}) EXCEPT ({after})) AS word (token)
            WHERE kept.organization_id = OLD.organization_id AND kept.object_id = OLD.id
                AND kept.token = word.token;
            {insert} SELECT NEW.organization_id, NEW.id, word.token FROM ({after}) AS word (token)
            ON CONFLICT DO NOTHING;
            RETURN NULL; END $$""",
            f"""CREATE OR REPLACE FUNCTION {own}_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM search_tokens WHERE organization_id = OLD.organization_id AND object_id = OLD.id;
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
    start = literal_column(f"'{model.label}/'", Text())

    def build(name: str, count: Hashable) -> ColumnElement[bool]:
        asked = [start.concat(_element(name, at)) for at in range(int(str(count)))]
        return and_(*(_has(model, SearchToken.token.between(one, one.concat(END))) for one in asked))

    return matching(build, lambda q: len(words_of(q)), words_of, varied=True)


def tagged(model: type[Entity]) -> Filter:
    """The filter of a parameter `tag`: the object has all of them."""
    start = literal_column(f"'{model.label}#'", Text())

    def build(name: str, count: Hashable) -> ColumnElement[bool]:
        asked = [start.concat(_element(name, at)) for at in range(int(str(count)))]
        return and_(*(_has(model, SearchToken.token == one) for one in asked))

    return matching(build, lambda tags: len(_as_list(tags)), _as_list, varied=True)


def words_of(q: str) -> list[str]:
    """What is looked for: folded; a phone number loses its separators, an address or a number stays whole.

    Raises ValidationFailed when there is no word, or there are too many.
    """
    folded = _PHONE.sub(lambda phone: f" {_digits(phone.group())} ", fold(q))
    found: list[str] = []
    for chunk in folded.split():
        whole = "@" in chunk.strip("@") or _NUMBER.fullmatch(chunk)
        found += [chunk] if whole else BETWEEN_WORDS.split(chunk)
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


def _has(model: type[Entity], matches: ColumnElement[bool]) -> ColumnElement[bool]:
    own = SearchToken.organization_id == bindparam("organization_id")
    return model.id.in_(select(SearchToken.object_id).where(own, matches))


def _values(row: str, columns: tuple[str, ...], lists: tuple[str, ...]) -> str:
    parts = [f"ARRAY[{', '.join(f'{row}.{name}' for name in columns)}]::text[]"] if columns else []
    parts += [f"ARRAY(SELECT item->>'value' FROM jsonb_array_elements({row}.{name}) item)" for name in lists]
    return " || ".join(parts) or "'{}'::text[]"
