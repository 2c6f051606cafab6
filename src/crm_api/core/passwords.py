"""Passwords: how they are hashed (argon2id), and which ones are refused.

Hashing is slow on purpose (19 MiB and some 40 ms each), so that only two run at a time: a storm of logins
must not stop a small machine. Who finds a long queue is told to come back.
"""

import asyncio
import math
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, TypeVar

from passlib.context import CryptContext

from crm_api.kit.errors import Unavailable, ValidationFailed
from crm_api.kit.later import later

if TYPE_CHECKING:
    import zxcvbn
    from zxcvbn import matching
else:
    zxcvbn = later("zxcvbn")
    matching = later("zxcvbn.matching")

T = TypeVar("T")

SHORTEST, LONGEST = 12, 128
STRONG_ENOUGH = 2
"""Of zxcvbn's 0 to 4: more than a million guesses."""
JUDGED = 36
"""zxcvbn reads so many characters; its time grows with the square, and it refuses more than 72."""
MOST_SPELLINGS = 12
AT_ONCE, QUEUE = 2, 50

_context = CryptContext(
    schemes=["argon2"],
    argon2__type="ID",
    argon2__time_cost=2,
    argon2__memory_cost=19456,
    argon2__parallelism=1,
)
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
_inside = 0


class WeakPassword(ValidationFailed):
    """This password is too easy to guess."""


async def hash_password(plain: str) -> str:
    """Raises Unavailable when too many are waiting already."""
    return await _in_turn(lambda: str(_context.hash(_normal(plain))))


async def verify(plain: str, stored: str | None) -> tuple[bool, str | None]:
    """Whether it is right, and the hash to store instead when `stored` was made with older settings.

    None stands for an unknown user: a decoy is verified, so that the answer takes as long.
    """
    return await _in_turn(lambda: _verify(plain, stored))


def _verify(plain: str, stored: str | None) -> tuple[bool, str | None]:
    decoy = _decoy()  # made for the known user too: whoever comes first waits for it
    try:
        candidate = _normal(plain)
    except UnicodeError:
        candidate, stored = "", None
    if stored is None or len(plain) > LONGEST:
        _context.verify(candidate[:LONGEST], decoy)
        return False, None
    right, replacement = _context.verify_and_update(candidate, stored)
    return bool(right), replacement


@cache
def _decoy() -> str:
    return str(_context.hash("nobody has this password"))


def _normal(plain: str) -> str:
    """One byte string for what looks the same: é is one character on Windows, two on a Mac."""
    normal = unicodedata.normalize("NFKC", plain)
    normal.encode()  # half a surrogate pair is no text
    return normal


async def _in_turn(work: Callable[[], T]) -> T:
    global _inside  # noqa: PLW0603 - counts for the whole process, as the threads do
    if _inside >= AT_ONCE + QUEUE:
        raise Unavailable(retry_after=2)
    _inside += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work)
    finally:
        _inside -= 1


def check_strength(password: str, context_words: Iterable[str] = (), *, pointer: str = "/password") -> None:
    """Raises WeakPassword, whose `errors` name the field and the reason.

    `context_words`: what an attacker knows already (company, e-mail, names). Any composition is fine.
    """
    if len(password) < SHORTEST:
        raise _weak(pointer, "password_too_short", f"Use at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise _weak(pointer, "password_too_long", f"Use at most {LONGEST} characters.")
    try:
        judged = _normal(password)[:JUDGED]
    except UnicodeError:
        raise _weak(pointer, "password_unreadable", "This is not well-formed text.") from None
    if _spellings(judged) > MOST_SPELLINGS:
        return
    if (
        zxcvbn.zxcvbn(judged, user_inputs=[*_pieces(context_words), *_common_words()])["score"]
        < STRONG_ENOUGH
    ):
        raise _weak(pointer, "password_too_common", "Avoid common words, names, dates and sequences.")


def _weak(pointer: str, code: str, detail: str) -> WeakPassword:
    values = {"shortest": SHORTEST, "longest": LONGEST}  # for the sentences in other languages
    return WeakPassword(
        {"pointer": pointer, "location": "body", "code": code, "detail": detail, "values": values}
    )


def _spellings(password: str) -> int:
    """How often zxcvbn would try each word again to undo signs for letters (p@$5w0rd).

    Beyond a dozen it works for seconds, on a password whose variety of signs is no common word's.
    """
    return math.prod(
        len(signs) for signs in matching.relevant_l33t_subtable(password, matching.L33T_TABLE).values()
    )


def _pieces(words: Iterable[str]) -> set[str]:
    """jean.dupont@alliance.dz gives jean, dupont and alliance as well as itself."""
    pieces = set()
    for word in words:
        folded = word.casefold()
        parts = "".join(letter if letter.isalnum() else " " for letter in folded).split()
        pieces |= {folded, "".join(parts)} | {part for part in parts if len(part) > 2}
    return pieces - {""}


@cache
def _common_words() -> tuple[str, ...]:
    """What zxcvbn's English lists lack: French and Algerian words, most guessed first."""
    return tuple(resources.files(__package__).joinpath("common_words.txt").read_text("utf-8").split())
