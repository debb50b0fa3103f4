"""Clinical scenes: the features of a picture, the heads that judge them, the detector of both."""

from __future__ import annotations

from imu_imageprep.detectors.clinical.detector import Clinical

__all__ = ["Clinical"]
