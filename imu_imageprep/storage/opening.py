"""Stores, opened: one connection of each for all of a process."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import ModelProblem

if TYPE_CHECKING:
    from imu_imageprep.domain.place import Remote
    from imu_imageprep.storage.port import Store

# They log what failed, with tracebacks; what of it a person needs is in our sentences.
_TALKATIVE = ("aiobotocore", "botocore", "s3fs", "fsspec", "paramiko", "smbprotocol", "asyncio")

_opening = threading.Lock()
_opened: dict[tuple[str, str], Store] = {}


def opened(where: Remote) -> Store:
    """The store of an address.

    Raises:
        ModelProblem: the extra is not installed.
        InputProblem: it cannot be reached, or lets nobody in.
    """
    key = where.scheme, where.host
    with _opening:
        store = _opened.get(key)
        if store is None or store.lost:
            store = _opened[key] = _open(where)
    return store


def _open(where: Remote) -> Store:
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        if where.scheme == "s3":
            from imu_imageprep.storage.s3 import Bucket  # noqa: PLC0415  (each store its library)

            return Bucket(where)
        if where.scheme == "sftp":
            from imu_imageprep.storage.sftp import Sftp  # noqa: PLC0415

            return Sftp(where)
        if where.scheme == "smb":
            from imu_imageprep.storage.smb import Share  # noqa: PLC0415

            return Share(where)
        from imu_imageprep.storage.served import Memory  # noqa: PLC0415

        return Memory(where)
    except ImportError as problem:
        raise ModelProblem(
            "Addresses of stores need packages that are not installed.",
            "imageprep doctor says what to type to add them.",
        ) from problem
