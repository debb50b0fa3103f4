"""Faces: the network, the search of a picture with it, the detector."""

from __future__ import annotations

from imu_imageprep.detectors.faces.detector import Faces

__all__ = ["Faces"]
