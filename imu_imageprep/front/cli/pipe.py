"""``-``: one picture from standard input, one export to standard output."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, BinaryIO

from imu_imageprep.domain.errors import InputProblem, PolicyProblem, UsageProblem
from imu_imageprep.domain.rules import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imu_imageprep.domain.place import Place
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.open_photos import OpenPhotos
    from imu_imageprep.request import Request
    from imu_imageprep.session import Session

STREAM = "-"

# Troubles that are about the call and not about the picture.
_MISTAKES = {int(kind.code): kind for kind in (UsageProblem, PolicyProblem)}


def named(paths: Sequence[str], out: Place | None = None) -> bool:
    """Whether a standard stream takes part."""
    return STREAM in paths or to_stdout(out)


def to_stdout(out: Place | None) -> bool:
    """Whether the export goes to standard output."""
    return out is not None and str(out) == STREAM


def refuse(
    paths: Sequence[str], out: Place | None, *, json: bool, report: object, dry_run: bool
) -> None:
    """Refuse what a stream cannot do.

    Raises:
        UsageProblem: more than one picture, nowhere to go, or nothing or nobody at the other end.
        OutputProblem: the folder of the export cannot be used.
    """
    if len(paths) > 1:
        raise UsageProblem(
            "A stream takes one picture at a time.", "Prepare files and folders with -o FOLDER."
        )
    if report is not None:
        raise UsageProblem("There is no report of a stream.", "Leave out --report.")
    if out is not None and not to_stdout(out):
        from imu_imageprep.batch.plan import check_out  # noqa: PLC0415  (not for --help)

        check_out(out)
    if paths[0] == STREAM:
        if out is None and not dry_run:
            raise UsageProblem(
                "A picture from standard input has no folder.",
                "Say where it goes: -o - for standard output, or -o FOLDER.",
            )
        refuse_terminal()
    if to_stdout(out) and not dry_run:
        if json:
            raise UsageProblem(
                "Standard output takes the picture, so it cannot take the JSON as well.",
                "Use -o FOLDER with --json, or leave --json out.",
            )
        if sys.stdout.isatty():
            raise UsageProblem(
                "A picture is not written to a terminal.",
                "Send it to a file or a program: imageprep - -o - > web.jpg",
            )


def refuse_terminal(example: str = "imageprep - -o - < photo.jpg > web.jpg") -> None:
    """Refuse to wait for a file that nobody types.

    Raises:
        UsageProblem: standard input is a terminal.
    """
    if sys.stdin.isatty():
        raise UsageProblem(
            "Standard input is a terminal; there is no file in it.",
            f"Name the file, or send one: {example}",
        )


def standard_input(most: int, example: str) -> bytes:
    """The bytes of standard input, up to one more than may be.

    Args:
        most: the largest file that is taken, in bytes.
        example: a command that sends one.

    Raises:
        UsageProblem: it is a terminal.
    """
    refuse_terminal(example)
    return sys.stdin.buffer.read(most + 1)


def given(file: str, example: str) -> str | bytes:
    """A picture's file as it was named: for ``-`` the bytes of standard input.

    Args:
        file: the argument.
        example: a command that sends one.

    Raises:
        InputProblem: it is too large for a picture.
        UsageProblem: standard input is a terminal.
    """
    if file != STREAM:
        return file
    most = Limits().bytes
    data = standard_input(most, example)
    if len(data) > most:
        raise InputProblem(
            f"The file has more than {most / 1e6:g} MB.", "Check that you sent the right file."
        )
    return data


class Stream:
    """One picture that is read from standard input, or whose export goes to standard output.

    Args:
        session: what holds for it.
        path: a file, or ``-``.
        out: a folder, ``-``, or None to write nothing.
        photos: keeps what was seen in it, where it is asked about again.
        replace: whether an existing export may be replaced.
    """

    def __init__(
        self,
        session: Session,
        path: str,
        out: Place | None,
        photos: OpenPhotos,
        *,
        replace: bool = False,
    ) -> None:
        self._session = session
        self._path = path
        self._out = out
        self._photos = photos
        self._replace = replace

    def run(self, request: Request) -> Iterator[Receipt]:
        """The receipt of the picture, once it is prepared.

        Raises:
            ImageprepError: the call or a rule is wrong; what is wrong with the picture is told in
                its receipt.
        """
        receipt = self.again(self._path, request)
        if receipt.failure is not None and receipt.failure.code in _MISTAKES:
            raise _MISTAKES[receipt.failure.code](receipt.failure.message, receipt.failure.advice)
        yield receipt

    def again(self, path: str, request: Request) -> Receipt:
        """Prepare the picture; every trouble is a receipt."""
        from imu_imageprep.batch.run import attempt  # noqa: PLC0415  (not for --help)

        def prepared() -> Receipt:
            if not to_stdout(self._out) or request.dry_run:
                return self._prepared(request, self._out)
            with _stdout() as stream:
                return self._prepared(request, stream)

        return attempt(None if path == STREAM else path, prepared)

    def _prepared(self, request: Request, out: BinaryIO | Place | None) -> Receipt:
        from imu_imageprep.batch.run import prepare_open  # noqa: PLC0415
        from imu_imageprep.handed import source_of, target_of  # noqa: PLC0415

        photo: str | BinaryIO = sys.stdin.buffer if self._path == STREAM else self._path
        source = source_of(photo, self._session.policy.limits)
        target = None if request.dry_run else target_of(source, out, None, replace=self._replace)
        return prepare_open(self._session, source, request, target, self._photos)


@contextlib.contextmanager
def _stdout() -> Iterator[BinaryIO]:
    """Standard output for the picture alone: whatever a library prints meanwhile goes to stderr."""
    sys.stdout.flush()
    number = sys.stdout.fileno()
    stream = os.fdopen(os.dup(number), "wb")
    os.dup2(sys.stderr.fileno(), number)
    try:
        yield stream
    finally:
        os.dup2(stream.fileno(), number)
        # What reads the other end may have gone; whoever wrote was told so.
        with contextlib.suppress(OSError):
            stream.close()
