"""A real Dask scheduler and real workers, processes of their own on 127.0.0.1."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import ports
from command import ROOT


@dataclass
class Machines:
    """A scheduler and its workers; each can be killed and started again."""

    folder: Path
    port: int = field(default_factory=ports.free)
    scheduler: subprocess.Popen[bytes] | None = None
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def start_scheduler(self) -> None:
        self.scheduler = self._started(
            "scheduler", "dask_scheduler", "--host", "127.0.0.1", "--port", self.port
        )

    def start_worker(self, name: str, *more: object, **environment: str) -> None:
        """A worker that takes one photo at a time, unless ``more`` says otherwise."""
        options = ("--name", name, "--no-nanny", "--nthreads", 1, "--host", "127.0.0.1")
        self.workers[name] = self._started(
            name, "dask_worker", self.address, *options, *more, **environment
        )

    def kill_scheduler(self) -> None:
        assert self.scheduler is not None
        _kill(self.scheduler)

    def kill_worker(self, name: str) -> None:
        _kill(self.workers.pop(name))

    def gone(self) -> list[str]:
        """The workers that have ended, as they do when their scheduler is lost."""
        return [name for name, process in self.workers.items() if process.poll() is not None]

    def log(self, name: str) -> str:
        """What one of them wrote."""
        return (self.folder / f"{name}.log").read_text()

    def end(self) -> None:
        for process in (*self.workers.values(), *filter(None, [self.scheduler])):
            _kill(process)

    def _started(
        self, name: str, module: str, *args: object, **environment: str
    ) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", f"distributed.cli.{module}", "--no-dashboard"),
                    *("--dashboard-address", "127.0.0.1:0"),
                    *map(str, args),
                ],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
                    **environment,
                },
            )


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@contextlib.contextmanager
def machines(folder: Path, *names: str) -> Iterator[Machines]:
    """A scheduler with workers that are called so.

    Args:
        folder: made; where their logs lie.
        names: of the workers.
    """
    folder.mkdir(parents=True, exist_ok=True)
    one = Machines(folder)
    try:
        one.start_scheduler()
        for name in names:
            one.start_worker(name)
        yield one
    finally:
        one.end()
