"""Detectors, one file each; the built-in ones are named here and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain.policy import Level

if TYPE_CHECKING:
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

    detectors: list[Detector] = [
        Faces(),
        Clinical(threshold=policy.clinical.threshold),
        Credit(policy.owner.name),
        Codes(),
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
    from imu_imageprep.detectors.extra import Extra  # noqa: PLC0415

    taken = frozenset(detector.name for detector in ours)
    return (*ours, *(Extra(name, taken) for name in policy.detectors.extra))
