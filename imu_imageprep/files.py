"""Files that people name: their text, and what to do where one cannot be read."""

from __future__ import annotations

import errno
import hashlib
import os
from typing import TYPE_CHECKING

from imu_imageprep import atomic, storage
from imu_imageprep.domain.errors import ImageprepError, InputProblem
from imu_imageprep.domain.rules import Limits
from imu_imageprep.domain.texts import MOST_BYTES, NotText, decoded
from imu_imageprep.windows import in_use, reachable

if TYPE_CHECKING:
    from pathlib import Path

SPELLING = "Check the spelling; names with spaces need quotes."
NOT_A_FOLDER = "This is a folder: name a file in it."
RIGHTS = "Ask its owner, or copy it to your folder."
SHORTER = "Shorten its name, or move it into a folder nearer to the top."
CLOSE = "Close it there, or wait until it is written, and try again."
COPY = "Copy it to this computer and try again."


def plainly(problem: Exception) -> Exception:
    """What the system said; of a folder, that it is one: Windows says that it is not allowed."""
    name = getattr(problem, "filename", None)
    if not name or not isinstance(problem, PermissionError):
        return problem
    # A folder that nobody may look into was refused as such.
    if os.path.isdir(name) and os.access(name, os.R_OK):  # noqa: PTH112
        return IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    return problem


def advice(problem: Exception) -> str:
    """What to do about a file that the system does not open or read."""
    if isinstance(problem, FileNotFoundError | NotADirectoryError | ValueError):  # a NUL in it
        return SPELLING
    if isinstance(problem, IsADirectoryError):
        return NOT_A_FOLDER
    if isinstance(problem, OSError) and problem.errno == errno.ENAMETOOLONG:
        return SHORTER
    if isinstance(problem, OSError) and in_use(problem):
        return CLOSE
    return RIGHTS if isinstance(problem, PermissionError) else COPY


def unreadable(
    problem: Exception, what: str = "The file", kind: type[ImageprepError] = InputProblem
) -> ImageprepError:
    """The problem of a file that the system does not open or read.

    Args:
        problem: what the system raised.
        what: begins the sentence: "The form form.toml".
        kind: the class of the problem.
    """
    problem = plainly(problem)
    why = atomic.reason(problem, "no file can have this name")
    return kind(f"{what} could not be read ({why}).", advice(problem))


def text(
    path: Path,
    what: str,
    kind: type[ImageprepError] = InputProblem,
    most: int = MOST_BYTES,
) -> str:
    """The text of a file that a person wrote or names: the one way in for all of them.

    Args:
        path: the file; a pipe will do.
        what: begins the sentence: "The form form.toml".
        kind: the class of the problem.
        most: the largest file, in bytes.

    Raises:
        ImageprepError: of this class: it cannot be read, is too large, or is no text in UTF-8.
    """
    return text_of(content(path, what, kind, most), what, kind, most)


def content(
    path: Path, what: str, kind: type[ImageprepError] = InputProblem, most: int = MOST_BYTES
) -> bytes:
    """The bytes of a file, of which no more are read than it may have.

    Args:
        path: the file; a pipe will do.
        what: begins the sentence: "The form form.toml".
        kind: the class of the problem.
        most: the largest file, in bytes.

    Raises:
        ImageprepError: of this class: it cannot be read, or is too large.
    """
    try:
        with reachable(path).open("rb") as file:
            data = file.read(most + 1)
    except (OSError, ValueError) as problem:
        raise unreadable(problem, what, kind) from None
    if len(data) > most:
        raise too_large(what, kind, most)
    return data


def text_of(
    data: bytes, what: str, kind: type[ImageprepError] = InputProblem, most: int = MOST_BYTES
) -> str:
    """The text in bytes, as of :func:`text`.

    Raises:
        ImageprepError: of this class: it is too large, or no text in UTF-8.
    """
    if len(data) > most:
        raise too_large(what, kind, most)
    try:
        return decoded(data)
    except NotText as problem:
        raise kind(f"{what} {problem.what}.", problem.advice) from None


def too_large(
    what: str, kind: type[ImageprepError] = InputProblem, most: int = MOST_BYTES
) -> ImageprepError:
    """The problem of a file that is larger than any of its kind may be."""
    return kind(f"{what} has more than {most / 1e6:g} MB.", "Check that you chose the right file.")


def fingerprint(file: str | os.PathLike[str] | storage.Remote | bytes) -> str:
    """The hex sha256 of a file, here or in a store, or of its bytes.

    Raises:
        InputProblem: it could not be read.
    """
    if isinstance(file, bytes):
        return hashlib.sha256(file).hexdigest()
    where = storage.place(file)
    if isinstance(where, storage.Remote):
        return hashlib.sha256(stored(where)).hexdigest()
    try:
        with reachable(where).open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except (OSError, ValueError) as problem:
        raise unreadable(problem) from problem


def stored(where: storage.Remote, most: int | None = None) -> bytes:
    """A file of a store whole.

    Args:
        where: the file.
        most: the largest that is read, in bytes; by default as large as a photo may be.

    Raises:
        InputProblem: it is not there, is too large, or the store does not give it.
    """
    bound = Limits().bytes if most is None else most

    def fits(size: int) -> None:
        if size > bound:
            raise too_large(str(where), most=bound)

    try:
        return storage.store_of(where).read(where, fits)
    except OSError as problem:
        raise unreadable(problem) from None
