from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
import time_machine

from crm_api.core import totp

NOW = 1_795_420_800  # a multiple of 30
STEP = NOW // 30


def code_at(secret: str, step: int) -> str:
    return pyotp.TOTP(secret).generate_otp(step)


def test_a_code_is_good_one_step_early_and_one_late() -> None:
    secret = totp.new_secret()
    with time_machine.travel(NOW, tick=False):
        for step in (STEP - 1, STEP, STEP + 1):
            assert totp.accepted_step(secret, code_at(secret, step), None) == step
        for step in (STEP - 2, STEP + 2):
            assert totp.accepted_step(secret, code_at(secret, step), None) is None


def test_a_code_is_good_once() -> None:
    secret = totp.new_secret()
    with time_machine.travel(NOW, tick=False) as clock:
        accepted = totp.accepted_step(secret, code_at(secret, STEP), STEP - 1)
        assert accepted == STEP
        assert totp.accepted_step(secret, code_at(secret, STEP), accepted) is None
        assert totp.accepted_step(secret, code_at(secret, STEP - 1), accepted) is None, "nor an older one"
        clock.shift(30)
        assert totp.accepted_step(secret, code_at(secret, STEP), accepted) is None
        assert totp.accepted_step(secret, code_at(secret, STEP + 1), accepted) == STEP + 1


def test_a_code_of_another_secret_is_refused() -> None:
    with time_machine.travel(NOW, tick=False):
        assert totp.accepted_step(totp.new_secret(), code_at("JBSWY3DPEHPK3PXP" * 2, STEP), None) is None


@pytest.mark.parametrize(
    "junk", ["", "12345", "1234567", "abcdef", "+12345", "１２３４５６", "\x00" * 6, "\ud800"]
)
def test_junk_is_refused(junk: str) -> None:
    assert totp.accepted_step(totp.new_secret(), junk, None) is None


def test_a_code_may_be_typed_with_a_space() -> None:
    secret = totp.new_secret()
    with time_machine.travel(NOW, tick=False):
        code = code_at(secret, STEP)
        assert totp.accepted_step(secret, f"{code[:3]} {code[3:]}", None) == STEP


def test_the_enrolment_link_is_what_authenticator_apps_read() -> None:
    secret = totp.new_secret()
    link = urlsplit(totp.enrolment_uri(secret, account="a.b@alliance.dz", issuer="ASSURA-CRM"))
    assert (link.scheme, link.netloc) == ("otpauth", "totp")
    query = parse_qs(link.query)
    assert (query["secret"], query["issuer"]) == ([secret], ["ASSURA-CRM"])
    assert len(secret) == 32


def test_recovery_codes_are_ten_readable_and_known_by_hash_only() -> None:
    codes, hashes = totp.new_recovery_codes()
    assert len(set(codes)) == len(set(hashes)) == 10
    assert all(len(code) == 19 and code.count("-") == 3 for code in codes)
    assert not set("ilou") & set("".join(codes))
    assert [totp.used_recovery_hash(code, hashes) for code in codes] == hashes


def test_a_recovery_code_may_be_typed_as_people_type() -> None:
    digest = totp.recovery_hash("k0m1-q9f4-t3wx-8hj2")
    for typed in ("K0M1-Q9F4-T3WX-8HJ2", "k0m1q9f4t3wx8hj2", " kOmI q9f4 t3wx 8hj2 ", "kom l-q9f4-t3wx-8hj2"):
        assert totp.used_recovery_hash(typed, ["0" * 64, digest]) == digest


@pytest.mark.parametrize("wrong", ["", "k0m1-q9f4-t3wx-8hj3", "\ud800", "0" * 64])
def test_a_wrong_recovery_code_uses_up_nothing(wrong: str) -> None:
    assert totp.used_recovery_hash(wrong, [totp.recovery_hash("k0m1-q9f4-t3wx-8hj2")]) is None
