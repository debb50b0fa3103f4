"""The one door: what scripts, the command line and other front ends call.

Photos are in ``photos``, answers and the ledger in ``answers``, reports in ``reports``. Each is
imported when one of its names is used: recording a consent must not wait for the detectors'
libraries.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imu_imageprep.api.answers import Desk, fingerprint
    from imu_imageprep.api.bench import Bench
    from imu_imageprep.api.calibration import calibrate, set_threshold
    from imu_imageprep.api.cards import card
    from imu_imageprep.api.diagnosing import diagnose
    from imu_imageprep.api.hints import findings, references
    from imu_imageprep.api.judging import open_needs
    from imu_imageprep.api.offering import offers
    from imu_imageprep.api.people import People
    from imu_imageprep.api.photos import (
        check,
        policy_digest,
        prepare,
        prepare_arrived,
        prepare_many,
        verify,
    )
    from imu_imageprep.api.policies import write_config
    from imu_imageprep.api.reports import count, recorded, report
    from imu_imageprep.api.review import picture, preview

# Before numpy and OpenCV are loaded: photos run in parallel, not matrix products and filters, and
# several threads for one photo cost more than they save. What the user has set stays.
for _threads in ("OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
    os.environ.setdefault(_threads, "1")

__all__ = [
    "Bench",
    "Desk",
    "People",
    "calibrate",
    "card",
    "check",
    "count",
    "diagnose",
    "findings",
    "fingerprint",
    "offers",
    "open_needs",
    "picture",
    "policy_digest",
    "prepare",
    "prepare_arrived",
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
    "Desk": "answers",
    "People": "people",
    "calibrate": "calibration",
    "card": "cards",
    "count": "reports",
    "diagnose": "diagnosing",
    "findings": "hints",
    "fingerprint": "answers",
    "offers": "offering",
    "open_needs": "judging",
    "picture": "review",
    "preview": "review",
    "recorded": "reports",
    "references": "hints",
    "report": "reports",
    "set_threshold": "calibration",
    "write_config": "policies",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME.get(name, 'photos')}"), name)
