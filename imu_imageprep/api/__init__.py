"""The one door: what scripts, the command line and other front ends call.

Each name is imported when it is used: recording a consent must not wait for the detectors'
libraries.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imu_imageprep.api.calibration import calibrate, set_threshold
    from imu_imageprep.api.cards import card
    from imu_imageprep.api.diagnosing import diagnose
    from imu_imageprep.api.hints import findings, references
    from imu_imageprep.api.offering import offers
    from imu_imageprep.api.policies import write_config
    from imu_imageprep.api.reports import recorded, report
    from imu_imageprep.bench import Bench
    from imu_imageprep.desk import Desk, fingerprint
    from imu_imageprep.library import check, picture, prepare, prepare_many, preview, verify
    from imu_imageprep.people import People
    from imu_imageprep.session import Session, policy_digest

# Before numpy and OpenCV are loaded: photos run in parallel, not matrix products and filters, and
# several threads for one photo cost more than they save. What the user has set stays.
for _threads in ("OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
    os.environ.setdefault(_threads, "1")

__all__ = [
    "Bench",
    "Desk",
    "People",
    "Session",
    "calibrate",
    "card",
    "check",
    "diagnose",
    "findings",
    "fingerprint",
    "offers",
    "picture",
    "policy_digest",
    "prepare",
    "prepare_many",
    "preview",
    "recorded",
    "references",
    "report",
    "set_threshold",
    "verify",
    "write_config",
]

_HOME = {
    "Bench": "bench",
    "Desk": "desk",
    "People": "people",
    "Session": "session",
    "calibrate": "api.calibration",
    "card": "api.cards",
    "check": "library",
    "diagnose": "api.diagnosing",
    "findings": "api.hints",
    "fingerprint": "desk",
    "offers": "api.offering",
    "picture": "library",
    "policy_digest": "session",
    "prepare": "library",
    "prepare_many": "library",
    "preview": "library",
    "recorded": "api.reports",
    "references": "api.hints",
    "report": "api.reports",
    "set_threshold": "api.calibration",
    "verify": "library",
    "write_config": "api.policies",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"imu_imageprep.{_HOME[name]}"), name)
