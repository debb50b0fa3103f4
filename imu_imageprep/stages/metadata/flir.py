"""Where a thermal camera of FLIR says that it was, in a record of its own."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import NOWHERE, Category
from imu_imageprep.stages.metadata.coordinates import in_numbers, position
from imu_imageprep.stages.metadata.statement import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.stages.metadata.statement import Statement

_HEAD, _ENTRY = 64, 32
_RECORDS = 1000
_GPS = 0x2B


def read(data: bytes) -> Iterator[Statement]:
    """Read the position in FLIR's file format, put together from its segments.

    Layout: the public description in ExifTool's FLIR.pm.
    """
    if len(data) < _HEAD:
        return
    order = ">" if data[0x14:0x16] == b"\0\0" else "<"  # of the version, about 100
    start, count = struct.unpack_from(f"{order}II", data, 0x18)
    for at in range(start, min(start + count * _ENTRY, len(data) - _ENTRY + 1), _ENTRY):
        if at >= start + _RECORDS * _ENTRY:
            return
        if struct.unpack_from(f"{order}H", data, at)[0] == _GPS:
            place, size = struct.unpack_from(f"{order}II", data, at + 12)
            yield from _gps(data[place : place + size], order)


def _gps(record: bytes, order: str) -> Iterator[Statement]:
    """A GPS record: whether it counts, hemispheres, and signed degrees."""
    if not any(record[:4]):
        return
    yield Entry(Category.GPS, "FLIR position")
    try:
        north, east = struct.unpack_from(f"{order}dd", record, 0x10)
    except struct.error:
        yield NOWHERE
        return
    # The numbers are signed; for one without a minus the letter says the side.
    letters = [record[at : at + 2].decode("latin-1").strip("\0 ") for at in (8, 10)]
    yield from position(
        in_numbers((abs(north),), "latitude", "S" if north < 0 else letters[0]),
        in_numbers((abs(east),), "longitude", "W" if east < 0 else letters[1]),
    )
