import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from crm_api.core.keys import SigningKeys


def test_the_first_key_is_made_and_found_again(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    kid = SigningKeys(folder).current().kid
    assert SigningKeys(folder).current().kid == kid
    assert stat.S_IMODE((folder / f"{kid}.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_processes_that_start_together_share_one_first_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        kids = {keys.current().kid for keys in threads.map(SigningKeys, [tmp_path] * 8)}
    assert len(kids) == 1
    assert len(list(tmp_path.glob("*.pem"))) == 1


def test_the_published_set_holds_public_halves_only(tmp_path: Path) -> None:
    keys = SigningKeys(tmp_path)
    keys.rotate()
    published = keys.jwks()["keys"]
    assert published[0]["kid"] == keys.current().kid
    assert len(published) == 2
    assert all(set(key) == {"kty", "crv", "use", "alg", "kid", "x", "y"} for key in published)
    assert {(key["kty"], key["crv"], key["alg"]) for key in published} == {("EC", "P-256", "ES256")}


def test_a_rotation_reaches_a_running_server_within_a_second(tmp_path: Path) -> None:
    server, command_line = SigningKeys(tmp_path, look_every=0), SigningKeys(tmp_path)
    old = server.current().kid
    new = command_line.rotate()
    assert server.current().kid == new != old
    assert server.verifying(old) is not None


def test_a_key_that_is_not_known_yet_is_looked_for_at_once(tmp_path: Path) -> None:
    server, command_line = SigningKeys(tmp_path, look_every=3600), SigningKeys(tmp_path)
    new = command_line.rotate()
    assert server.verifying(new) is not None


def test_the_folder_is_not_read_again_while_nothing_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = SigningKeys(tmp_path, look_every=0)
    monkeypatch.setattr(keys, "_read_index", lambda: pytest.fail("read again"))
    assert keys.current().kid
    assert keys.verifying("no-such-key") is None


def test_a_retired_key_verifies_for_a_day_and_then_disappears(tmp_path: Path) -> None:
    with time_machine.travel("2026-11-23T08:00:00Z", tick=False) as clock:
        keys = SigningKeys(tmp_path)
        old = keys.current().kid
        keys.rotate()
        clock.shift(timedelta(hours=23, minutes=59))
        assert keys.verifying(old) is not None
        assert len(keys.jwks()["keys"]) == 2
        clock.shift(timedelta(minutes=1))
        assert keys.verifying(old) is None
        assert len(keys.jwks()["keys"]) == 1
        keys.rotate()
        assert not (tmp_path / f"{old}.pem").exists()
        assert len(list(tmp_path.glob("*.pem"))) == 2


def test_a_key_of_another_curve_stops_the_start(tmp_path: Path) -> None:
    kid = SigningKeys(tmp_path).current().kid
    pem = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / f"{kid}.pem").write_bytes(pem)
    with pytest.raises(ValueError, match="not a P-256 key"):
        SigningKeys(tmp_path)


def test_no_draft_is_left_behind(tmp_path: Path) -> None:
    keys = SigningKeys(tmp_path)
    keys.rotate()
    kids = {keys.current().kid, *json.loads((tmp_path / "signing.json").read_text())["retired"]}
    expected = {f"{kid}.pem" for kid in kids} | {"signing.json", "signing.lock"}
    assert {path.name for path in tmp_path.iterdir()} == expected
