"""Many photos, each with an answer of its own; one that fails never ends the rest."""

from __future__ import annotations

import dataclasses
import logging
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from imu_imageprep import config
from imu_imageprep.domain.errors import ExitCode, ImageprepError, InputProblem
from imu_imageprep.domain.receipt import Failure, Outcome, Receipt
from imu_imageprep.pipeline import Equipment, Request, prepare
from imu_imageprep.stages.read import read
from imu_imageprep.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from imu_imageprep.batch.plan import Task
    from imu_imageprep.domain.policy import Policy

_log = logging.getLogger("imu_imageprep")

# Photos begun beyond those being worked on, so that a worker never waits and memory stays flat.
_AHEAD = 2


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """What holds for every photo of a run.

    Attributes:
        policy: the rules; files beside the photos may tighten them.
        config_file: where the rules came from, which is not read a second time.
        request: what was asked for with each photo.
        equipment: makes the detectors and the rest for a policy.
        write: whether exports are written; otherwise photos are only looked at.
    """

    policy: Policy
    config_file: Path | None
    request: Request
    equipment: Callable[[Policy], Equipment]
    write: bool = True

    def one(self, task: Task) -> Receipt:
        """Prepare one photo; whatever goes wrong becomes a failed receipt."""
        path = str(task.path)
        if task.problem is not None:
            return failed(path, task.problem)
        try:
            policy = config.folder_policy(task.path.parent, self.policy, self.config_file)
            source = read(task.path, policy.limits)
            target = task.target if self.write else None
            receipt = prepare(source, policy, self.request, target, self.equipment(policy))
        except ImageprepError as problem:
            return failed(path, problem)
        except MemoryError:
            return failed(path, InputProblem("The photo needs more memory than there is."))
        except Exception as bug:  # noqa: BLE001  (one photo's bug must not end the batch)
            # The type alone: a message could quote the file's content.
            _log.error("unexpected %s at %s", type(bug).__name__, _where(bug))
            return _bug(path, bug)
        if task.renamed:
            note = "another photo of this run has the same name, so this one is numbered"
            receipt = dataclasses.replace(receipt, notes=(*receipt.notes, note))
        return receipt


def run_many(run: Run, tasks: Iterable[Task], jobs: int = 1) -> Iterator[Receipt]:
    """Prepare many photos; receipts come as photos finish, in order with one job.

    Args:
        run: what holds for all of them.
        tasks: the photos; taken as they are needed, never all at once.
        jobs: how many photos are worked on at a time.
    """
    if jobs <= 1:
        yield from map(run.one, tasks)
        return
    with ThreadPoolExecutor(jobs) as pool:
        window: deque[Future[Receipt]] = deque()
        try:
            for task in tasks:
                window.append(pool.submit(run.one, task))
                if len(window) >= jobs + _AHEAD:
                    yield window.popleft().result()
            while window:
                yield window.popleft().result()
        finally:
            for waiting in window:
                waiting.cancel()


def failed(path: str | None, problem: ImageprepError) -> Receipt:
    """The receipt of a photo that could not be prepared."""
    return Receipt(Outcome.FAILED, path=path, failure=Failure.of(problem), product=__version__)


def _bug(path: str, bug: Exception) -> Receipt:
    problem = Failure(
        code=int(ExitCode.BUG),
        type=type(bug).__name__,
        message="imageprep itself failed on this photo; nothing was written.",
        advice="Please report it with the file's format and size; -v says where it happened.",
    )
    return Receipt(Outcome.FAILED, path=path, failure=problem, product=__version__)


def _where(bug: Exception) -> str:
    trace = bug.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "?" if trace is None else f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}"
