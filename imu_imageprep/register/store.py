"""The register's file: who is in it, and their templates, encrypted.

It lies beside the ledger, is written whole or not at all, and has a new key each time: what an
earlier state of the file held, wherever a copy of it remains, opens with no key that still exists.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imu_imageprep import atomic
from imu_imageprep.domain.errors import OutputProblem
from imu_imageprep.domain.recognition import Enrolled
from imu_imageprep.register.keys import FileKeys, KeyProblem, SystemKeys
from imu_imageprep.register.library import MODEL
from imu_imageprep.seal import Unreadable, new_key, seal_with, unseal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from imu_imageprep.register.keys import Keys

_FORMAT = 1
_PERSON = "person"
_SLOTS = ("a", "b")


class RegisterDamaged(OutputProblem):
    """The file is no register, or no longer a sound one."""

    default_advice = "Delete it, which destroys every template, and enrol people again."


@dataclass(frozen=True, slots=True)
class _File:
    """What the file says without its key.

    Attributes:
        name: under which its keys are kept.
        slot: which of its two keys opens it.
        model: version of the network that measured.
        people: for each person the consent's reference, and the rest encrypted.
        stale: somebody was taken out without the key, which is to be changed for that.
    """

    name: str
    slot: str
    model: str
    people: tuple[tuple[str, str], ...]
    stale: bool = False

    @property
    def key(self) -> str:
        return f"{self.name}-{self.slot}"

    @property
    def other(self) -> str:
        """The slot that is free."""
        return _SLOTS[1 - _SLOTS.index(self.slot)]


@dataclass(frozen=True, slots=True)
class Register:
    """People who agreed to be recognised; every method is called inside :meth:`locked`.

    Attributes:
        path: the file; there is none while nobody is enrolled.
        keys: where its key lies.
        patience: how long to wait for another program, in seconds.
    """

    path: Path
    keys: Keys
    patience: float = atomic.PATIENCE

    @classmethod
    def beside(cls, ledger: Path, key_file: Path | None) -> Register:
        """The register of a ledger; its key in a file, or in the system's keyring."""
        keys = SystemKeys() if key_file is None else FileKeys(key_file)
        return cls(Path(f"{ledger}.people"), keys)

    @property
    def there(self) -> bool:
        """Whether there is a file, or what a killed program left of one."""
        return self.path.exists() or atomic.part_of(self.path).exists()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other program away, and remove what a killed one left.

        Raises:
            OutputProblem: another program has it, or the folder cannot be written.
        """
        with atomic.locked(self.path, self.patience):
            yield

    def consents(self) -> tuple[str, ...]:
        """The references by which people are in it; needs no key.

        Raises:
            RegisterDamaged: the file cannot be read.
        """
        file = self._file()
        return () if file is None else tuple(consent for consent, _ in file.people)

    def people(self) -> tuple[Enrolled, ...]:
        """Everyone in it, decrypted.

        Raises:
            RegisterDamaged: the file cannot be read, or its key does not open it.
            KeyProblem: the key cannot be read.
        """
        file = self._file()
        if file is None:
            return ()
        if file.model != MODEL:
            raise RegisterDamaged("The register was made with another version of the network.")
        key = self.keys.read(file.key)
        # A program that was killed between writing and forgetting left the key of an older state.
        self.keys.forget(f"{file.name}-{file.other}")
        try:
            people = tuple(_opened(key, consent, sealed) for consent, sealed in file.people)
        except (Unreadable, KeyError, TypeError, ValueError) as problem:
            raise RegisterDamaged("The register does not open with its key.") from problem
        if file.stale:
            self.write(people)
        return people

    def write(self, people: Sequence[Enrolled]) -> None:
        """Write everyone anew under a new key, and destroy the key before.

        Raises:
            OutputProblem: it cannot be written.
            KeyProblem: the new key cannot be kept, or the old one not destroyed.
        """
        before = self._file()
        if not people:
            self._delete(before)
            return
        name = secrets.token_hex(8) if before is None else before.name
        slot = _SLOTS[0] if before is None else before.other
        key = new_key()
        self.keys.write(f"{name}-{slot}", key)
        sealed = tuple((one.consent, _sealed(key, one)) for one in people)
        self._replace(_File(name, slot, MODEL, sealed))
        if before is not None:
            self.keys.forget(before.key)

    def drop(self, gone: Callable[[str], bool]) -> None:
        """Destroy the templates of the consents that ``gone`` says are; also without the key.

        Raises:
            OutputProblem: it cannot be written.
        """
        file = self._file()
        if file is None:
            return
        left = tuple(pair for pair in file.people if not gone(pair[0]))
        if len(left) == len(file.people):
            return
        if not left:
            self._delete(file)
            return
        # First of all, and whatever becomes of the key: out of the file.
        self._replace(_File(file.name, file.slot, file.model, left, stale=True))
        with contextlib.suppress(KeyProblem, RegisterDamaged):
            self.people()

    def _file(self) -> _File | None:
        try:
            values = json.loads(self.path.read_bytes())
            if values.pop("imageprep_register") != _FORMAT:
                raise RegisterDamaged("The register was written by a newer imageprep.")
            people = tuple((str(one["consent"]), str(one["sealed"])) for one in values["people"])
            name, slot, model = (str(values[name]) for name in ("name", "slot", "model"))
            file = _File(name, slot, model, people, stale=bool(values["stale"]))
            _SLOTS.index(slot)
        except FileNotFoundError:
            return None
        except OSError as problem:
            raise OutputProblem("The register cannot be read.") from problem
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise RegisterDamaged(f"The register {self.path} is damaged.") from problem
        return file

    def _replace(self, file: _File) -> None:
        values = {
            "imageprep_register": _FORMAT,
            **asdict(file),
            "people": [{"consent": consent, "sealed": sealed} for consent, sealed in file.people],
        }
        atomic.write_private(self.path, json.dumps(values).encode())

    def _delete(self, file: _File | None) -> None:
        try:
            self.path.unlink(missing_ok=True)
        except OSError as problem:
            raise atomic.unwritable(self.path, problem) from problem
        if file is not None:
            for slot in _SLOTS:
                with contextlib.suppress(KeyProblem):  # nothing is left that it could open
                    self.keys.forget(f"{file.name}-{slot}")


def _sealed(key: bytes, one: Enrolled) -> str:
    values: dict[str, Any] = {"code": one.code, "at": one.at, "templates": one.templates}
    return seal_with(key, values, _PERSON, one.consent)


def _opened(key: bytes, consent: str, sealed: str) -> Enrolled:
    values = unseal(sealed, key, _PERSON, consent)
    templates = tuple(tuple(map(float, template)) for template in values["templates"])
    return Enrolled(str(values["code"]), consent, str(values["at"]), templates)
