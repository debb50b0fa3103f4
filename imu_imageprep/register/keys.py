"""Where the key of the templates lies: in the system's keyring, or in a file that a person names.

Never beside the templates: whoever copies the register's file alone cannot read it.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from imu_imageprep import atomic
from imu_imageprep.domain.errors import ModelProblem, OutputProblem
from imu_imageprep.seal import KEY_BYTES
from imu_imageprep.shell import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SERVICE = "imageprep register"
# What keyring's own documentation recommends as the least: backends below it keep secrets in the
# clear, keep nothing, or are the stand-in for "there is none".
_TRUSTED = 1

_ADVICE = (
    "Use a desktop session with a keyring, or name a file for the key with --key-file or "
    "register.key_file in your configuration; docs/register.md says how safe that is."
)


class KeyProblem(ModelProblem):
    """The key of the register cannot be kept or read."""

    default_advice = _ADVICE


class Keys(Protocol):
    """Keeps keys by name."""

    def check(self) -> None:
        """See that keys can be kept here at all.

        Raises:
            KeyProblem: they cannot.
        """
        ...

    def read(self, name: str) -> bytes:
        """The key of a name.

        Raises:
            KeyProblem: there is none, or it cannot be read.
        """
        ...

    def write(self, name: str, key: bytes) -> None:
        """Keep a key; it is on the disk when this returns.

        Raises:
            KeyProblem: it cannot be kept.
        """
        ...

    def forget(self, name: str) -> None:
        """Destroy a key, if there is one.

        Raises:
            KeyProblem: it cannot be destroyed.
        """
        ...


@dataclass(frozen=True, slots=True)
class SystemKeys:
    """The operating system's keyring, by the package ``keyring``."""

    def check(self) -> None:
        """See that there is a keyring; raises ``KeyProblem``."""
        _keyring()

    def read(self, name: str) -> bytes:
        """The key of a name; raises ``KeyProblem``."""
        with _backend("The keyring is locked, or does not answer.") as keyring:
            found = keyring.get_password(_SERVICE, name)
        return _decoded(found, "the keyring")

    def write(self, name: str, key: bytes) -> None:
        """Keep a key; raises ``KeyProblem``."""
        with _backend("The keyring cannot store the key.") as keyring:
            keyring.set_password(_SERVICE, name, base64.b64encode(key).decode())

    def forget(self, name: str) -> None:
        """Destroy a key; raises ``KeyProblem``."""
        with _backend("The keyring cannot delete an old key.") as keyring:
            if keyring.get_password(_SERVICE, name) is not None:
                keyring.delete_password(_SERVICE, name)


@dataclass(frozen=True, slots=True)
class FileKeys:
    """A file of mode 0600 that a person named, because there is no keyring."""

    path: Path

    def check(self) -> None:
        """See that the file, if there is one, can be used; raises ``KeyProblem``."""
        self._all()

    def read(self, name: str) -> bytes:
        """The key of a name; raises ``KeyProblem``."""
        return _decoded(self._all().get(name), f"the key file {self.path}")

    def write(self, name: str, key: bytes) -> None:
        """Keep a key; raises ``KeyProblem``."""
        self._change(name, base64.b64encode(key).decode())

    def forget(self, name: str) -> None:
        """Destroy a key; raises ``KeyProblem``."""
        self._change(name, None)

    def _change(self, name: str, text: str | None) -> None:
        """Set or, with None, take out a key; two registers may share the file."""
        try:
            with atomic.locked(self.path):
                kept = self._all()
                if kept.get(name) == text:
                    return
                left = {other: key for other, key in kept.items() if other != name}
                if text is not None:
                    left[name] = text
                atomic.write_private(self.path, json.dumps(left).encode())
        except OutputProblem as problem:
            raise KeyProblem(f"The key file cannot be written: {problem.message}") from problem

    def _all(self) -> dict[str, str]:
        try:
            with self.path.open("rb") as file:
                # Windows has other rights, which the mode does not show.
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                if os.name == "posix" and mode & 0o077:
                    raise KeyProblem(
                        "Others can read the key file.",
                        f"Set its mode: chmod 600 {quoted(str(self.path))}",
                    )
                kept = json.loads(file.read())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as problem:
            raise KeyProblem("The key file cannot be read, or is not a key file.") from problem
        if not isinstance(kept, dict) or not all(isinstance(key, str) for key in kept.values()):
            raise KeyProblem("The key file cannot be read, or is not a key file.")
        return kept


@contextlib.contextmanager
def _backend(trouble: str) -> Iterator[Any]:
    """The keyring, to be asked once; whatever its backend raises becomes ``trouble``."""
    keyring = _keyring()
    try:
        yield keyring
    except Exception as problem:  # every backend raises its own
        raise KeyProblem(trouble) from problem


def _keyring() -> Any:
    """The module ``keyring``, where it has a backend that is fit to keep a key.

    Raises:
        KeyProblem: it is not installed, or has none.
    """
    try:
        import keyring  # noqa: PLC0415
    except ImportError as problem:
        raise KeyProblem(
            "The package keyring is missing.", "imageprep doctor says what to type to add it."
        ) from problem
    priority = 0.0
    with contextlib.suppress(Exception):  # a backend that cannot tell is none
        priority = float(keyring.get_keyring().priority)
    if priority < _TRUSTED:
        raise KeyProblem("This computer has no keyring that could keep the key of the register.")
    return keyring


def _decoded(text: str | None, where: str) -> bytes:
    with contextlib.suppress(ValueError, TypeError):
        key = base64.b64decode(text or "", validate=True)
        if len(key) == KEY_BYTES:
            return key
    raise KeyProblem(
        f"The key of the register is not in {where}.",
        "Name the key file that it was made with, or delete the register's file and enrol again.",
    )
