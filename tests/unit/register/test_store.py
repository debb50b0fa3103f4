"""The register's file: private, encrypted, whole, and without those who are gone."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import pytest
from unit.register.team import enrolled, in_the_clear, raw, register, sealed, templates

from imu_imageprep.domain.errors import OutputProblem
from imu_imageprep.register.keys import KeyProblem
from imu_imageprep.register.store import Register, RegisterDamaged

A, B = enrolled("A", "R-A"), enrolled("B", "R-B")


@pytest.fixture
def store(tmp_path: Path) -> Register:
    (tmp_path / "keys").mkdir()
    return register(tmp_path)


def test_what_was_written_is_read_back(store: Register) -> None:
    with store.locked():
        assert store.people() == ()
        store.write([A, B])
    again = Register(store.path, store.keys)
    with again.locked():
        assert again.people() == (A, B)
        assert again.consents() == ("R-A", "R-B")


@pytest.mark.posix(reason="Windows has no modes: a folder says who may read")
def test_only_the_owner_reads_any_of_it(store: Register, tmp_path: Path) -> None:
    with store.locked():
        store.write([A])
        store.write([A, B])
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.rglob("*") if p.is_file()}
    assert set(modes) == {"ledger.db.people", "ledger.db.people.lock", "key", "key.lock"}
    assert set(modes.values()) == {0o600}


def test_no_template_stands_in_the_clear(store: Register, tmp_path: Path) -> None:
    with store.locked():
        store.write([A, B])
    assert not in_the_clear(raw(tmp_path), "A")
    assert in_the_clear(json.dumps(templates("A")).encode(), "A")  # the search finds them


def test_an_earlier_state_opens_with_no_key_that_exists(store: Register, tmp_path: Path) -> None:
    with store.locked():
        store.write([A, B])
        copy = tmp_path / "backup"
        shutil.copy(store.path, copy)
        assert Register(copy, store.keys).people() == (A, B)
        store.write([B])
        assert store.people() == (B,)
        with pytest.raises(KeyProblem):
            Register(copy, store.keys).people()


def test_the_last_one_takes_the_file_and_the_key_along(store: Register, tmp_path: Path) -> None:
    with store.locked():
        store.write([A])
        before = sealed(store.path, "R-A")
        store.write([])
        assert store.people() == ()
    assert not store.path.exists()
    assert json.loads((tmp_path / "keys" / "key").read_text()) == {}
    assert before not in raw(tmp_path)


@pytest.mark.parametrize("locked_out", [False, True])
def test_a_person_goes_also_without_the_key(
    store: Register, tmp_path: Path, locked_out: bool
) -> None:
    with store.locked():
        store.write([A, B])
        before = sealed(store.path, "R-A")
        key = tmp_path / "keys" / "key"
        if locked_out:
            key.rename(tmp_path / "elsewhere")
        kept = sealed(store.path, "R-B")
        store.drop({"R-A"}.__contains__)
        assert store.consents() == ("R-B",)
        assert before not in raw(tmp_path)
        if locked_out:  # the key changes as soon as it is there again
            assert kept in raw(tmp_path)
            (tmp_path / "elsewhere").rename(key)
        assert store.people() == (B,)
        assert kept not in raw(tmp_path)
        assert store.people() == (B,)


def test_what_a_killed_program_left_goes_with_the_next_lock(store: Register) -> None:
    part = Path(f"{store.path}.part")
    part.write_bytes(b"half a register")
    assert store.there
    with store.locked():
        assert not part.exists()
    assert not store.there


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b'{"imageprep_register": 1}', b'{"imageprep_register": 2}', b"\xff\x00"],
)
def test_a_damaged_file_is_told(store: Register, data: bytes) -> None:
    store.path.write_bytes(data)
    with store.locked(), pytest.raises(RegisterDamaged):
        store.people()


def test_an_exchanged_record_does_not_open(store: Register) -> None:
    with store.locked():
        store.write([A, B])
        values = json.loads(store.path.read_bytes())
        for row in values["people"]:
            row["consent"] = {"R-A": "R-B", "R-B": "R-A"}[row["consent"]]
        store.path.write_text(json.dumps(values))
        with pytest.raises(RegisterDamaged):
            store.people()


def test_templates_of_another_network_are_not_compared(store: Register) -> None:
    with store.locked():
        store.write([A])
        text = store.path.read_text()
        store.path.write_text(text.replace("55533b28a958", "0123456789ab"))
        with pytest.raises(RegisterDamaged, match="another version"):
            store.people()


def test_two_programs_never_have_it_at_once(store: Register) -> None:
    other = Register(store.path, store.keys, patience=0.0)
    with store.locked(), pytest.raises(OutputProblem, match="in use"), other.locked():
        pass
    with other.locked():
        pass


def test_a_folder_that_cannot_be_written_is_told(ordinary: Path) -> None:
    ordinary.chmod(0o500)
    with pytest.raises(OutputProblem), register(ordinary).locked():
        pass
    ordinary.chmod(0o700)
