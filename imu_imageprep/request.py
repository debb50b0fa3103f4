"""What is asked for with a photo, and where its export goes."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, BinaryIO

from imu_imageprep import storage
from imu_imageprep.clock import account
from imu_imageprep.domain.caption import check_caption, check_credit
from imu_imageprep.domain.cover import RedactStyle
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.needs import COVERABLE, GROUPS
from imu_imageprep.domain.photo import SUFFIX
from imu_imageprep.domain.reference import read as read_reference
from imu_imageprep.domain.words import meant, printable
from imu_imageprep.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imu_imageprep.domain.answers import Look
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.ports import Ledger
    from imu_imageprep.storage import Place

# A finding's ID: its kind and a number ("face-1"); other people's detectors name kinds freely.
_ID = re.compile(r".+-[0-9]+")

# How a photo is prepared and told about, and no part of what its export is like.
_NOT_IN_EXPORT = frozenset({"dry_run", "values", "look_first", "look"})


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asked for with a photo.

    Attributes:
        redact: ids of findings to cover ("face-1"), or "faces", "codes", "text" or "people" for
            all.
        boxes: areas to cover, drawn by hand: x, y, width, height in pixels of the upright source.
        style: how areas are covered.
        credit: credit line to draw.
        hold: hold the photo whatever is found.
        place: reference of a place permission that answers for every clinical scene and place.
        by: the account under which that was said.
        caption: own text of a caption beside the export; None for no caption.
        dry_run: decide, and write nothing.
        values: list every metadata field with its value in the receipt.
        look_first: what had to be answered, or was covered, leaves by a last look alone.
        look: the last look at the picture; no other picture leaves by it.
    """

    redact: tuple[str, ...] = ()
    boxes: tuple[tuple[int, int, int, int], ...] = ()
    style: RedactStyle = RedactStyle.SOLID
    credit: str | None = None
    hold: bool = False
    place: str | None = None
    by: str = ""
    caption: str | None = None
    dry_run: bool = False
    values: bool = False
    look_first: bool = False
    look: Look | None = None

    def __post_init__(self) -> None:
        if self.credit is not None:
            check_credit(self.credit)
        if self.caption is not None:
            check_caption(self.caption)

    @classmethod
    def of(
        cls,
        redact: Sequence[str] | str = (),
        boxes: Sequence[tuple[int, int, int, int]] = (),
        style: str = RedactStyle.SOLID,
        credit: str | None = None,
        *,
        hold: bool = False,
        place: str | None = None,
        caption: bool | str = False,
        dry_run: bool = False,
        values: bool = False,
    ) -> Request:
        """The request that a caller's words make.

        Args:
            redact: one name, or several.
            boxes: as the attribute.
            style: "solid", "pixelate" or "blur".
            credit: as the attribute.
            hold: as the attribute.
            place: a reference as a person types it.
            caption: whether there is one, or its own text.
            dry_run: as the attribute.
            values: as the attribute.

        Raises:
            UsageProblem: there is no such style or name to cover, the place's reference is not one,
                the caption or credit line would identify someone, or the credit line names nobody.
        """
        if style not in list(RedactStyle):
            raise UsageProblem(
                f"There is no way of covering called {printable(style)}.",
                f"There are: {', '.join(RedactStyle)}.",
            )
        names = (redact,) if isinstance(redact, str) else tuple(redact)
        for name in names:
            if name not in GROUPS and not _ID.fullmatch(name):
                close = meant(name.lower(), GROUPS)
                hint = f"Did you mean {close}? " if close else ""
                raise UsageProblem(
                    f"There is nothing to cover that is called {printable(name)}.",
                    f"{hint}{COVERABLE}",
                )
        return cls(
            redact=names,
            boxes=tuple((x, y, w, h) for x, y, w, h in boxes),
            style=RedactStyle(style),
            credit=credit,
            hold=hold,
            place=None if place is None else read_reference(place),
            by="" if place is None else account(),
            caption=caption if isinstance(caption, str) else ("" if caption else None),
            dry_run=dry_run,
            values=values,
        )

    def digest(self) -> str:
        """Hex sha256 of the request and the product version: the same one gives the same export."""
        asked = {k: v for k, v in dataclasses.asdict(self).items() if k not in _NOT_IN_EXPORT}
        asked["by"] = ""  # whoever asks, the export is the same
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
        grouped: whether its export may be left ready, to be recorded and written with others.
    """

    folder: Place
    stem: str | None
    replace: bool = False
    base: str | None = None
    grouped: bool = False

    def path(self, stem: str, policy: Policy) -> Place:
        """The export's path under a name."""
        # Absolute, so that the ledger knows the file from any folder.
        return self.folder.absolute() / f"{stem}{SUFFIX[policy.export.format]}"

    def own(self, name: str) -> bool:
        """Whether an export of this photo may be called so: its name, numbered or not."""
        base = self.base or self.stem
        return base is not None and re.fullmatch(rf"{re.escape(base)}(-\d+)?", name) is not None

    def free(self, policy: Policy, original: str, ledger: Ledger) -> Place:
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
            if not storage.at(path).there(path) or ledger.original_at(str(path)) in (
                None,
                original,
            ):
                return path
            stem = f"{self.base or self.stem}-{number}"
        raise AssertionError  # the numbers do not end


def plain_stem(name: str | None) -> str | None:
    """The stem of a name from elsewhere, which may hold anything; None where nothing is left."""
    last = re.split(r"[/\\]", name or "")[-1]
    stem = PurePath(last).stem
    kept = "".join(char for char in stem if char.isprintable() and char not in ':*?"<>|')
    return kept.strip(" .")[:200] or None
