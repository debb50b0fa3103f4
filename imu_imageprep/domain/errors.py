"""How a photo and a run end: every way to fail, with its exit code and its advice.

ImageprepError
├── UsageProblem        2   the command was not understood
├── ModelProblem        3   a model or a dependency is missing or damaged
├── InputProblem        4   this file could not be read
├── OutputProblem       5   the result could not be written
│   └── AlreadyThere    5   a file of that name exists
├── VerifyProblem       6   the export held more than a picture
└── PolicyProblem       7   policy or configuration is wrong

Messages are one plain sentence and never hold metadata values or recognised text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, ClassVar

from imu_imageprep.domain.lines import printable

if TYPE_CHECKING:
    from collections.abc import Iterable


# What is said wherever a photo needs more than the system gives.
TOO_LITTLE_MEMORY = "The photo needs more memory than there is."

# What helps with a picture that a decoder does not take, and with nothing else that is read.
SAVE_AGAIN = "Open it in a picture viewer. If you see it there, save it again as JPEG."


class Outcome(StrEnum):
    """How a photo ended."""

    EXPORTED = "exported"
    CLEAR = "clear"
    HELD = "held"
    FAILED = "failed"
    SKIPPED = "skipped"


class ExitCode(IntEnum):
    """What the process answers to its caller."""

    OK = 0
    HELD = 1
    USAGE = 2
    MODEL = 3
    INPUT = 4
    OUTPUT = 5
    VERIFY = 6
    POLICY = 7
    BUG = 70
    INTERRUPTED = 130


# A batch ends with the worst of its photos' codes, in this order.
_WORST_FIRST = (130, 70, 6, 7, 3, 5, 4, 2, 1, 0)


def worst(codes: Iterable[int]) -> ExitCode:
    """The exit code of a batch: the worst of its photos' codes, OK for none."""
    return ExitCode(min(codes, key=_WORST_FIRST.index, default=0))


class ImageprepError(Exception):
    """A problem that a person can do something about.

    Args:
        message: one sentence: what is wrong.
        advice: one sentence: what to do; the class has a default.
    """

    code: ClassVar[ExitCode] = ExitCode.BUG
    default_advice: ClassVar[str] = "Report this with the command that you used."

    def __init__(self, message: str, advice: str | None = None) -> None:
        # Names of files go into both, and may hold anything.
        self.message = printable(message)
        self.advice = printable(advice or self.default_advice)
        super().__init__(self.message)

    def __reduce__(self) -> tuple[type[ImageprepError], tuple[str, str]]:
        """Keep the advice on the way between processes."""
        return type(self), (self.message, self.advice)


class UsageProblem(ImageprepError):
    """The command or the call was not understood."""

    code = ExitCode.USAGE
    default_advice = "See: imageprep --help"


class ModelProblem(ImageprepError):
    """A model or a dependency is missing or damaged."""

    code = ExitCode.MODEL
    default_advice = "Install imageprep again. Until then every photo waits."


class InputProblem(ImageprepError):
    """This file could not be read: a picture, or another thing that was handed in."""

    code = ExitCode.INPUT
    default_advice = "Check that you chose the right file, and that it is whole."


# What to do where exports cannot be written.
ELSEWHERE = "Choose another folder with --out."


class OutputProblem(ImageprepError):
    """The result could not be written."""

    code = ExitCode.OUTPUT
    default_advice = "Check that there is room, and that you may write there."


class AlreadyThere(OutputProblem):
    """A file of that name exists and is not this very export."""

    default_advice = "Use --force to replace it, or --out to write elsewhere."


class VerifyProblem(ImageprepError):
    """The finished picture held something besides the picture, so it was not written."""

    code = ExitCode.VERIFY
    default_advice = "Nothing was written. Report the format of the photo."


class PolicyProblem(ImageprepError):
    """Policy or configuration is wrong; ``key`` is what it is about, where it is one key."""

    code = ExitCode.POLICY
    key: tuple[str | int, ...] = ()
    default_advice = (
        "Correct the configuration; imageprep policy init FILE writes one that explains every key."
    )


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a photo failed: exit code, error class, one sentence, and what to do."""

    code: int
    type: str
    message: str
    advice: str

    @classmethod
    def of(cls, problem: ImageprepError) -> Failure:
        """The record of a problem."""
        return cls(int(problem.code), type(problem).__name__, problem.message, problem.advice)
