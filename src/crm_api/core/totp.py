"""The second factor: codes of an authenticator app, each good once, and recovery codes for a lost phone."""

from collections.abc import Iterable
from hashlib import sha256
from hmac import compare_digest
from secrets import choice
from time import time

import pyotp

PERIOD = 30
WINDOW = 1
"""Steps accepted before and after the current one: phones' clocks differ."""
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's 32: no i, l, o, u."""
RECOVERY_CODES, GROUPS, GROUP = 10, 4, 4
"""Sixteen letters are 80 bits: too many to be guessed from a plain hash."""
_READ_AS = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None, " ": None})


def new_secret() -> str:
    """160 bits in base32. Seal it before it is stored."""
    return pyotp.random_base32()


def enrolment_uri(secret: str, *, account: str, issuer: str) -> str:
    """What the QR code says."""
    return pyotp.TOTP(secret, interval=PERIOD).provisioning_uri(name=account, issuer_name=issuer)


def accepted_step(secret: str, code: str, last_step: int | None) -> int | None:
    """The time step of a right code, to be stored as the new `last_step`; None when the code is refused.

    A step not after `last_step` was used already. Store by `WHERE last_step < :step`: of two requests that
    bring the same code at once, only one may win.
    """
    typed = code.replace(" ", "")
    if not (len(typed) == 6 and typed.isascii() and typed.isdecimal()):
        return None
    totp, now = pyotp.TOTP(secret, interval=PERIOD), int(time()) // PERIOD
    steps = range(now - WINDOW, now + WINDOW + 1)
    right = [step for step in steps if compare_digest(totp.generate_otp(step), typed)]
    return next((step for step in right if last_step is None or step > last_step), None)


def new_recovery_codes() -> tuple[list[str], list[str]]:
    """Ten codes to show once (`k7m2-q9f4-t3wx-8hj2`), and their hashes to store."""
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    return codes, [recovery_hash(code) for code in codes]


def recovery_hash(code: str) -> str:
    """However it is typed: with or without dashes, in capitals, O for 0."""
    return sha256(code.lower().translate(_READ_AS).encode("utf-8", "replace")).hexdigest()


def used_recovery_hash(code: str, hashes: Iterable[str]) -> str | None:
    """Which of the stored hashes the code uses up; None when it is none of them."""
    digest = recovery_hash(code)
    return next(iter([one for one in hashes if compare_digest(one, digest)]), None)


def _new_code() -> str:
    return "-".join("".join(choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
