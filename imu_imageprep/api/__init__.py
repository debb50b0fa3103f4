"""The one door: what scripts, the command line and other front ends call.

Photos are in ``photos``, answers and the ledger in ``answers``. Either is imported when one of its
names is used: recording a consent must not wait for the detectors' libraries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imu_imageprep.api.answers import Desk
    from imu_imageprep.api.photos import (
        check,
        diagnose,
        prepare,
        prepare_arrived,
        prepare_many,
        verify,
    )

__all__ = [
    "Desk",
    "check",
    "diagnose",
    "prepare",
    "prepare_arrived",
    "prepare_many",
    "verify",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "answers" if name == "Desk" else "photos"
    return getattr(import_module(f"{__name__}.{home}"), name)
