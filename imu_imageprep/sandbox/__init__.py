"""Foreign pictures are decoded here, and nowhere else: in a process that can do nothing else.

On Linux that is so for every picture. Elsewhere nothing shuts a process in, so ordinary pictures
are decoded in this process, and what could crash, hang or eat memory in one that can be killed
(docs/processes.md).
"""

from __future__ import annotations

import atexit
import dataclasses
import os
import sys
from typing import TYPE_CHECKING

from imu_imageprep.domain.photo import Format
from imu_imageprep.domain.sandbox import NOT_SHUT_IN, Sandbox, ShutIn
from imu_imageprep.sandbox.isolation import Isolation, not_shut_in
from imu_imageprep.sandbox.wire import Request

if TYPE_CHECKING:
    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Photo, Source
    from imu_imageprep.domain.policy import Limits
    from imu_imageprep.sandbox.wire import Listing

__all__ = ["begin", "described", "listed", "opened", "shut_in"]

# Formats that nearly all photos have, whose decoders are the most tested.
_ORDINARY = frozenset({Format.JPEG, Format.PNG, Format.WEBP})
_LINUX = sys.platform == "linux"

_isolation = Isolation()
atexit.register(_isolation.close)
if hasattr(os, "register_at_fork"):  # a forked process must not talk to its parent's decoders
    os.register_at_fork(after_in_child=_isolation.forget)


def begin() -> None:
    """Begin a process that decodes now: at the start of a process that is ours alone."""
    _isolation.begin()


def shut_in() -> ShutIn:
    """How far decoders are shut in on this system.

    Raises:
        InputProblem: none could be begun.
    """
    return _isolation.shut_in() if _LINUX else ShutIn()


def described(source: Source, limits: Limits) -> Metadata:
    """What a file says about itself besides its pixels.

    Args:
        source: the input, read.
        limits: seconds, and whether the decoder has to be shut in.

    Raises:
        InputProblem: what reads it crashed or took too long.
        PolicyProblem: it has to be shut in and cannot be.
    """
    if _LINUX:
        return _isolation.ask(Request(source.format, limits), source.data)[0].metadata
    return _here(source, limits)


def listed(source: Source, limits: Limits) -> Listing:
    """Every field of a file that exifread names, and notes; the arguments are ``described``'s.

    Raises:
        InputProblem, PolicyProblem: as of ``described``.
    """
    if _LINUX:
        return _isolation.ask(Request(source.format, limits, values=True), source.data)[0].listing
    from imu_imageprep.stages.metadata import listing  # noqa: PLC0415  (for a person who asks)

    return listing(source)


def opened(source: Source, long_side: int, limits: Limits) -> tuple[Metadata, Photo]:
    """What a file says about itself, and its pixels: upright, sRGB, opaque.

    Args:
        source: the input, read.
        long_side: the smallest sufficient long side, in pixels; a smaller picture stays as it is.
        limits: megapixels, checked against the header before pixels are decoded, seconds, and
            whether the decoder has to be shut in.

    Raises:
        InputProblem: damaged, cut off, beyond the limits, or its decoder failed.
        PolicyProblem: the decoder has to be shut in and cannot be.
    """
    # Pillow, which most commands do without.
    from imu_imageprep.stages.decode import photo_of  # noqa: PLC0415

    if not _LINUX and source.format in _ORDINARY:
        from imu_imageprep.stages.decode.opening import open_picture  # noqa: PLC0415
        from imu_imageprep.stages.decode.pixels import render  # noqa: PLC0415

        metadata = _here(source, limits)
        picture = open_picture(source.data, source.format, long_side, limits)
        if not picture.costly:
            frame = render(picture, metadata.orientation, long_side, metadata.colour)
            return metadata, photo_of(frame)
    answer, shut = _isolation.ask(Request(source.format, limits, long_side), source.data)
    assert answer.frame is not None
    photo = photo_of(answer.frame)
    if _LINUX and not shut.wholly:
        photo = dataclasses.replace(photo, notes=(*photo.notes, NOT_SHUT_IN))
    return answer.metadata, photo


def _here(source: Source, limits: Limits) -> Metadata:
    if limits.sandbox is Sandbox.REQUIRE:
        raise not_shut_in(ShutIn())
    from imu_imageprep.stages.metadata import describe  # noqa: PLC0415

    return describe(source)
