"""Photos that a person may still answer about: what was seen in each is kept."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from imu_imageprep import pipeline
from imu_imageprep.domain.albums import ALONE
from imu_imageprep.stages.watermark import approved_logo

if TYPE_CHECKING:
    from imu_imageprep.domain.albums import Turn
    from imu_imageprep.domain.box import Box
    from imu_imageprep.domain.photo import Photo, Source
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.pipeline import Equipment, Finished, Seen
    from imu_imageprep.request import Request

# Bytes of originals, pictures and exports in one process. A photo of 12 MP takes about 8 MB.
ROOM = 128_000_000

# What a finished picture depends on besides what was seen: areas, style, credit line, year, logo.
_Asked: TypeAlias = "tuple[tuple[Box, ...], str, str | None, int, str | None]"
_Key: TypeAlias = "tuple[str, Policy]"


@dataclass(slots=True, eq=False)
class _Open:
    seen: Seen
    asked: _Asked | None = None
    finished: Finished | None = None

    @property
    def weight(self) -> int:
        """Bytes in memory."""
        export = len(self.finished.verified.data) if self.finished else 0
        return len(self.seen.source.data) + self.seen.photo.pixels.nbytes + export


class OpenPhotos:
    """What was seen in photos, and the finished picture that was made last of each.

    A photo is known by the sha256 of its file and by the policy under which it was examined; one
    that a detector could not look at is not kept. When
    there is no room, the photo that was not asked about for the longest time is let go, and would
    be examined again. For one thread at a time.

    Args:
        room: bytes that may be kept; 0 keeps nothing.

    Attributes:
        examined: how many photos were examined.
        finished: how many pictures were finished.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._open: OrderedDict[_Key, _Open] = OrderedDict()
        self.examined = 0
        self.finished = 0

    def examine(self, source: Source, equipment: Equipment, turn: Turn = ALONE) -> Seen:
        """What was seen in a photo; it is looked at where that is not known."""
        key = source.sha256, equipment.policy
        if (known := self._open.get(key)) is not None:
            self._open.move_to_end(key)
            return dataclasses.replace(known.seen, source=source)
        seen = pipeline.examine(source, equipment, turn)
        self.examined += 1
        # One that could not be looked at is tried again at every answer: the trouble may be over.
        if seen.whole:
            self._open[key] = _Open(seen)
            self._make_room(key)
        return seen

    def finish(
        self, seen: Seen, covered: tuple[Box, ...], request: Request, equipment: Equipment
    ) -> Finished:
        """The picture as it would leave; it is made where the last one was another."""
        logo = approved_logo(equipment.policy)
        digest = logo.sha256 if logo else None
        asked = covered, request.style, request.credit, equipment.clock.now().year, digest
        known = self._open.get((seen.source.sha256, equipment.policy))
        if known is not None and known.finished is not None and known.asked == asked:
            return known.finished
        finished = pipeline.finish(seen, covered, request, equipment)
        self.finished += 1
        if known is not None:
            known.asked, known.finished = asked, finished
            self._make_room((seen.source.sha256, equipment.policy))
        return finished

    def photo(self, sha256: str) -> Photo | None:
        """The pixels of an open photo (hex sha256), under whatever policy it was examined."""
        return next((one.seen.photo for key, one in self._open.items() if key[0] == sha256), None)

    def let_go(self, sha256: str) -> None:
        """Forget a photo that nobody will answer about any more."""
        for key in [key for key in self._open if key[0] == sha256]:
            del self._open[key]

    def _make_room(self, key: _Key) -> None:
        """Let the oldest go until there is room; one that is too large by itself costs no other."""
        if self._open[key].weight > self._room:
            del self._open[key]
        weight = sum(known.weight for known in self._open.values())
        while weight > self._room:
            _, gone = self._open.popitem(last=False)
            weight -= gone.weight
