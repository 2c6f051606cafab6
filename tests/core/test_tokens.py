"""Every trap of python-jose that we know of, and of tokens in general."""

import base64
import json
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from cryptography.hazmat.primitives import hmac, serialization
from cryptography.hazmat.primitives.hashes import SHA256
from jose import jwk, jwt
from jose.backends.base import Key

from crm_api.core.keys import SigningKeys
from crm_api.core.tokens import LIFETIME, Tokens
from crm_api.kit.errors import TokenExpired, Unauthenticated

SUBJECT, ORGANIZATION, SESSION = UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.fixture
def keys(tmp_path: Path) -> SigningKeys:
    return SigningKeys(tmp_path)


@pytest.fixture
def tokens(keys: SigningKeys) -> Tokens:
    return Tokens(keys)


def good_claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": "crm",
        "aud": "crm-api",
        "sub": str(SUBJECT),
        "org": str(ORGANIZATION),
        "sid": str(SESSION),
        "scope": "leads:read leads:write",
        "jti": str(uuid4()),
        "iat": now,
        "exp": now + 600,
    } | changed
    return {name: value for name, value in claims.items() if value is not ...}


def segment(content: Any) -> bytes:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def forged(header: Any, claims: Any, sign: Callable[[bytes], bytes]) -> str:
    signed = segment(header) + b"." + segment(claims)
    return (signed + b"." + segment(sign(signed))).decode()


def own_signature(keys: SigningKeys) -> Callable[[bytes], bytes]:
    """What a token would carry if somebody made us sign it: only its header or claims are wrong."""
    key: Key = jwk.construct(keys.current().private, "ES256")
    return lambda signed: bytes(key.sign(signed))


def refused(tokens: Tokens, token: str) -> None:
    with pytest.raises(Unauthenticated) as error:
        tokens.verify(token)
    assert error.value.code == "unauthorized"


def test_what_is_issued_verifies_and_says_the_same(tokens: Tokens) -> None:
    token, claims = tokens.issue(
        subject=SUBJECT,
        organization_id=ORGANIZATION,
        session_id=SESSION,
        scopes=frozenset({"leads:read", "leads:write"}),
    )
    assert tokens.verify(token) == claims
    assert claims.expires_at - claims.issued_at == LIFETIME == 600
    assert (claims.subject, claims.organization_id, claims.session_id) == (SUBJECT, ORGANIZATION, SESSION)
    assert jwt.get_unverified_header(token)["kid"]


def test_a_token_without_scopes_has_none(tokens: Tokens) -> None:
    token, _ = tokens.issue(
        subject=SUBJECT, organization_id=ORGANIZATION, session_id=SESSION, scopes=frozenset()
    )
    assert tokens.verify(token).scopes == frozenset()


def test_a_token_still_verifies_after_a_rotation(tokens: Tokens, keys: SigningKeys) -> None:
    token = tokens.sign(good_claims())
    keys.rotate()
    assert tokens.verify(token).subject == SUBJECT


def test_an_expired_token_says_so(tokens: Tokens) -> None:
    with time_machine.travel("2026-11-23T08:00:00Z", tick=False) as clock:
        token = tokens.sign(good_claims())
        clock.shift(timedelta(seconds=599))
        assert tokens.verify(token)
        clock.shift(timedelta(seconds=1.5))
        with pytest.raises(TokenExpired) as error:
            tokens.verify(token)
    assert (error.value.status, error.value.code) == (401, "token_expired")


def test_an_expired_forgery_is_a_forgery(tokens: Tokens, tmp_path: Path) -> None:
    stranger = Tokens(SigningKeys(tmp_path / "stranger"))
    refused(tokens, stranger.sign(good_claims(exp=1)))


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "org", "sid", "scope", "jti", "iat", "exp"])
def test_every_claim_is_required(tokens: Tokens, claim: str) -> None:
    refused(tokens, tokens.sign(good_claims(**{claim: ...})))


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another-api"},
        {"aud": ["crm-api", "another-api"]},
        {"aud": []},
        {"iss": "another"},
        {"iss": None},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
        {"iat": "soon"},
        {"iat": None},
        {"exp": "later"},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": None},
        {"sub": 7},
        {"sub": "somebody"},
        {"org": None},
        {"sid": {}},
        {"jti": 7},
    ],
    ids=str,
)
def test_a_claim_of_the_wrong_value_is_refused(tokens: Tokens, changed: dict[str, Any]) -> None:
    refused(tokens, tokens.sign(good_claims(**changed)))


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "NONE", "", None, "HS256", "RS256", "ES384", ["ES256"]]
)
def test_the_token_does_not_choose_the_algorithm(
    tokens: Tokens, keys: SigningKeys, algorithm: str | None
) -> None:
    header = {"alg": algorithm, "typ": "at+jwt", "kid": keys.current().kid}
    refused(tokens, forged(header, good_claims(), own_signature(keys)))
    refused(tokens, forged(header, good_claims(), lambda _: b""))


