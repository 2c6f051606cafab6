import asyncio
import time
import unicodedata
from contextlib import suppress
from typing import Any

import pytest
from passlib.hash import argon2

from crm_api.core import i18n, passwords
from crm_api.core.passwords import WeakPassword, check_strength, hash_password, verify
from crm_api.core.problems import problem
from crm_api.kit.errors import Unavailable

PASSWORD = "Kx9 zq!vT2pLm"


def refusal(password: str, *context: str) -> dict[str, Any]:
    with pytest.raises(WeakPassword) as refused:
        check_strength(password, context, pointer="/new_password")
    (error,) = refused.value.extra["errors"]
    assert (error["pointer"], error["location"]) == ("/new_password", "body")
    return dict(error)


@pytest.mark.anyio
async def test_the_right_password_verifies_and_no_other() -> None:
    stored = await hash_password(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await verify(PASSWORD, stored) == (True, None)
    assert await verify(PASSWORD + " ", stored) == (False, None)


@pytest.mark.anyio
async def test_a_hash_of_older_settings_is_replaced_at_login() -> None:
    older = argon2.using(type="ID", time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    right, replacement = await verify(PASSWORD, older)
    assert right
    assert replacement is not None
    assert replacement.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await verify(PASSWORD, replacement) == (True, None)


@pytest.mark.anyio
async def test_an_accent_is_the_same_however_the_keyboard_writes_it() -> None:
    stored = await hash_password(unicodedata.normalize("NFC", "été à Béjaïa 1962"))
    assert await verify(unicodedata.normalize("NFD", "été à Béjaïa 1962"), stored) == (True, None)


@pytest.mark.anyio
async def test_an_unknown_user_costs_the_same_work_as_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """One verification each, of hashes with the same settings: that it is the same time follows."""
    stored = await hash_password(PASSWORD)
    await verify(PASSWORD, None)  # the decoy is made
    verified: list[str] = []
    handler = passwords._context.handler("argon2")

    def seen(secret: str, against: str, **more: object) -> bool:
        verified.append(against[:30])
        return bool(original(secret, against, **more))

    original = handler.verify
    monkeypatch.setattr(handler, "verify", seen)
    for against in (stored, None):
        assert (await verify("wrong password", against))[0] is False
    known, unknown = verified
    assert known == unknown == "$argon2id$v=19$m=19456,t=2,p=1"


@pytest.mark.anyio
@pytest.mark.parametrize("hostile", ["x" * 129, "x" * 100_000, "\ud800" * 12, ""])
async def test_what_cannot_be_a_password_is_simply_wrong(hostile: str) -> None:
    assert await verify(hostile, await hash_password(PASSWORD)) == (False, None)


@pytest.mark.anyio
async def test_a_longer_password_is_not_taken_for_its_beginning() -> None:
    longest = "abcdefgh" * 16
    assert await verify(longest + "x", await hash_password(longest)) == (False, None)


@pytest.mark.anyio
async def test_at_most_two_hash_at_once_and_beyond_fifty_waiting_the_rest_is_told_to_return(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running, most = 0, 0

    def slow(*_: object) -> tuple[bool, None]:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.005)
        running -= 1
        return True, None

    monkeypatch.setattr(passwords, "_verify", slow)
    answers = await asyncio.gather(*(verify("x", None) for _ in range(60)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Unavailable)]
    assert len(refused) == 8
    assert {(one.status, one.extra["retry_after"]) for one in refused} == {(503, 2)}
    assert most == 2
    assert await verify("x", None) == (True, None), "the queue is empty again"


@pytest.mark.parametrize(
    "good", [PASSWORD, "correct horse battery", "مرحبا بكم في الجزائر", "4@8({[<6!1|70$5+%2" * 4]
)
def test_any_composition_will_do(good: str) -> None:
    check_strength(good)


def test_too_short_and_too_long_are_refused() -> None:
    assert refusal("Kx9 zq!vT2p")["code"] == "password_too_short"
    assert refusal("x" * 129)["code"] == "password_too_long"
    check_strength(PASSWORD + "é" * (128 - len(PASSWORD)))


@pytest.mark.parametrize(
    "weak",
    [
        "aaaaaaaaaaaaaaaa",
        "motdepasse2026",
        "azertyuiop123",
        "AZERTYuiop12",
        "vivalalgerie1",
        "constantine25",
        "assurances2026",
        "123456789012345678901234567890",
        "\ud800" * 12,
    ],
)
def test_what_everybody_tries_first_is_refused(weak: str) -> None:
    assert refusal(weak)["code"] in {"password_too_common", "password_unreadable"}


def test_what_an_attacker_knows_of_the_user_does_not_count() -> None:
    check_strength("zerroukibensalem")
    assert refusal("zerroukibensalem", "s.bensalem@zerrouki.dz")["code"] == "password_too_common"


def test_no_password_keeps_the_judge_busy_for_long() -> None:
    signs = "4@8({[<69!1|70$5+%2ab"
    for hostile in (signs * 6, "1234567890" * 12, "8b45" * 32, "aaaabbbb" * 16):
        start = time.process_time()
        with suppress(WeakPassword):
            check_strength(hostile[:128])
        assert time.process_time() - start < 0.5


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_reason_is_said_in_the_language_of_the_caller(language: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        check_strength("short")
    document = problem(refused.value, language, "/v1/auth/password-reset", "r")
    assert (document["status"], document["code"]) == (422, "weak_password")
    assert document["title"] != document["code"]
    said = {"fr": "au moins 12 caractères", "en": "at least 12 characters", "ar": "12 رمزًا على الأقل"}
    assert said[language] in document["errors"][0]["detail"]
