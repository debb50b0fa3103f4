"""What still holds a photo that was looked at before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep import config
from imu_imageprep.api.given import request_of
from imu_imageprep.api.photos import Workshop
from imu_imageprep.decision import decided
from imu_imageprep.domain.case import Held

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imu_imageprep.api.given import AnyPath
    from imu_imageprep.domain.case import HeldFor
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Receipt


def open_needs(
    receipt: Receipt,
    *,
    policy: Policy | None = None,
    config_file: AnyPath | None = None,
    redact: Sequence[str] | str = (),
    boxes: Sequence[tuple[int, int, int, int]] = (),
    credit: str | None = None,
    place: str | None = None,
    ledger: AnyPath | None = None,
) -> tuple[HeldFor, ...]:
    """What would still hold a photo, with the ledger's answers of this moment; it is not looked at.

    Args:
        receipt: of a look at the photo.
        policy: the rules; by default the user's own configuration.
        config_file: the file that ``policy`` came from; it is read where no policy is given.
        redact: ids of findings that would be covered, or "faces".
        boxes: areas that would be covered: x, y, width, height in pixels of the upright photo.
        credit: credit line that would be drawn.
        place: reference of a place permission.
        ledger: file of the ledger; by default the user's own.

    Raises:
        ImageprepError: the call or the configuration is wrong.
    """
    given = None if config_file is None else Path(config_file)
    rules = policy if policy is not None else config.load(given)
    if receipt.path is not None:
        rules = config.folder_policy(Path(receipt.path).parent, rules, given)
    request = request_of(redact, boxes, "solid", credit, place=place)
    workshop = Workshop(None if ledger is None else Path(ledger))
    decision, _ = decided(receipt, rules, request, workshop(rules))
    return decision.held_for if isinstance(decision, Held) else ()
