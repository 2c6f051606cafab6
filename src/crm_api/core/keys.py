"""The keys that sign access tokens: P-256 key pairs in a folder, one of them current.

`<folder>/<kid>.pem` holds a private key (mode 0600), `<folder>/signing.json` says which is current and when
the others retired. Every process looks for a new index once a second, so that a rotation by the command line
reaches running servers; a token signed with an unknown key makes it look at once.
"""

import fcntl
import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from time import monotonic, time
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

GRACE = 24 * 3600.0
"""Seconds a retired key still verifies; longer than any token it signed."""
LOOK_EVERY = 1.0


@dataclass(frozen=True, slots=True)
class SigningKey:
    kid: str
    private: ec.EllipticCurvePrivateKey
    retired_at: float | None
    """Seconds since 1970; None for the current one."""


class SigningKeys:
    """Opens the folder, and makes the first key when there is none."""

    def __init__(self, folder: Path, *, look_every: float = LOOK_EVERY) -> None:
        self._folder, self._index, self._look_every = folder, folder / "signing.json", look_every
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._seen: tuple[int, ...] = ()
        self._looked_at = 0.0
        self._keys: dict[str, SigningKey] = {}
        self._current = ""
        with self._alone():
            if not self._index.exists():
                self._write_index(self._new_key(), {})
        self._look()

    def current(self) -> SigningKey:
        self._look_sometimes()
        return self._keys[self._current]

    def verifying(self, kid: str) -> ec.EllipticCurvePublicKey | None:
        """None when it is not ours, or retired for too long."""
        self._look_sometimes()
        if kid not in self._keys:
            self._look()
        key = self._keys.get(kid)
        return key.private.public_key() if key is not None and _verifies(key.retired_at) else None

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public halves, as RFC 7517 wants them, the current one first."""
        current = self.current()
        others = [key for key in self._keys.values() if key is not current and _verifies(key.retired_at)]
        return {"keys": [_jwk(key) for key in (current, *others)]}

    def rotate(self) -> str:
        """Makes a new current key and returns its id; the old one verifies for another 24 hours."""
        with self._alone():
            index = self._read_index()
            retired = index["retired"] | {index["current"]: time()}
            self._write_index(self._new_key(), {k: at for k, at in retired.items() if _verifies(at)})
            for kid, at in retired.items():
                if not _verifies(at):
                    self._file(kid).unlink(missing_ok=True)
        self._look()
        return self._current

    def sign(self, content: bytes) -> tuple[str, bytes]:
        """The current key's id and its ES256 signature (DER), for what must be verifiable for years."""
        key = self.current()
        self._publish(key.kid, key.private)
        return key.kid, key.private.sign(content, ec.ECDSA(hashes.SHA256()))

    def signed(self, kid: str, content: bytes, signature: bytes) -> bool:
        """Whether `sign` made this, however long ago: public halves outlive their keys."""
        file = self._folder / f"{Path(kid).name}.pub"
        if not file.is_file():
            return False
        public = serialization.load_pem_public_key(file.read_bytes())
        assert isinstance(public, ec.EllipticCurvePublicKey)  # noqa: S101 - narrows the type
        try:
            public.verify(signature, content, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True

    def _publish(self, kid: str, private: ec.EllipticCurvePrivateKey) -> None:
        file = self._folder / f"{kid}.pub"
        if not file.exists():
            encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            write_private(file, private.public_key().public_bytes(encoding, form))

    def _look_sometimes(self) -> None:
        if monotonic() - self._looked_at >= self._look_every:
            self._look()

    def _look(self) -> None:
        self._looked_at = monotonic()
        state = self._index.stat()
        seen = (state.st_mtime_ns, state.st_ino, state.st_size)
        if seen == self._seen:
            return
        index = self._read_index()
        dates = index["retired"] | {index["current"]: None}
        self._keys = {kid: self._load(kid, at) for kid, at in dates.items() if _verifies(at)}
        self._current, self._seen = index["current"], seen

    def _load(self, kid: str, retired_at: float | None) -> SigningKey:
        key = serialization.load_pem_private_key(self._file(kid).read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise ValueError(f"the signing key {kid} is not a P-256 key")
        return SigningKey(kid, key, retired_at)

    def _new_key(self) -> str:
        kid = f"{datetime.now(UTC):%Y-%m-%d}-{token_hex(4)}"
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_private(self._file(kid), pem)
        return kid

    def _file(self, kid: str) -> Path:
        return self._folder / f"{kid}.pem"

    def _read_index(self) -> dict[str, Any]:
        index: dict[str, Any] = json.loads(self._index.read_bytes())
        return index

    def _write_index(self, current: str, retired: dict[str, float]) -> None:
        write_private(self._index, json.dumps({"current": current, "retired": retired}).encode())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two processes that start or rotate together must not make two current keys."""
        with (self._folder / "signing.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def write_private(path: Path, content: bytes) -> None:
    """Readable by its owner alone from the first moment, and there as a whole or not at all."""
    draft = path.with_name(f".{path.name}.{token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _verifies(retired_at: float | None) -> bool:
    return retired_at is None or time() < retired_at + GRACE


def _jwk(key: SigningKey) -> dict[str, str]:
    point = key.private.public_key().public_numbers()
    x, y = (urlsafe_b64encode(n.to_bytes(32, "big")).rstrip(b"=").decode() for n in (point.x, point.y))
    return {"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": key.kid, "x": x, "y": y}
