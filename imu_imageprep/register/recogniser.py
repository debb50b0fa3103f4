"""Comparing the faces of a photo that waits with the people who agreed to it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imu_imageprep.domain.case import Suggestion
from imu_imageprep.domain.errors import ImageprepError
from imu_imageprep.domain.recognition import Recognition, fitting, lapsed, matches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from imu_imageprep.domain.finding import Finding
    from imu_imageprep.domain.fitting import Circumstances
    from imu_imageprep.domain.photo import Photo
    from imu_imageprep.domain.recognition import Enrolled
    from imu_imageprep.domain.trail import Listed

_log = logging.getLogger("imu_imageprep")


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Suggests who faces may be.

    Attributes:
        people: everyone enrolled.
        consents: reads the records of the ledger, when there is a match.
        trouble: why nobody can be recognised in this run; None where somebody can.
    """

    people: tuple[Enrolled, ...]
    consents: Callable[[], Iterable[Listed]]
    trouble: str | None = None

    def recognise(self, photo: Photo, faces: Sequence[Finding], now: Circumstances) -> Recognition:
        """Compare faces with everyone enrolled; whatever goes wrong is told and stops nothing.

        Args:
            photo: upright sRGB pixels, uint8 RGB.
            faces: findings with boxes.
            now: the circumstances that a consent would have to fit.
        """
        if self.trouble is not None:
            return Recognition(trouble=self.trouble)
        try:
            # OpenCV and dlib: only a photo that waits for a face needs them.
            from imu_imageprep.register.faces import measure  # noqa: PLC0415

            found = matches(measure(photo, [face.box for face in faces if face.box]), self.people)
            if not any(found):
                return Recognition()
            listed = tuple(self.consents())
            gone = self._gone(listed, now.today)
            found = tuple(None if one and one.code in gone else one for one in found)
        except ImageprepError as problem:
            return Recognition(trouble=f"{problem.message} {problem.advice}")
        except Exception as problem:  # noqa: BLE001  (a suggestion must not cost the photo)
            _log.warning("recognising failed: %s", type(problem).__name__)
            return Recognition(trouble=f"Comparing faces failed ({type(problem).__name__}).")
        return Recognition(
            tuple(
                Suggestion(face.id, one.code, one.distance, fitting(one.code, listed, now))
                for face, one in zip(faces, found, strict=True)
                if one is not None
            )
        )

    def _gone(self, listed: Sequence[Listed], today: date | None) -> frozenset[str]:
        """The codes of people whose consent ended since this run began, which may be long ago."""
        now = {one.ref: one for one in listed}
        return frozenset(
            person.code
            for person in self.people
            if (one := now.get(person.consent)) is None
            or today is None
            or lapsed(one.entry, one.state, person.code, today)
        )
