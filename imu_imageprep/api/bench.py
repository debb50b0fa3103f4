"""Photos one at a time in worker processes that stand ready: what a server needs.

A photo is handed over as bytes, and its export comes back as bytes, or it lies in a folder that
was planned, and its export goes beside it. Whatever happens to a worker costs its own photo alone.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from imu_imageprep.api.given import request_of
from imu_imageprep.api.photos import Workshop, prepare
from imu_imageprep.api.review import picture, preview
from imu_imageprep.batch.plan import Plan, Task
from imu_imageprep.batch.run import Run, failed, swept
from imu_imageprep.batch.workers import Workers
from imu_imageprep.domain.errors import ImageprepError, InputProblem
from imu_imageprep.domain.receipt import Failure, Outcome, Receipt
from imu_imageprep.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from imu_imageprep.api.given import AnyPath
    from imu_imageprep.api.review import Preview
    from imu_imageprep.domain.policy import Policy

__all__ = ["Asked", "Bench", "Dropped", "Prepared", "Task", "failure_of", "planned"]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A photo that was handed over; ``name`` is a label, never a path."""

    data: bytes = field(repr=False)
    name: str


Handed: TypeAlias = Dropped | Task


@dataclass(frozen=True, slots=True)
class Asked:
    """What a photo is to be prepared with.

    Attributes:
        policy: the rules.
        config_file: where they came from, which is not read a second time.
        ledger: file of the ledger; None for the user's own.
        redact: ids of findings to cover.
        boxes: areas to cover: x, y, width, height in pixels of the upright photo.
        style: how areas are covered.
        credit: credit line to draw.
        look_only: decide without writing.
    """

    policy: Policy
    config_file: Path | None = None
    ledger: Path | None = None
    redact: tuple[str, ...] = ()
    boxes: tuple[tuple[int, int, int, int], ...] = ()
    style: str = "solid"
    credit: str | None = None
    look_only: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A receipt, and the export's bytes where it was exported and not written to a file."""

    receipt: Receipt
    data: bytes | None = field(default=None, repr=False)


class Bench:
    """Worker processes for photos; they end with this process, also when that is killed.

    Where a worker dies or is late, the future of its work raises ``InputProblem``.

    Args:
        jobs: how many photos are worked on at a time.
    """

    def __init__(self, jobs: int) -> None:
        self._workers = Workers(jobs)

    def prepare(self, photo: Handed, asked: Asked) -> Future[Prepared]:
        """Prepare a photo; one that fails gives a failed receipt."""
        return self._workers.submit(_prepared, photo, asked, seconds=asked.policy.limits.seconds)

    def picture(self, photo: Handed, policy: Policy, side: int) -> Future[bytes]:
        """The photo for showing (see ``picture``)."""
        return self._workers.submit(_picture, photo, policy, side, seconds=policy.limits.seconds)

    def preview(self, photo: Handed, asked: Asked) -> Future[Preview]:
        """What would leave (see ``preview``)."""
        return self._workers.submit(_previewed, photo, asked, seconds=asked.policy.limits.seconds)

    def close(self) -> None:
        """End the workers; what they were doing is abandoned."""
        self._workers.close()


def planned(path: AnyPath) -> Iterator[Task]:
    """The photos of a folder, or one file, each with the place of its export.

    What killed runs left in the folders of the exports is removed on the way.
    """
    return swept(Plan([Path(path)]))


def failure_of(photo: Handed, problem: ImageprepError) -> Receipt:
    """The receipt of a photo that could not be prepared."""
    if isinstance(photo, Task):
        return failed(photo, problem)
    return Receipt(Outcome.FAILED, failure=Failure.of(problem), product=__version__)


def _prepared(photo: Handed, asked: Asked) -> Prepared:
    """In a worker."""
    if isinstance(photo, Task):
        return Prepared(_run(asked).one(photo))
    buffer = io.BytesIO()
    try:
        receipt = prepare(
            photo.data,
            policy=asked.policy,
            out=buffer,
            name=photo.name,
            redact=asked.redact,
            boxes=asked.boxes,
            redact_style=asked.style,
            credit=asked.credit,
            dry_run=asked.look_only,
            ledger=asked.ledger,
        )
    except ImageprepError as problem:
        return Prepared(failure_of(photo, problem))
    except MemoryError:
        short = InputProblem("The photo needs more memory than there is.")
        return Prepared(failure_of(photo, short))
    done = receipt.outcome is Outcome.EXPORTED
    return Prepared(receipt, buffer.getvalue() if done else None)


def _run(asked: Asked) -> Run:
    return Run(
        policy=asked.policy,
        config_file=asked.config_file,
        request=request_of(asked.redact, asked.boxes, asked.style, asked.credit),
        equip=Workshop(asked.ledger),
        write=not asked.look_only,
    )


def _picture(photo: Handed, policy: Policy, side: int) -> bytes:
    """In a worker."""
    return picture(_given(photo), policy=policy, side=side)


def _previewed(photo: Handed, asked: Asked) -> Preview:
    """In a worker."""
    return preview(
        _given(photo),
        policy=asked.policy,
        redact=asked.redact,
        boxes=asked.boxes,
        redact_style=asked.style,
        credit=asked.credit,
        ledger=asked.ledger,
    )


def _given(photo: Handed) -> Path | bytes:
    return photo.path if isinstance(photo, Task) else photo.data
