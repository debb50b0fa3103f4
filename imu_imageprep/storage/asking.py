"""What is said where a store refuses: libraries raise many kinds, a person gets one sentence."""

from __future__ import annotations

import abc
import contextlib
import errno
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from imu_imageprep import atomic
from imu_imageprep.domain.errors import ImageprepError, InputProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.domain.place import Remote

_FULL = {errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}


class Told(NamedTuple):
    """A sentence, and what to do."""

    message: str
    advice: str


class Asked(abc.ABC):
    """A store that is asked for something, and what it is said to have answered.

    Attributes:
        name: what a person calls it.
        lost: whether the connection broke; the next who asks opens another.
    """

    # What stands for "no" and "yes, but" in the code, and is told by whoever asked.
    _ANSWERS: ClassVar = (FileNotFoundError, FileExistsError)

    def __init__(self, where: Remote) -> None:
        self.name = f"{where.scheme}://{where.host}"
        self.lost = False

    @abc.abstractmethod
    def why(self, problem: Exception) -> Told | None:
        """What a problem of this store's own libraries means; None where only the system knows."""

    @contextlib.contextmanager
    def asking(self, kind: type[ImageprepError] = InputProblem) -> Iterator[None]:
        """Ask the store for something; whatever it refuses becomes a problem of this kind.

        Raises:
            FileNotFoundError: it is not there.
            FileExistsError: something is there already.
            ImageprepError: all else.
        """
        try:
            yield
        except ImageprepError:
            raise
        except Exception as problem:
            told = self.why(problem)
            if told is None and isinstance(problem, self._ANSWERS):
                raise
            # Its text may quote what was sent.
            raise kind(*(told or self._of_system(problem))) from None

    def unreachable(self, why: str) -> Told:
        """What is said of a store that does not answer."""
        self.lost = True
        return Told(
            f"{self.name} cannot be reached ({why}).",
            "Check the address and the network; try again.",
        )

    def not_allowed(self) -> Told:
        """What is said where a right is missing."""
        return Told(
            f"{self.name} does not allow this (permission denied).",
            "Ask its administrator; docs/archive.md lists the rights that are needed.",
        )

    def _of_system(self, problem: Exception) -> Told:
        if isinstance(problem, PermissionError):
            return self.not_allowed()
        if isinstance(problem, TimeoutError):
            return self.unreachable("it took too long")
        if type(problem).__name__ == "gaierror":
            return self.unreachable("no such server")
        if isinstance(problem, OSError) and problem.errno in _FULL:
            return Told(f"{self.name} is full.", "Make room there and try again.")
        if isinstance(problem, EOFError | ConnectionError):
            return self.unreachable(atomic.reason(problem, "the connection broke"))
        why = atomic.reason(problem, type(problem).__name__)
        self.lost = True
        return Told(f"{self.name} could not be used ({why}).", "Try again; if it stays, report it.")
