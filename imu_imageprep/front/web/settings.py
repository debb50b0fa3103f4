"""What a run of the page is started with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from imu_imageprep.session import Session

# Nobody else's machine can reach it.
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the page may cost this machine.

    Attributes:
        held_bytes: all originals and results in memory.
        waiting_bytes: originals that wait to be looked at; more are not read from the browser.
        photos: entries in the list.
        connections: open at a time, the event streams included.
        json_bytes: the largest JSON body.
        pause_seconds: the longest pause within a body.
        slowest: bytes a second below which an upload is ended.
        room_seconds: the longest that an upload waits for room.
        idle_seconds: without requests and without work until the server ends.
        quiet_seconds: after which a drop is whole: it comes file by file, and nobody says which one
            is the last.
    """

    held_bytes: int = 1_000_000_000
    waiting_bytes: int = 128_000_000
    photos: int = 10_000
    connections: int = 100
    json_bytes: int = 256_000
    pause_seconds: float = 20.0
    slowest: int = 100_000
    room_seconds: float = 120.0
    idle_seconds: float = 1800.0
    quiet_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How a run of the page is set up.

    Attributes:
        session: the rules it starts with, whose profile can be switched, and the ledger.
        roots: folders, links resolved, in which typed paths must lie.
        ready: folders and files that were named at the start, to be offered.
        jobs: photos that are worked on at a time.
        port: to listen on; 0 for a free one.
        bounds: what it may cost.
    """

    session: Session
    roots: tuple[Path, ...]
    ready: tuple[Path, ...] = ()
    jobs: int = 1
    port: int = 0
    bounds: Bounds = field(default_factory=Bounds)
