"""``-``: one picture from standard input, one export to standard output."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from imu_imageprep.domain.errors import ImageprepError, PolicyProblem, UsageProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.request import Request
    from imu_imageprep.session import Session

STREAM = "-"


def named(paths: Sequence[str], out: Path | None = None) -> bool:
    """Whether a standard stream takes part."""
    return STREAM in paths or to_stdout(out)


def to_stdout(out: Path | None) -> bool:
    """Whether the export goes to standard output."""
    return out is not None and str(out) == STREAM


def refuse(
    paths: Sequence[str], out: Path | None, *, json: bool, report: Path | None, dry_run: bool
) -> None:
    """Refuse what a stream cannot do.

    Raises:
        UsageProblem: more than one picture, nowhere to go, or nothing or nobody at the other end.
    """
    if len(paths) > 1:
        raise UsageProblem(
            "A stream takes one picture at a time.", "Prepare files and folders with -o FOLDER."
        )
    if report is not None:
        raise UsageProblem("There is no report of a stream.", "Leave out --report.")
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


def refuse_terminal() -> None:
    """Refuse to wait for a picture that nobody types.

    Raises:
        UsageProblem: standard input is a terminal.
    """
    if sys.stdin.isatty():
        raise UsageProblem(
            "Standard input is a terminal; there is no picture in it.",
            "Name the file, or send one: imageprep - -o - < photo.jpg > web.jpg",
        )


@dataclass(frozen=True, slots=True)
class Stream:
    """One picture that is read from standard input, or whose export goes to standard output.

    Attributes:
        session: what holds for it.
        path: a file, or ``-``.
        out: a folder, ``-``, or None to write nothing.
        replace: whether an existing export may be replaced.
    """

    session: Session
    path: str
    out: Path | None
    replace: bool = False

    def run(self, request: Request) -> Iterator[Receipt]:
        """The receipt of the picture, once it is prepared."""
        yield self.again(self.path, request)

    def again(self, path: str, request: Request) -> Receipt:
        """Prepare the picture; a failure is a receipt, and a mistake of the call is not."""
        from imu_imageprep.batch.run import failure  # noqa: PLC0415  (not for --help)

        named = None if path == STREAM else path
        try:
            if to_stdout(self.out) and not request.dry_run:
                with _stdout() as stream:
                    return self._prepared(request, stream)
            return self._prepared(request, self.out)
        except (UsageProblem, PolicyProblem):
            raise
        except ImageprepError as problem:
            return failure(named, problem)

    def _prepared(self, request: Request, out: BinaryIO | Path | None) -> Receipt:
        from imu_imageprep.handed import source_of, target_of  # noqa: PLC0415

        photo: str | BinaryIO = sys.stdin.buffer if self.path == STREAM else self.path
        source = source_of(photo, self.session.policy.limits)
        target = None if request.dry_run else target_of(source, out, None, replace=self.replace)
        return self.session.prepare(source, request, target)


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