@pytest.mark.parametrize("form", ["PEM", "DER"])
def test_the_public_key_is_no_shared_secret(tokens: Tokens, keys: SigningKeys, form: str) -> None:
    public = keys.current().private.public_key()
    encoding = serialization.Encoding.PEM if form == "PEM" else serialization.Encoding.DER
    secret = public.public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)

    def sign(signed: bytes) -> bytes:
        mac = hmac.HMAC(secret, SHA256())
        mac.update(signed)
        return mac.finalize()

    token = forged({"alg": "HS256", "typ": "at+jwt", "kid": keys.current().kid}, good_claims(), sign)
    if form == "DER":  # the trap is real: left to itself, python-jose takes it
        assert jwt.decode(token, secret, algorithms=None, audience="crm-api")
    refused(tokens, token)


def test_python_jose_alone_would_take_a_token_without_audience(tokens: Tokens, keys: SigningKeys) -> None:
    token = tokens.sign(good_claims(aud=..., exp=...))
    assert jwt.decode(
        token,
        jwk.construct(keys.current().private.public_key(), "ES256"),
        algorithms=["ES256"],
        audience="crm-api",
    )
    refused(tokens, token)


@pytest.mark.parametrize(
    "extra",
    [
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/cert"},
        {"jwk": {"kty": "EC"}},
        {"x5c": ["MII"]},
        {"crit": ["b64"], "b64": False},
        {"zip": "DEF"},
        {"typ": "JWT"},
        {"typ": None},
        {"kid": None},
        {"kid": 7},
        {"kid": ["a"]},
        {"kid": "../../etc/passwd"},
        {"kid": "no-such-key"},
    ],
    ids=str,
)
def test_a_header_holds_our_three_entries_and_nothing_else(
    tokens: Tokens, keys: SigningKeys, extra: dict[str, Any]
) -> None:
    header = {"alg": "ES256", "typ": "at+jwt", "kid": keys.current().kid}
    assert tokens.verify(forged(header, good_claims(), own_signature(keys)))
    refused(tokens, forged(header | extra, good_claims(), own_signature(keys)))


@pytest.mark.parametrize("absent", ["alg", "typ", "kid"])
def test_a_header_lacks_nothing(tokens: Tokens, keys: SigningKeys, absent: str) -> None:
    header = {"alg": "ES256", "typ": "at+jwt", "kid": keys.current().kid}
    del header[absent]
    refused(tokens, forged(header, good_claims(), own_signature(keys)))


def test_a_stranger_who_names_our_key_is_refused(tokens: Tokens, keys: SigningKeys, tmp_path: Path) -> None:
    header = {"alg": "ES256", "typ": "at+jwt", "kid": keys.current().kid}
    refused(tokens, forged(header, good_claims(), own_signature(SigningKeys(tmp_path / "stranger"))))


def test_an_altered_token_is_refused(tokens: Tokens) -> None:
    header, claims, signature = tokens.sign(good_claims()).split(".")
    other = segment(good_claims(sub=str(UUID(int=9)))).decode()
    refused(tokens, f"{header}.{other}.{signature}")
    refused(tokens, f"{header}.{claims}.{signature[:-4]}")
    refused(tokens, f"{header}.{claims}.")
    refused(tokens, f"{header}.{claims}.{'A' * 86}")  # r = s = 0, the "psychic signature"


def test_a_token_over_eight_kibibytes_is_not_even_read(tokens: Tokens) -> None:
    assert tokens.verify(tokens.sign(good_claims(scope="x" * 5500)))
    refused(tokens, tokens.sign(good_claims(scope="x" * 6500)))


@pytest.mark.parametrize(
    "junk",
    [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "é.é.é",
        "\ud800",
        "e30.e30.e30",
        "eyJ" * 100,
        "\x00.\x00.\x00",
        (segment(b"[" * 2900) + b".e30.e30").decode(),
        (segment(b'"x"') + b".e30.e30").decode(),
    ],
)
def test_junk_is_refused(tokens: Tokens, junk: str) -> None:
    refused(tokens, junk)


@pytest.mark.parametrize("claims", [b"[" * 2500, b"[]", b'"x"', b"7", b"null", b"\xff", b""])
def test_claims_that_are_no_object_are_refused(tokens: Tokens, keys: SigningKeys, claims: bytes) -> None:
    header = {"alg": "ES256", "typ": "at+jwt", "kid": keys.current().kid}
    refused(tokens, forged(header, claims, own_signature(keys)))
