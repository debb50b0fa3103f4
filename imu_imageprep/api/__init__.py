"""The one door: what scripts, the command line and other front ends call.

Photos are in ``photos``, answers and the ledger in ``answers``. Each is imported when one of its
names is used: recording a consent must not wait for the detectors' libraries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imu_imageprep.api.answers import Desk, fingerprint
    from imu_imageprep.api.bench import Bench
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
    from imu_imageprep.api.review import picture, preview
    from imu_imageprep.batch.plan import count
    from imu_imageprep.report.folder import recorded

__all__ = [
    "Bench",
    "Desk",
    "People",
    "check",
    "count",
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
    "verify",
]

_HOME = {
    "Bench": ".bench",
    "Desk": ".answers",
    "People": ".people",
    "count": "..batch.plan",
    "findings": ".hints",
    "fingerprint": ".answers",
    "offers": ".offering",
    "open_needs": ".judging",
    "picture": ".review",
    "preview": ".review",
    "recorded": "..report.folder",
    "references": ".hints",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME.get(name, ".photos"), __name__), name)
