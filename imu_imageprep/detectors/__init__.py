"""Detectors, one file each; the built-in ones are named here and nowhere else.

Other people's are found by the entry points of what is installed.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.errors import ModelProblem
from imu_imageprep.domain.finding import SECOND, DidNotLook, Finding, Flag, Looked
from imu_imageprep.domain.policy import Level

if TYPE_CHECKING:
    from imu_imageprep.domain.finding import Scan
    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Photo
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.ports import Detector


def built_in(policy: Policy) -> tuple[Detector, ...]:
    """The detectors that ship, in the order their findings are told."""
    # Imported here: together they need numpy, OpenCV and onnxruntime (170 CPU ms to import).
    from imu_imageprep.detectors.clinical import Clinical  # noqa: PLC0415
    from imu_imageprep.detectors.codes import Codes  # noqa: PLC0415
    from imu_imageprep.detectors.credit import Credit, Origin  # noqa: PLC0415
    from imu_imageprep.detectors.faces import Faces  # noqa: PLC0415
    from imu_imageprep.detectors.places import Places  # noqa: PLC0415
    from imu_imageprep.detectors.text import Text  # noqa: PLC0415

    doubts = policy.flags.level(Flag.DOUBT) is not Level.OFF
    doubt = policy.clinical.doubt if doubts else None
    detectors: list[Detector] = [
        Faces(policy.faces.person),
        Clinical(policy.clinical.threshold, doubt),
        Credit(policy.owner.name),
        Codes(),
        Text(policy.export.size, policy.text.allow),
    ]
    if policy.flags.unknown_source is Level.HOLD:
        detectors.append(Origin())
    if policy.places:
        detectors.append(Places(policy.places))
    return tuple(detectors)


def all_of(policy: Policy) -> tuple[Detector, ...]:
    """The detectors that a policy asks: those that ship, then other people's, which only add."""
    ours = built_in(policy)
    if not policy.detectors.extra:
        return ours
    taken = frozenset(detector.name for detector in ours)
    return (*ours, *(Extra(name, taken) for name in policy.detectors.extra))


GROUP = "imageprep.detectors"

_KIND = re.compile(r"[a-z][a-z0-9_]{0,31}")
_LABEL = 60  # characters


@dataclass(frozen=True, slots=True)
class Extra:
    """Somebody else's detector; loaded at the first look, and never trusted with more than that.

    Its findings always hold a photo (it has no flag to turn off), and it cannot take the place of a
    detector that ships.

    Attributes:
        name: of its entry point, and of its scan.
        taken: names that it may not have.
    """

    name: str
    taken: frozenset[str] = frozenset()
    flag: ClassVar[None] = None

    @property
    def model(self) -> str | None:
        """What it says its version is; None where it says nothing, or cannot be loaded."""
        try:
            model = _detector(self.name).model
        except Exception:  # noqa: BLE001  (what it does wrong is told when it is asked to look)
            return None
        return model if isinstance(model, str) else None

    def look(self, photo: Photo, metadata: Metadata) -> Scan:
        """Ask it.

        Raises:
            ModelProblem: it is not installed, cannot be loaded, or answers what is no answer.
        """
        if self.name in self.taken:
            raise ModelProblem(
                f"{self.name} is the name of a detector that ships.",
                "Rename the entry point, and list it under its new name.",
            )
        scan = _detector(self.name).look(photo, metadata)
        if isinstance(scan, DidNotLook):
            return DidNotLook(str(scan.reason)[:200])
        if not isinstance(scan, Looked):
            raise _nonsense(self.name)
        return Looked(tuple(self._plain(one) for one in scan.findings), float(scan.score))

    def _plain(self, one: Any) -> Finding:
        """A finding in this program's own types; what lies in them is looked at by the stage."""
        sound = (
            isinstance(one, Finding)
            and _KIND.fullmatch(one.kind) is not None
            and not f"{one.kind}-".startswith(SECOND)
            and (one.label is None or len(one.label) <= _LABEL)
            and 0 <= one.score <= 1
        )
        if not sound:
            raise _nonsense(self.name)
        box = one.box and Box(*map(float, (one.box.x, one.box.y, one.box.w, one.box.h)))
        label = None if one.label is None else str(one.label)
        return Finding(one.kind, float(one.score), box, label)


def _nonsense(name: str) -> ModelProblem:
    return ModelProblem(f"The detector {name} gave an invalid answer.", "Tell its author.")


def problem_of(name: str) -> ModelProblem | None:
    """Why a detector cannot be asked; None where it can."""
    try:
        _detector(name)
    except ModelProblem as problem:
        return problem
    return None


def _entries(name: str) -> tuple[Any, ...]:
    # 35 CPU ms to import, paid only by whoever lists a detector.
    from importlib.metadata import entry_points  # noqa: PLC0415

    return tuple(entry_points(group=GROUP, name=name))


@functools.cache
def _detector(name: str) -> Any:
    """A detector, made once per process.

    Raises:
        ModelProblem: it is not installed, offered twice, or cannot be made.
    """
    entries = _entries(name)
    if len(entries) != 1:
        trouble = "is offered by more than one package" if entries else "is not installed"
        raise ModelProblem(
            f"The detector {name} {trouble}.",
            "Install the one package that brings it, or take it out of detectors.extra.",
        )
    try:
        return entries[0].load()()
    except Exception as problem:
        raise ModelProblem(
            f"The detector {name} could not be loaded ({type(problem).__name__}).",
            "Install its package again, or take it out of detectors.extra.",
        ) from problem
