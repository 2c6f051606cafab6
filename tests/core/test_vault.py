import os
import stat
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.core.vault import (
    OrganizationVault,
    SealBroken,
    Vault,
    add_kek,
    forget_older_keks,
    load_keks,
    mask,
)

OURS, THEIRS, ROW = UUID(int=1), UUID(int=2), UUID(int=3)
FIELDS = {"national_id": "119850123456789012", "iban": "DZ580002100001113000000570", "note": "حالة صحية"}


@pytest.fixture
def vault() -> Vault:
    return Vault(os.urandom(32))


def opened(vault: Vault, organization: UUID = OURS, keys: int = 1) -> OrganizationVault:
    return vault.unwrap([vault.new_wrapped_key(organization) for _ in range(keys)], organization)


def test_what_is_sealed_opens_again_and_shows_nothing_meanwhile(vault: Vault) -> None:
    ours = opened(vault)
    cell = ours.seal(FIELDS, table="contacts", row_id=ROW)
    assert ours.open(cell, table="contacts", row_id=ROW) == FIELDS
    assert b"11985" not in cell
    assert b"iban" not in cell


@given(
    st.dictionaries(
        st.text(max_size=20), st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=50)
    )
)
def test_any_json_survives(fields: dict[str, Any]) -> None:
    ours = OrganizationVault(OURS, [bytes(32)])
    assert ours.open(ours.seal(fields, table="t", row_id=ROW), table="t", row_id=ROW) == fields


def test_equal_fields_are_sealed_differently_each_time(vault: Vault) -> None:
    ours = opened(vault)
    assert len({ours.seal(FIELDS, table="contacts", row_id=ROW) for _ in range(100)}) == 100


def test_a_cell_opens_only_in_its_own_row_and_table(vault: Vault) -> None:
    ours = opened(vault)
    cell = ours.seal(FIELDS, table="contacts", row_id=ROW)
    for table, row in (("contacts", uuid4()), ("accounts", ROW), ("", ROW)):
        with pytest.raises(SealBroken):
            ours.open(cell, table=table, row_id=row)


def test_a_cell_opens_only_for_its_organization(vault: Vault) -> None:
    cell = opened(vault).seal(FIELDS, table="contacts", row_id=ROW)
    with pytest.raises(SealBroken):
        opened(vault, THEIRS).open(cell, table="contacts", row_id=ROW)
    same_key = bytes(32)
    cell = OrganizationVault(OURS, [same_key]).seal(FIELDS, table="contacts", row_id=ROW)
    with pytest.raises(SealBroken):
        OrganizationVault(THEIRS, [same_key]).open(cell, table="contacts", row_id=ROW)


def test_a_wrapped_key_opens_only_for_its_organization(vault: Vault) -> None:
    with pytest.raises(SealBroken):
        vault.unwrap([vault.new_wrapped_key(OURS)], THEIRS)


def test_no_single_bit_of_a_cell_can_change(vault: Vault) -> None:
    ours = opened(vault)
    cell = ours.seal({"a": "b"}, table="contacts", row_id=ROW)
    for position in range(len(cell) * 8):
        altered = bytearray(cell)
        altered[position // 8] ^= 1 << position % 8
        with pytest.raises(SealBroken):
            ours.open(bytes(altered), table="contacts", row_id=ROW)


@pytest.mark.parametrize("length", [0, 1, 5, 16, 17, 32])
def test_a_piece_of_a_cell_does_not_open(vault: Vault, length: int) -> None:
    ours = opened(vault)
    cell = ours.seal(FIELDS, table="contacts", row_id=ROW)
    with pytest.raises(SealBroken):
        ours.open(cell[:length], table="contacts", row_id=ROW)


def test_without_the_key_encryption_key_nothing_opens(vault: Vault) -> None:
    with pytest.raises(SealBroken):
        Vault(os.urandom(32)).unwrap([vault.new_wrapped_key(OURS)], OURS)


def test_the_key_encryption_key_can_be_replaced() -> None:
    old, new = os.urandom(32), os.urandom(32)
    wrapped = Vault(old).new_wrapped_key(OURS)
    cell = Vault(old).unwrap([wrapped], OURS).seal(FIELDS, table="contacts", row_id=ROW)
    rewrapped = Vault(new, old).rewrap(wrapped, OURS)
    assert Vault(new).unwrap([rewrapped], OURS).open(cell, table="contacts", row_id=ROW) == FIELDS


def test_a_data_key_can_be_replaced_cell_by_cell(vault: Vault) -> None:
    first, second = vault.new_wrapped_key(OURS), vault.new_wrapped_key(OURS)
    cell = vault.unwrap([first], OURS).seal(FIELDS, table="contacts", row_id=ROW)
    both = vault.unwrap([first, second], OURS)
    assert both.open(cell, table="contacts", row_id=ROW) == FIELDS
    resealed = both.resealed(cell, table="contacts", row_id=ROW)
    assert resealed is not None
    assert vault.unwrap([second], OURS).open(resealed, table="contacts", row_id=ROW) == FIELDS
    assert both.resealed(resealed, table="contacts", row_id=ROW) is None


def test_equal_values_are_found_by_their_blind_index(vault: Vault) -> None:
    wrapped = vault.new_wrapped_key(OURS)
    stored = vault.unwrap([wrapped], OURS).blind("119850123456789012", "national_id")
    later = vault.unwrap([wrapped, vault.new_wrapped_key(OURS)], OURS)
    assert stored in later.blinds("119850123456789012", "national_id")
    assert later.blind("119850123456789012", "national_id") in later.blinds(
        "119850123456789012", "national_id"
    )
    assert stored not in later.blinds("119850123456789013", "national_id")


def test_a_blind_index_says_nothing_across_fields_and_organizations(vault: Vault) -> None:
    ours, theirs = opened(vault), opened(vault, THEIRS)
    indexes = {ours.blind("12", "national_id"), ours.blind("12", "iban"), theirs.blind("12", "national_id")}
    assert len(indexes) == 3
    assert {len(index) for index in indexes} == {32}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("119850123456789012", "•••9012"),
        ("12341234", "•••1234"),
        ("1234123", "•••"),
        ("1", "•••"),
        ("", "•••"),
    ],
)
def test_a_mask_shows_the_end_of_long_values_only(value: str, shown: str) -> None:
    assert mask(value) == shown


def test_a_mask_may_keep_nothing() -> None:
    assert mask("119850123456789012", keep=0) == "•••"


def test_the_key_file_is_made_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "kek"
    with pytest.raises(FileNotFoundError):
        load_keks(path)
    (kek,) = load_keks(path, create=True)
    assert len(kek) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_keks(path, create=True) == load_keks(path) == [kek]


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33, b"x" * 65])
def test_a_key_file_of_another_length_stops_the_start(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kek").write_bytes(content)
    with pytest.raises(ValueError, match="exactly 32"):
        load_keks(tmp_path / "kek", create=True)


def test_a_new_key_of_keys_is_current_and_the_older_still_open(tmp_path: Path) -> None:
    path = tmp_path / "kek"
    (first,) = load_keks(path, create=True)
    wrapped = Vault(first).new_wrapped_key(OURS)
    assert add_kek(path) == 2
    both = Vault(*load_keks(path))
    assert not both.is_current(wrapped)
    both.unwrap([wrapped], OURS)
    rewrapped = both.rewrap(wrapped, OURS)
    assert both.is_current(rewrapped)
    forget_older_keks(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (newest,) = load_keks(path)
    assert newest != first
    Vault(newest).unwrap([rewrapped], OURS)
