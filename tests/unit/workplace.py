"""A place to prepare one photo in, with detectors that find what they are told to."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from fakes import FakeDetector, FakeRecogniser, FixedClock, MemoryLedger, SpotDetector
from pictures import SPOT, encoded, exif, scene

from imu_imageprep.domain.finding import Flag
from imu_imageprep.domain.policy import Policy
from imu_imageprep.domain.receipt import Receipt
from imu_imageprep.pipeline import Equipment, prepare
from imu_imageprep.ports import Detector
from imu_imageprep.request import Handover, Request, Target
from imu_imageprep.stages.read import read

CLINICAL = FakeDetector("clinical", Flag.CLINICAL)
CREDIT = FakeDetector("credit", Flag.SOURCE, model=None)
CODES = FakeDetector("codes", Flag.CODE, model=None)
TEXT = FakeDetector("text", Flag.TEXT)
ONE_SPOT = ((600, 400, 60),)


class Desk:
    """A folder with one photo, and everything needed to prepare it."""

    def __init__(self, folder: Path, spots: tuple[tuple[int, int, int], ...] = ()) -> None:
        self.photo = folder / "in" / "photo.jpg"
        self.photo.parent.mkdir()
        self.photo.write_bytes(encoded(scene(spots=spots), exif=exif()))
        self.out = folder / "out"
        self.ledger = MemoryLedger()
        self.faces: Detector = SpotDetector(SPOT)
        self.codes: Detector = CODES
        self.text: Detector = TEXT
        self.others: tuple[Detector, ...] = (CLINICAL, CREDIT)
        self.recogniser: FakeRecogniser | None = None

    def run(
        self,
        request: Request | None = None,
        policy: Policy | None = None,
        *,
        replace: bool = False,
        write: bool = True,
        stream: BinaryIO | None = None,
    ) -> Receipt:
        policy = policy or Policy()
        detectors = (self.faces, *self.others, self.codes, self.text)
        equipment = Equipment(policy, detectors, self.ledger, FixedClock(), self.recogniser)
        target: Target | Handover | None = Target(self.out, "photo", replace) if write else None
        if stream is not None:
            target = Handover(stream, "photo")
        source = read(self.photo, policy.limits)
        return prepare(source, request or Request(), target, equipment)

    @property
    def written(self) -> list[str]:
        return sorted(p.name for p in self.out.rglob("*")) if self.out.exists() else []
