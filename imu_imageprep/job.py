"""What one photo is prepared with: what was asked for, where it goes, and with which equipment."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from imu_imageprep.domain.caption import check_caption
from imu_imageprep.domain.photo import SUFFIX
from imu_imageprep.domain.policy import check_drawn_text
from imu_imageprep.stages.redact import RedactStyle
from imu_imageprep.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.ports import Clock, Detector, Ledger, Recogniser


@dataclass(frozen=True, slots=True)
class Equipment:
    """What the pipeline works with; ``recogniser`` only where a run asked for suggestions."""

    detectors: tuple[Detector, ...]
    ledger: Ledger
    clock: Clock
    recogniser: Recogniser | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asked for with a photo.

    Attributes:
        redact: ids of findings to cover ("face-1"), or "faces" or "codes" for all of a kind.
        boxes: areas to cover, drawn by hand: x, y, width, height in pixels of the upright source.
        style: how areas are covered.
        credit: credit line to draw.
        hold: hold the photo whatever is found.
        place: reference of a place permission that answers for every clinical scene and place.
        by: the account under which that was said.
        caption: own text of a caption beside the export; None for no caption.
    """

    redact: tuple[str, ...] = ()
    boxes: tuple[tuple[int, int, int, int], ...] = ()
    style: RedactStyle = RedactStyle.SOLID
    credit: str | None = None
    hold: bool = False
    place: str | None = None
    by: str = ""
    caption: str | None = None

    def __post_init__(self) -> None:
        if self.credit is not None:
            check_drawn_text("The credit line", self.credit)
        if self.caption is not None:
            check_caption(self.caption)

    def digest(self) -> str:
        """Hex sha256 of the request and the product version: the same one gives the same export."""
        asked = {**dataclasses.asdict(self), "by": ""}  # whoever asks, the export is the same
        text = json.dumps([__version__, asked], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Handover:
    """An export that goes to an open stream instead of a file.

    Attributes:
        stream: takes the bytes once they are verified; nothing is written to it before.
        stem: name without suffix for the record; None for a neutral one.
    """

    stream: BinaryIO
    stem: str | None = None

    def name(self, stem: str, policy: Policy) -> str:
        """What the export is called in the record."""
        return f"{stem}{SUFFIX[policy.export.format]}"


@dataclass(frozen=True, slots=True)
class Target:
    """Where an export goes.

    Attributes:
        folder: made where it is missing.
        stem: name without suffix; None for a neutral one, which identifying photos get anyway.
        replace: whether an existing file may be replaced.
        base: the name before it was numbered for the sake of another photo of the run.
    """

    folder: Path
    stem: str | None
    replace: bool = False
    base: str | None = None

    def path(self, stem: str, policy: Policy) -> Path:
        """The export's path under a name."""
        # Absolute, so that the ledger knows the file from any folder.
        return self.folder.absolute() / f"{stem}{SUFFIX[policy.export.format]}"

    def own(self, name: str) -> bool:
        """Whether an export of this photo may be called so: its name, numbered or not."""
        base = self.base or self.stem
        return base is not None and re.fullmatch(rf"{re.escape(base)}(-\d+)?", name) is not None

    def free(self, policy: Policy, original: str, ledger: Ledger) -> Path:
        """The first of its names that is not taken by another photo's export.

        The export of an earlier version of the same photo is no other photo's: it stays in the way
        until someone says that it may be replaced.

        Args:
            policy: says the suffix.
            original: file name of this photo.
            ledger: knows whose export lies where.
        """
        stem = self.stem or ""
        for number in itertools.count(2):
            path = self.path(stem, policy)
            if not path.exists() or ledger.original_at(str(path)) in (None, original):
                return path
            stem = f"{self.base or self.stem}-{number}"
        raise AssertionError  # the numbers do not end
