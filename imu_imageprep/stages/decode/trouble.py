"""What decoders raise, as one plain sentence for a person."""

from __future__ import annotations

import struct
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PIL import Image

from imu_imageprep.domain.errors import SAVE_AGAIN, InputProblem
from imu_imageprep.stages.decode.kinds import AGAIN, unsupported

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.domain.photo import Format

# What Pillow's and pi-heif's decoders raise on damaged input, seen on real and mutated files.
_RAISED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
CUT_OFF = (
    "The picture is cut off: its end is missing.",
    "Copy it again from where it came from.",
)
_CUT_OFF = ("truncated", "unexpected end", "end of file", "not enough image data")

_UNKNOWN = ("unknown pixel mode", "unknown data organization", "unsupported bmp")  # Pillow's words


@contextmanager
def named(data: bytes, form: Format) -> Iterator[None]:
    """Say of what kind a picture is, where its decoder failed because it does not know the kind.

    Raises:
        InputProblem: as it came, or with the kind's name.
    """
    try:
        yield
    except InputProblem:
        kind = unsupported(data, form)
        if kind is None:
            raise
        raise InputProblem(*kind) from None


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Turn whatever a decoder raises into one plain sentence.

    The decoder's own words are dropped: they can quote the file.

    Raises:
        InputProblem: for every failure of the decoder.
    """
    try:
        yield
    except MemoryError:
        raise InputProblem(
            "The picture needs too much memory.", "Save it smaller, or as JPEG."
        ) from None
    except _RAISED as problem:
        if isinstance(problem, EOFError) or any(w in str(problem).lower() for w in _CUT_OFF):
            raise InputProblem(*CUT_OFF) from None
        if any(words in str(problem).lower() for words in _UNKNOWN):
            raise InputProblem("The picture is of a kind that cannot be read yet.", AGAIN) from None
        raise InputProblem("The picture is damaged and cannot be decoded.", SAVE_AGAIN) from None
