"""What a person needs to see of a photo that waits: the photo itself, and what would leave."""

from __future__ import annotations

import dataclasses
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep import config
from imu_imageprep.api.given import request_of, source_of
from imu_imageprep.api.photos import Workshop
from imu_imageprep.domain.photo import Size
from imu_imageprep.pipeline import preview as _preview
from imu_imageprep.stages.decode import decode
from imu_imageprep.stages.fit import fit
from imu_imageprep.stages.metadata import describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imu_imageprep.api.given import AnyPath, AnyPhoto
    from imu_imageprep.domain.photo import Format, Source
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Receipt

# Enough to judge a face on a large screen; JPEG at this quality shows no marks of its own.
SIDE, _QUALITY = 1600, 88


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture as its export would be; it is on no record and was not verified: never post it.

    Attributes:
        data: the whole file.
        format: the export's.
        size: width and height in pixels.
        receipt: of a dry run: what still holds the photo.
    """

    data: bytes = dataclasses.field(repr=False)
    format: Format
    size: Size
    receipt: Receipt


def picture(photo: AnyPhoto, *, policy: Policy | None = None, side: int = SIDE) -> bytes:
    """The photo for showing: upright, sRGB, nothing hidden, as a JPEG file's bytes.

    Args:
        photo: a path, the bytes of a file, or a PIL image.
        policy: its limits hold; by default the user's own configuration.
        side: the long side in pixels; a smaller photo stays as it is.

    Raises:
        InputProblem: the photo could not be read.
    """
    from PIL import Image  # noqa: PLC0415  (answers are given without it)

    source, rules = _read(photo, policy)
    seen = fit(decode(source, describe(source), side, rules.limits), Size(side, side))
    buffer = io.BytesIO()
    Image.fromarray(seen.pixels).save(buffer, "JPEG", quality=_QUALITY, dpi=(72, 72))
    return buffer.getvalue()


def preview(
    photo: AnyPhoto,
    *,
    policy: Policy | None = None,
    redact: Sequence[str] | str = (),
    boxes: Sequence[tuple[int, int, int, int]] = (),
    redact_style: str = "solid",
    credit: str | None = None,
    place: str | None = None,
    ledger: AnyPath | None = None,
) -> Preview:
    """Exactly the pixels that the export would have, whether or not the photo is held.

    Nothing is written and nothing recorded. The arguments are those of ``prepare``.

    Raises:
        ImageprepError: as of ``prepare``.
    """
    request = request_of(redact, boxes, redact_style, credit, place=place)
    source, rules = _read(photo, policy)
    workshop = Workshop(None if ledger is None else Path(ledger))
    receipt, shown = _preview(source, rules, request, workshop(rules))
    return Preview(shown.data, shown.format, shown.size, receipt)


def _read(photo: AnyPhoto, policy: Policy | None) -> tuple[Source, Policy]:
    rules = policy if policy is not None else config.load()
    source = source_of(photo, rules.limits)
    if source.path is not None:
        rules = config.folder_policy(source.path.parent, rules)
    return source, rules
