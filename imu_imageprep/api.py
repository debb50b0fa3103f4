"""The one door: what scripts, the command line and other front ends call.

Each name is imported when it is used: recording a consent must not wait for the detectors'
libraries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imu_imageprep.bench import Bench
    from imu_imageprep.desk import Desk
    from imu_imageprep.files import fingerprint
    from imu_imageprep.hints import findings, references
    from imu_imageprep.library import check, offers, picture, prepare, prepare_many, preview, verify
    from imu_imageprep.people import People
    from imu_imageprep.session import Session, policy_digest

__all__ = [
    "Bench",
    "Desk",
    "People",
    "Session",
    "check",
    "findings",
    "fingerprint",
    "offers",
    "picture",
    "policy_digest",
    "prepare",
    "prepare_many",
    "preview",
    "references",
    "verify",
]

_HOME = {
    "Bench": "bench",
    "Desk": "desk",
    "People": "people",
    "Session": "session",
    "check": "library",
    "findings": "hints",
    "fingerprint": "files",
    "offers": "library",
    "picture": "library",
    "policy_digest": "session",
    "prepare": "library",
    "prepare_many": "library",
    "preview": "library",
    "references": "hints",
    "verify": "library",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"imu_imageprep.{_HOME[name]}"), name)
