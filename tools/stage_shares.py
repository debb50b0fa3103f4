"""What each stage costs, in CPU milliseconds a photo.

    uv run python tools/stage_shares.py PHOTOS_DIR

Runs the stages one after the other in this process, once to warm up and once measured, and prints
the mean of each and its share. Start-up is not in it: it is paid once per process.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

# Sets the threads of numpy and OpenCV before they are loaded, as for every photo.
import imu_imageprep.api  # noqa: F401
from imu_imageprep.detectors import built_in
from imu_imageprep.domain.policy import Policy
from imu_imageprep.pipeline import LOOK_SIDE
from imu_imageprep.stages.decode import decode
from imu_imageprep.stages.encode import encode
from imu_imageprep.stages.fit import fit
from imu_imageprep.stages.metadata import describe
from imu_imageprep.stages.read import read
from imu_imageprep.stages.verify import verify
from imu_imageprep.stages.watermark import watermark

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def main() -> None:
    """Measure every photo of a folder."""
    photos = sorted(Path(sys.argv[1]).iterdir())
    for _ in range(2):
        spent: dict[str, float] = defaultdict(float)
        for path in photos:
            one(path, spent)
    total = sum(spent.values())
    for stage, seconds in spent.items():
        print(f"{stage:<12}{seconds / len(photos) * 1000:8.1f} ms {seconds / total:6.1%}")
    print(f"{'together':<12}{total / len(photos) * 1000:8.1f} ms, {len(photos)} photos")


def one(path: Path, spent: dict[str, float]) -> None:
    """The stages of an ordinary photo, each timed."""

    def timed(stage: str, act: Callable[[], T]) -> T:
        before = time.process_time()
        result = act()
        spent[stage] += time.process_time() - before
        return result

    policy = Policy()
    source = timed("read", lambda: read(path, policy.limits))
    metadata = timed("metadata", lambda: describe(source))
    photo = timed("decode", lambda: decode(source, metadata, LOOK_SIDE, policy.limits))
    for detector in built_in(policy):
        timed(detector.name, lambda detector=detector: detector.look(photo, metadata))  # type: ignore[misc]
    small = timed("fit", lambda: fit(photo, policy.export.size))
    text = policy.watermark_text(2026)
    marked = timed("watermark", lambda: watermark(small, text, policy.watermark))
    encoded = timed("encode", lambda: encode(marked, policy.export))
    timed("verify", lambda: verify(encoded))


if __name__ == "__main__":
    main()
