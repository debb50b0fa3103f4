"""What the core asks of the places where photos and exports lie."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from imu_imageprep.domain.place import Remote


class Exports(Protocol):
    """Writes exports and knows those that are there.

    What a computer's own folders refuse is an ``OSError``; what a store refuses an
    ``ImageprepError``, but for a name that is taken.
    """

    def there(self, place: Any) -> bool:
        """Whether a name is taken, by whatever it may be."""
        ...

    def digest(self, place: Any) -> str | None:
        """The hex sha256 of a file; empty for what is none and may not be read, None for nothing.

        A link is not followed: none is ours.
        """
        ...

    def ready(self, folder: Any) -> None:
        """Make a folder where it is missing; raises where nothing can be written into it."""
        ...

    def put_new(self, place: Any, data: bytes) -> None:
        """Write a file whole or not at all.

        Raises:
            FileExistsError: something has the name; it stays as it is.
        """
        ...

    def replace(self, place: Any, data: bytes, earlier: str) -> None:
        """Write a file in the place of an earlier one (its hex sha256), whole or not at all.

        Raises:
            FileExistsError: it is not there any more, or another one is.
        """
        ...

    def sweep(self, folder: Any) -> int:
        """Remove what killed runs left in a folder; how many files that were."""
        ...


class Kind(Enum):
    """What a name in a store stands for."""

    FILE = auto()
    FOLDER = auto()
    OTHER = auto()  # a link, which is not followed, or a device


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder of a store; ``size`` in bytes, of a file."""

    name: str
    kind: Kind
    size: int = 0


class Store(Exports, Protocol):
    """A store that photos are read from; ``InputProblem`` wherever it refuses.

    Attributes:
        lost: whether the connection broke; the next who asks opens another.
    """

    lost: bool

    def check(self, folder: Remote) -> None:
        """Say now what would stop every export.

        Raises:
            OutputProblem: it is not there, or may not be looked at.
        """
        ...

    def kind(self, place: Remote) -> Kind | None:
        """What is there; None for nothing."""
        ...

    def pages(self, folder: Remote) -> Iterator[Sequence[Entry]]:
        """The names in a folder, sorted, page by page as they are asked for."""
        ...

    def read(self, place: Remote, fits: Callable[[int], object]) -> bytes:
        """A file whole.

        Args:
            place: the file.
            fits: told the size in bytes before anything is read; raises where that is too much.

        Raises:
            FileNotFoundError: it is not there.
        """
        ...

    def beginning(self, place: Remote, count: int) -> bytes:
        """The first bytes of a file."""
        ...
