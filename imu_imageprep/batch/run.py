"""Many photos, each with an answer of its own; one that fails never ends the rest."""

from __future__ import annotations

import dataclasses
import itertools
import logging
from typing import TYPE_CHECKING

from imu_imageprep import atomic, config
from imu_imageprep.domain.errors import ExitCode, ImageprepError, InputProblem
from imu_imageprep.domain.receipt import Failure, Outcome, Receipt
from imu_imageprep.pipeline import prepare
from imu_imageprep.stages.metadata import listing
from imu_imageprep.stages.read import read
from imu_imageprep.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from imu_imageprep.batch.plan import Task
    from imu_imageprep.domain.photo import Source
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.job import Equipment, Request

_log = logging.getLogger("imu_imageprep")


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """What holds for every photo of a run; it can be sent to another process.

    Attributes:
        policy: the rules; files beside the photos may tighten them.
        config_file: where the rules came from, which is not read a second time.
        request: what was asked for with each photo.
        equip: makes the detectors and the rest for a policy; itself sendable, and cheap to call
            again with the same policy.
        write: whether exports are written; otherwise photos are only looked at.
        values: whether the receipts list every field that can be named, for a person who asks.
    """

    policy: Policy
    config_file: Path | None
    request: Request
    equip: Callable[[Policy], Equipment]
    write: bool = True
    values: bool = False

    def one(self, task: Task) -> Receipt:
        """Prepare one photo; whatever goes wrong becomes a failed receipt."""
        if task.problem is not None:
            return failed(task, task.problem)
        try:
            policy = config.folder_policy(task.path.parent, self.policy, self.config_file)
            source = read(task.path, policy.limits)
            target = task.target if self.write else None
            receipt = prepare(source, policy, self.request, target, self.equip(policy))
            if self.values:
                receipt = with_values(receipt, source)
        except ImageprepError as problem:
            return failed(task, problem)
        except MemoryError:
            return failed(task, InputProblem("The photo needs more memory than there is."))
        except Exception as bug:  # noqa: BLE001  (one photo's bug must not end the batch)
            # The type alone: a message could quote the file's content.
            _log.error("unexpected %s at %s", type(bug).__name__, _where(bug))
            return _bug(task, bug)
        if task.renamed:
            note = "another photo of this run has the same name, so this one is numbered"
            receipt = dataclasses.replace(receipt, notes=(*receipt.notes, note))
        return receipt


def run_many(run: Run, tasks: Iterable[Task], jobs: int) -> Iterator[Receipt]:
    """Prepare many photos; receipts come as photos finish.

    What killed runs left in the folders of the exports is removed first.

    One photo, or one job, needs no process of its own and keeps the order of the tasks.

    Args:
        run: what holds for all of them.
        tasks: the photos; taken as they are needed, never all at once.
        jobs: how many photos are worked on at a time.
    """
    ahead = swept(tasks) if run.write else iter(tasks)
    first = list(itertools.islice(ahead, 2))
    tasks = itertools.chain(first, ahead)
    if jobs <= 1 or len(first) <= 1:
        return map(run.one, tasks)
    from imu_imageprep.batch.pool import in_processes  # noqa: PLC0415  (multiprocessing: 6 CPU ms)

    seconds = run.policy.limits.seconds
    return in_processes(run.one, tasks, jobs, seconds=seconds, lost=failed)


def swept(tasks: Iterable[Task]) -> Iterator[Task]:
    """The tasks; the folder of each export is swept when it first comes up."""
    swept: set[Path] = set()
    for task in tasks:
        if task.target is not None and task.target.folder not in swept:
            swept.add(task.target.folder)
            atomic.sweep(task.target.folder)
        yield task


def failed(task: Task, problem: ImageprepError) -> Receipt:
    """The receipt of a photo that could not be prepared."""
    failure = Failure.of(problem)
    return Receipt(Outcome.FAILED, path=str(task.path), failure=failure, product=__version__)


def with_values(receipt: Receipt, source: Source) -> Receipt:
    """The receipt with every metadata field that can be named, for a person who asks."""
    if receipt.metadata is None:
        return receipt
    fields, notes = listing(source)
    values = (*receipt.metadata.values, *fields)
    metadata = dataclasses.replace(receipt.metadata, values=values)
    return dataclasses.replace(receipt, metadata=metadata, notes=(*receipt.notes, *notes))


def _bug(task: Task, bug: Exception) -> Receipt:
    failure = Failure(
        code=int(ExitCode.BUG),
        type=type(bug).__name__,
        message="imageprep itself failed on this photo; nothing was written.",
        advice="Please report it with the file's format and size; -v says where it happened.",
    )
    return Receipt(Outcome.FAILED, path=str(task.path), failure=failure, product=__version__)


def _where(bug: Exception) -> str:
    trace = bug.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "?" if trace is None else f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}"
