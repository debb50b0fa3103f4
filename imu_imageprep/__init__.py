"""Prepare photos for social media: nothing hidden, nobody identifiable unasked, small and marked.

The library in one breath::

    from imu_imageprep import prepare, prepare_many, check, verify, Policy
    receipt = prepare("photo.jpg", policy=Policy(), out="web/")
    receipt.outcome, receipt.findings, receipt.held_for, receipt.export
"""

from __future__ import annotations

import os

from imu_imageprep.version import __version__

TYPE_CHECKING = False  # typing takes longer to load than all of this
if TYPE_CHECKING:
    from imu_imageprep.api import check, prepare, prepare_many, verify
    from imu_imageprep.domain.box import Box
    from imu_imageprep.domain.errors import ExitCode, ImageprepError
    from imu_imageprep.domain.finding import DidNotLook, Finding, Looked
    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Photo
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Outcome, Receipt
    from imu_imageprep.ports import Detector

# Before numpy and OpenCV are loaded: photos run in parallel, not matrix products and filters, and
# several threads for one photo cost more than they save. What the user has set stays.
for _threads in ("OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
    os.environ.setdefault(_threads, "1")

# Stable: these are never renamed or removed, only added to. docs/library.md says what each is.
__all__ = [
    "Box",
    "Detector",
    "DidNotLook",
    "ExitCode",
    "Finding",
    "ImageprepError",
    "Looked",
    "Metadata",
    "Outcome",
    "Photo",
    "Policy",
    "Receipt",
    "__version__",
    "check",
    "prepare",
    "prepare_many",
    "verify",
]

_HOME = {
    "Box": "domain.box",
    "Detector": "ports",
    "DidNotLook": "domain.finding",
    "ExitCode": "domain.errors",
    "Finding": "domain.finding",
    "ImageprepError": "domain.errors",
    "Looked": "domain.finding",
    "Metadata": "domain.metadata",
    "Outcome": "domain.receipt",
    "Photo": "domain.photo",
    "Policy": "domain.policy",
    "Receipt": "domain.receipt",
}


def __getattr__(name: str) -> object:
    # Imported on demand: the command line must start without numpy.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"{__name__}.{_HOME.get(name, 'api')}"), name)
