import unicodedata
from collections.abc import AsyncIterator

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import URL

from crm_api.kit.text import fold, without_invisible

pytestmark = pytest.mark.anyio

KNOWN = [
    chr(code)
    for code in range(1, 0x110000)
    if not 0xD800 <= code <= 0xDFFF and unicodedata.category(chr(code)) != "Cn"
]
"""Every character of this Python's Unicode but NUL; a later PostgreSQL may take apart newer ones."""
FRENCH = "aAbBzZéÉèÈêÊëïÎôÔùûüÿçÇœŒæÆß'’- \u00a0\u0301"
ARABIC = "اأإآٱبتةثجحخدذرزسشصضطظعغفقكلمنهوؤيئىء\u064b\u064e\u0651\u0654\u0670ـ٠١٢٩۰۹ﻣﷲ\u200f،"
TEXTS = st.text(st.sampled_from(KNOWN) | st.sampled_from(FRENCH + ARABIC + "🚗👨‍👩‍👧🇩🇿"), max_size=40)


@pytest.fixture
async def database(owner_url: URL) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(owner_url.set(drivername="postgresql").render_as_string(False))
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


async def in_sql(database: asyncpg.Connection, texts: list[str]) -> list[str]:
    rows = await database.fetch(
        "SELECT crm_fold(t) AS folded FROM unnest($1::text[]) WITH ORDINALITY AS u(t, n) ORDER BY n", texts
    )
    return [row["folded"] for row in rows]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Aïssani", "aissani"),
        ("AÏSSANI", "aissani"),
        ("Ai\u0308ssani", "aissani"),
        ("Bœuf À L'ÉTÉ", "boeuf a l'ete"),
        ("N’Gaous", "n'gaous"),
        ("Straße ŒUVRE Łódź Øre", "strasse oeuvre lodz ore"),
        ("ﬁn ＡＢＣ", "fin abc"),
        ("أحمد إلياس آمال ٱلله", "احمد الياس امال الله"),
        ("مُحَمَّدٌ", "محمد"),
        ("محـــمد", "محمد"),
        ("مصطفى فاطمة", "مصطفي فاطمه"),
        ("ﻣﺤﻤﺪ", "محمد"),
        ("٠١٢٣٤٥٦٧٨٩ ۱۲۳", "0123456789 123"),
        ("\u202bعلي\u202c", "علي"),
        ("Ali 🚗", "ali 🚗"),
        ("", ""),
    ],
)
async def test_a_text_folds_to_what_people_search_for(
    database: asyncpg.Connection, text: str, folded: str
) -> None:
    assert fold(text) == folded
    assert await in_sql(database, [text]) == [folded]


async def test_every_character_folds_alike_in_python_and_in_postgresql(database: asyncpg.Connection) -> None:
    folded = await in_sql(database, KNOWN)
    assert len(KNOWN) > 250_000
    assert [char for char, there in zip(KNOWN, folded, strict=True) if fold(char) != there] == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texts=st.lists(TEXTS, min_size=20, max_size=20))
async def test_every_text_folds_alike_in_python_and_in_postgresql(
    database: asyncpg.Connection, texts: list[str]
) -> None:
    assert await in_sql(database, texts) == [fold(text) for text in texts]


async def test_postgresql_may_index_and_inline_the_fold(database: asyncpg.Connection) -> None:
    properties = "SELECT provolatile, proparallel, proisstrict FROM pg_proc WHERE proname = 'crm_fold'"
    assert tuple(await database.fetchrow(properties)) == (b"i", b"s", True)
    assert await database.fetchval("SELECT crm_fold(NULL)") is None
    await database.execute(
        'CREATE TEMP TABLE t (name text, folded text COLLATE "C" GENERATED ALWAYS AS (crm_fold(name)) STORED)'
    )
    await database.execute("INSERT INTO t VALUES ('Aïssani')")
    assert await database.fetchval("SELECT folded FROM t") == "aissani"
    plan = await database.fetch("EXPLAIN (VERBOSE) SELECT crm_fold(name) FROM t")
    assert "crm_fold" not in str(plan)


@given(st.text(FRENCH + ARABIC))
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_invisible_marks_go_and_digits_become_western() -> None:
    assert without_invisible("\u200e+٢١٣\u202c ۵۵٠ Éa") == "+213 550 Éa"
