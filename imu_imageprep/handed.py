"""What callers may hand in, made into what the pipeline takes."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from PIL.Image import Image

from imu_imageprep import atomic, storage
from imu_imageprep.batch.plan import Plan, check_out, refuse_beside
from imu_imageprep.domain.errors import InputProblem, UsageProblem
from imu_imageprep.request import Handover, Target, plain_stem
from imu_imageprep.stages.read import from_bytes, read

if TYPE_CHECKING:
    from imu_imageprep.domain.photo import Source
    from imu_imageprep.domain.policy import Limits

    AnyPath: TypeAlias = str | os.PathLike[str]
    AnyPhoto: TypeAlias = AnyPath | storage.Remote | bytes | BinaryIO | Image


def source_of(photo: AnyPhoto, limits: Limits) -> Source:
    """The photo, read: a path, the bytes of a file, an open file, or a PIL image.

    Raises:
        InputProblem: it could not be read.
        UsageProblem: an open file gives text instead of bytes.
    """
    if isinstance(photo, bytes):
        return from_bytes(photo, limits)
    if isinstance(photo, (str, os.PathLike, storage.Remote)):
        return read(storage.place(photo), limits)
    if not isinstance(photo, Image):
        return from_bytes(_read_open(photo, limits), limits)
    # One way in for everything: the picture becomes a file's bytes, read like any other.
    buffer = io.BytesIO()
    plain = (
        photo
        if photo.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
        else photo.convert("RGB")
    )
    plain.save(buffer, "PNG", compress_level=1)
    return from_bytes(buffer.getvalue(), limits)


def _read_open(file: BinaryIO, limits: Limits) -> bytes:
    """What an open file still holds, up to a byte more than may be."""
    try:
        parts, left = [], limits.bytes + 1
        while left > 0 and (part := file.read(left)):  # a pipe may give less than is asked for
            parts.append(part)
            left -= len(part)
        return b"".join(parts)
    except TypeError:
        raise UsageProblem(
            "The open file gives text.", 'Open it in binary mode: open(name, "rb").'
        ) from None
    except (OSError, ValueError) as problem:  # ValueError: it is closed
        reason = atomic.reason(problem, "it is closed, or not open for reading")
        raise InputProblem(f"The photo could not be read ({reason}).") from problem


def target_of(
    source: Source,
    out: AnyPath | storage.Remote | BinaryIO | None,
    name: str | None,
    *,
    replace: bool,
) -> Target | Handover:
    """Where the export goes.

    Args:
        source: the photo.
        out: a folder, an open stream, or None for beside the photo.
        name: what a photo without a path is called.
        replace: whether an existing export may be replaced.

    Raises:
        UsageProblem: a photo without a path has nowhere to go.
    """
    if out is not None and not isinstance(out, (str, os.PathLike, storage.Remote)):
        called = source.path.name if source.path is not None else name
        return Handover(out, plain_stem(called))
    if source.path is None:
        if out is None:
            raise UsageProblem(
                "A photo without a file name needs a folder for its export.",
                "Pass out=, or dry_run=True to check only.",
            )
        return Target(check_out(out), plain_stem(name), replace)
    refuse_beside([source.path], out)
    (task,) = Plan([source.path], None if out is None else check_out(out), replace)
    assert task.target is not None
    return task.target
