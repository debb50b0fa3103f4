"""How the ledger is, in a file or on a server."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from imu_imageprep import config, shell
from imu_imageprep.clock import SystemClock
from imu_imageprep.doctor.check import Check, Topic, wrong
from imu_imageprep.domain.errors import ExitCode, ImageprepError, OutputProblem
from imu_imageprep.ledger import opened

if TYPE_CHECKING:
    from pathlib import Path

# What each role of a server's ledger lets its users do.
_MAY = {"reader": "read", "writer": "read and write", "eraser": "read, write and erase"}
_ELSEWHERE = "Name another file with --ledger or IMAGEPREP_LEDGER."


def of_ledger(config_file: Path | None, given: Path | str | None) -> Check:
    """The ledger that is named here, wherever it lies."""
    try:
        rules = None if config_file is None else config.load(config_file)
        place = config.ledger_place(given, rules)
    except ImageprepError as problem:
        return wrong(Topic.LEDGER, "ledger", problem)
    return _on_server(place) if isinstance(place, str) else _in_file(place)


def _in_file(path: Path) -> Check:
    """Whether the ledger is sound, may be written, and is nobody else's to read."""
    name = str(path)
    try:
        there = path.exists()
        place = path if there else next(one for one in path.absolute().parents if one.exists())
        if not os.access(place, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            raise OutputProblem("It cannot be written.", _ELSEWHERE)
        if not there:
            return Check(Topic.LEDGER, name, "not there yet; the first export makes it")
        found = opened(path, SystemClock()).audit()
        mode = stat.S_IMODE(path.stat().st_mode)
    except ImageprepError as problem:
        return wrong(Topic.LEDGER, name, problem)
    except OSError as problem:
        return Check(Topic.LEDGER, name, f"cannot be read ({problem.strerror})", 5, _ELSEWHERE)
    if found.damage is not None:
        advice = "Keep a copy of it; imageprep consent audit says more."
        return Check(Topic.LEDGER, name, f"damaged: {found.damage.what}", 6, advice)
    state = f"no damage; {found.events} {'event' if found.events == 1 else 'events'}"
    others = os.name == "posix" and mode & 0o077
    advice = f"Others may read it. To keep it private: chmod 600 {shell.quoted(name)}"
    return Check(Topic.LEDGER, name, state, advice=advice if others else "")


def _on_server(url: str) -> Check:
    """How a server keeps the ledger, and what its user may do; a whole audit may take minutes."""
    try:
        ledger = opened(url, SystemClock())
        from imu_imageprep.ledger import setup  # noqa: PLC0415  (where there is a server)

        found = setup.state(ledger)
    except ImageprepError as problem:
        return wrong(Topic.LEDGER, url, problem)
    state = (
        f"PostgreSQL {found.version}; {found.way}; user {found.user}, who may "
        f"{_MAY[found.role]}; {found.events} {'event' if found.events == 1 else 'events'}"
    )
    if not found.safe:
        unsafe = "A power cut can lose events: fsync and full_page_writes have to be on."
        return Check(Topic.LEDGER, url, state, int(ExitCode.OUTPUT), unsafe)
    advice = "To write, this user needs the role imageprep_writer."
    return Check(Topic.LEDGER, url, state, advice=advice if found.role == "reader" else "")
