"""Typed paths: folders of this machine that are worked on where they lie."""

from __future__ import annotations

import itertools
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imu_imageprep.batch.names import beside
from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.place import here
from imu_imageprep.front.web.refusals import Refusal, not_found, wrong_state
from imu_imageprep.windows import real

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imu_imageprep.bench import Task
    from imu_imageprep.front.web.entry import Entry
    from imu_imageprep.front.web.events import Events
    from imu_imageprep.session import Session


@dataclass(slots=True, eq=False)
class Run:
    """One typed path.

    Attributes:
        path: what was typed.
        total: how many photos it has.
        exports: the folder where its exports go.
        id: random; what the page calls it.
        through: ids of the photos that were looked at, or that left the list before that.
        cancelled: it was ended before its end.
    """

    path: Path
    total: int
    exports: Path | None
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    through: set[str] = field(default_factory=set)
    cancelled: bool = False

    @property
    def done(self) -> int:
        """How many of its photos nobody waits for any more; each counts once."""
        return len(self.through)

    @property
    def state(self) -> str:
        """Whether it goes on."""
        if self.cancelled:
            return "cancelled"
        return "done" if self.done >= self.total else "running"

    def cancel(self) -> bool:
        """End it; whether there was something to end."""
        going_on = self.state == "running"
        self.cancelled = self.cancelled or going_on
        return going_on

    def to_json(self) -> dict[str, Any]:
        """As the page's scripts read it."""
        return {
            "id": self.id,
            "path": str(self.path),
            "state": self.state,
            "total": self.total,
            "done": self.done,
            "exports": None if self.exports is None else str(self.exports),
            "error": None,
        }


class Runs:
    """The typed paths of this run of the page."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}

    def all(self) -> list[Run]:
        """Every one, in their order."""
        return list(self._runs.values())

    def get(self, ident: str) -> Run:
        """One by its id.

        Raises:
            Refusal: there is none.
        """
        if ident not in self._runs:
            raise not_found()
        return self._runs[ident]

    def begin(self, path: Path, tasks: Sequence[Task]) -> Run:
        """Note a new one."""
        run = Run(path, len(tasks), _common(tasks))
        self._runs[run.id] = run
        return run

    def went_on(self, entries: Iterable[Entry], events: Events) -> None:
        """Photos were looked at, or left the list: nobody waits for them any more."""
        changed: dict[str, Run] = {}
        for entry in entries:
            run = self._runs.get(entry.run or "")
            if run is not None and entry.id not in run.through:
                run.through.add(entry.id)
                changed[run.id] = run
        for run in changed.values():
            events.tell("run", run.to_json())


def allowed(typed: str, roots: Sequence[Path]) -> Path:
    """The real place of a typed path.

    Raises:
        Refusal: it lies outside of the allowed folders, or a link on the way leads out of them.
        InputProblem: there is nothing there.
    """
    try:
        path = Path(typed.strip()).expanduser()
        real = path.resolve()
        within = path.is_absolute() and is_within(real, roots)
        there = within and real.exists()  # nothing outside is even asked after
    except (OSError, ValueError, RuntimeError):  # a NUL, links in a circle, no such home
        raise InputProblem("This file or folder was not found.", "Check the spelling.") from None
    if not within:
        # Said of everything outside alike: whether it exists there is nobody's business.
        raise outside()
    if not there:
        raise InputProblem("This file or folder was not found.", "Check the spelling.")
    return real


def is_within(real: Path, roots: Sequence[Path]) -> bool:
    """Whether a place without links lies in one of the allowed folders."""
    return any(real.is_relative_to(root) for root in roots)


def with_named(roots: Sequence[Path], path: Path) -> tuple[Path, ...]:
    """The allowed folders, and a place that a person named at a start, with its exports.

    Args:
        roots: the allowed folders.
        path: of a file or a folder, links resolved.
    """
    if is_within(path, roots):
        return tuple(roots)
    # Exports of a folder go beside it, those of a file into its folder.
    more = (path, beside(path)) if path.is_dir() else (path.parent,)
    return (*roots, *more)


def outside() -> Refusal:
    """The refusal of a path outside of the allowed folders."""
    return Refusal(
        403,
        "forbidden",
        "This page may not use this folder.",
        "Start it with: imageprep app --allow FOLDER",
    )


def planned(path: Path, session: Session, roots: Sequence[Path], most: int) -> list[Task]:
    """The photos of an allowed path; call it in a thread.

    Args:
        path: as :func:`allowed` returns it.
        session: its ledger knows the exports, which are no photos.
        roots: the allowed folders.
        most: how many the list takes.

    Raises:
        Refusal: there are more, or the exports would land outside.
    """
    from imu_imageprep import bench  # noqa: PLC0415

    tasks: list[Task] = []
    for task in itertools.islice(bench.planned(path, session), most + 1):
        if not is_within(real(here(task.path)), roots):
            continue  # a link that leads out
        if task.target is not None and not is_within(real(here(task.target.folder)), roots):
            raise outside()
        tasks.append(task)
    if len(tasks) > most:
        raise Refusal(
            507,
            "count",
            f"This folder has too many photos: the list has room for {most}.",
            "Clear the list, or run imageprep with this folder in a terminal.",
        )
    return tasks


def open_in_viewer(run: Run) -> None:
    """Show the folder of a run's exports in the system's file viewer.

    Raises:
        Refusal: it does not exist, or the system has no viewer.
    """
    folder = run.exports
    if folder is None or not folder.is_dir():
        raise wrong_state()
    try:
        if sys.platform == "win32":
            os.startfile(folder)  # noqa: S606
            return
        command = "open" if sys.platform == "darwin" else "xdg-open"
        subprocess.Popen(  # noqa: S603
            [command, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        raise Refusal(
            422, "output", "The folder could not be shown.", f"Open it yourself: {folder}"
        ) from None


def _common(tasks: Sequence[Task]) -> Path | None:
    folders = [str(task.target.folder.absolute()) for task in tasks if task.target is not None]
    return Path(os.path.commonpath(folders)) if folders else None
