"""Where the key lies: a file that only its owner reads, or a keyring that is fit for it."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command import ROOT, pythonpath

from imu_imageprep.register.keys import FileKeys, KeyProblem

KEY, OTHER = bytes(range(32)), bytes(range(32, 64))


def test_keys_are_kept_by_name(tmp_path: Path) -> None:
    keys = FileKeys(tmp_path / "key")
    keys.check()
    keys.write("one-a", KEY)
    keys.write("one-b", OTHER)
    assert (keys.read("one-a"), keys.read("one-b")) == (KEY, OTHER)
    keys.forget("one-a")
    keys.forget("one-a")
    with pytest.raises(KeyProblem, match="not in"):
        keys.read("one-a")
    assert keys.read("one-b") == OTHER


@pytest.mark.posix(reason="Windows has no modes: a folder says who may read")
def test_a_key_file_that_others_read_is_refused(tmp_path: Path) -> None:
    keys = FileKeys(tmp_path / "key")
    keys.write("one-a", KEY)
    keys.path.chmod(0o640)
    with pytest.raises(KeyProblem, match="Others"):
        keys.check()
    with pytest.raises(KeyProblem, match="Others"):
        keys.write("one-b", OTHER)


@pytest.mark.parametrize("text", ["no json", "[]", '{"one-a": 5}'])
def test_another_file_is_no_key_file_and_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(KeyProblem):
        FileKeys(path).write("one-a", KEY)
    assert path.read_text() == text


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!"])
def test_what_is_no_key_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key"
    path.write_text(json.dumps({"one-a": text}))
    path.chmod(0o600)
    with pytest.raises(KeyProblem):
        FileKeys(path).read("one-a")


# A keyring of its own kind, as systems bring theirs; PRIORITY is what it says of itself.
BACKEND = """
import json, os, pathlib
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError
class Ring(KeyringBackend):
    priority = float(os.environ["PRIORITY"])
    file = pathlib.Path(os.environ["RING"])
    def _all(self):
        if os.environ.get("LOCKED"):
            raise KeyringLocked("locked")
        return json.loads(self.file.read_text()) if self.file.exists() else {}
    def get_password(self, service, username):
        return self._all().get(service + "/" + username)
    def set_password(self, service, username, password):
        self.file.write_text(json.dumps({**self._all(), service + "/" + username: password}))
    def delete_password(self, service, username):
        kept = self._all()
        if service + "/" + username not in kept:
            raise PasswordDeleteError("no such password")
        del kept[service + "/" + username]
        self.file.write_text(json.dumps(kept))
"""
USE = """
from imu_imageprep.register.keys import KeyProblem, SystemKeys
keys = SystemKeys()
try:
    keys.check()
    keys.forget("one-a")
    keys.write("one-a", bytes(range(32)))
    assert keys.read("one-a") == bytes(range(32))
    keys.forget("one-a")
    try:
        keys.read("one-a")
    except KeyProblem as problem:
        print("gone:", problem.message)
except KeyProblem as problem:
    print(problem.message)
"""
needs_keyring = pytest.mark.skipif(
    importlib.util.find_spec("keyring") is None, reason="the extra register is not installed"
)


def used(folder: Path, **environment: str) -> str:
    (folder / "ring.py").write_text(BACKEND)
    done = subprocess.run(
        [sys.executable, "-c", USE],
        capture_output=True,
        text=True,
        check=True,
        env={
            **os.environ,
            "PYTHONPATH": pythonpath(ROOT, folder),
            "RING": f"{folder}/ring",
            **environment,
        },
    )
    return done.stdout


@needs_keyring
def test_a_keyring_keeps_the_key(tmp_path: Path) -> None:
    told = used(tmp_path, PYTHON_KEYRING_BACKEND="ring.Ring", PRIORITY="5")
    assert told.startswith("gone: The key of the register is not in the keyring")
    assert json.loads((tmp_path / "ring").read_text()) == {}


@needs_keyring
@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}, "no keyring"),
        ({"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}, "no keyring"),
        ({"PYTHON_KEYRING_BACKEND": "ring.Ring", "PRIORITY": "0.5"}, "no keyring"),
        ({"PYTHON_KEYRING_BACKEND": "ring.Ring", "PRIORITY": "5", "LOCKED": "1"}, "delete"),
    ],
)
def test_no_keyring_or_an_unfit_one_is_refused(
    tmp_path: Path, environment: dict[str, str], says: str
) -> None:
    assert says in used(tmp_path, **{"PRIORITY": "5", **environment})
    assert not (tmp_path / "ring").exists()
