"""Where exports are written and photos are read: folders of this computer, and stores by address.

fsspec and what speaks with a store are imported where an address is used, and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import InputProblem, OutputProblem
from imu_imageprep.domain.place import Place, Remote, here, is_url, place, recorded
from imu_imageprep.storage.local import HERE

if TYPE_CHECKING:
    from imu_imageprep.storage.port import Exports, Store

__all__ = [
    "HERE",
    "Place",
    "Remote",
    "at",
    "check",
    "here",
    "is_url",
    "place",
    "recorded",
    "store_of",
]


def at(where: Place) -> Exports:
    """What writes exports to a place, and knows those that are there.

    Raises:
        ModelProblem: as of :func:`store_of`.
        OutputProblem: its store cannot be reached, or lets nobody in.
    """
    return _of_exports(where) if isinstance(where, Remote) else HERE


def check(out: Remote) -> None:
    """Say now what would stop every export to a folder of a store.

    Raises:
        ModelProblem: as of :func:`at`.
        OutputProblem: as of :func:`at`; it is not there, or may not be looked at.
    """
    _of_exports(out).check(out)


def _of_exports(where: Remote) -> Store:
    try:
        return store_of(where)
    except InputProblem as problem:
        raise OutputProblem(problem.message, problem.advice) from None


def store_of(where: Remote) -> Store:
    """The store of an address, connected; one connection serves all of a process.

    Raises:
        ModelProblem: the extra is not installed.
        InputProblem: it cannot be reached, or lets nobody in.
    """
    from imu_imageprep.storage.opening import opened  # noqa: PLC0415  (only for an address)

    return opened(where)
