"""Prepare photos for social media: nothing hidden, nobody identifiable unasked, small and marked.

The library in one breath::

    from imu_imageprep import prepare, prepare_many, check, verify, Policy
    receipt = prepare("photo.jpg", policy=Policy(), out="web/")
    receipt.outcome, receipt.findings, receipt.held_for, receipt.export
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.version import __version__

if TYPE_CHECKING:
    from imu_imageprep.api import check, prepare, prepare_many, verify
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Outcome, Receipt

__all__ = [
    "Outcome",
    "Policy",
    "Receipt",
    "__version__",
    "check",
    "prepare",
    "prepare_many",
    "verify",
]

_HOME = {
    "Outcome": "imu_imageprep.domain.receipt",
    "Policy": "imu_imageprep.domain.policy",
    "Receipt": "imu_imageprep.domain.receipt",
}


def __getattr__(name: str) -> object:
    # Imported on demand: the command line must start without numpy.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(_HOME.get(name, "imu_imageprep.api")), name)
