"""Preparing photos, looking at them, and verifying exports."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from imu_imageprep import config
from imu_imageprep.api.given import known_of, request_of, source_of, target_of
from imu_imageprep.batch.choice import Choice
from imu_imageprep.batch.plan import Plan
from imu_imageprep.batch.run import Run, failed, run_many, with_values
from imu_imageprep.clock import SystemClock
from imu_imageprep.detectors import all_of
from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.job import Equipment
from imu_imageprep.ledger.sqlite import SqliteLedger
from imu_imageprep.pipeline import prepare as _prepare
from imu_imageprep.stages.verify import inspect
from imu_imageprep.stages.watermark import approved_logo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from imu_imageprep.api.given import AnyPath, AnyPhoto
    from imu_imageprep.api.known import Known
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Receipt


@dataclass(frozen=True, slots=True)
class Workshop:
    """Equips a run: the policy's detectors, the ledger and the clock; it can be sent to a worker.

    Attributes:
        ledger: file of the ledger; None for the user's own.
        known: people who agreed to be recognised, where the run asked for that.
    """

    ledger: Path | None
    known: Known | None = None

    def __call__(self, policy: Policy) -> Equipment:
        """The equipment for a policy; networks are loaded once per process, at the first look."""
        clock = SystemClock()
        ledger = SqliteLedger(config.ledger_file(self.ledger), clock)
        recogniser = None
        if self.known is not None:
            from imu_imageprep.register.recogniser import Recogniser  # noqa: PLC0415

            recogniser = Recogniser(self.known.people, ledger.records, self.known.trouble)
        return Equipment(all_of(policy), ledger, clock, recogniser)


def prepare(
    photo: AnyPhoto,
    *,
    policy: Policy | None = None,
    config_file: AnyPath | None = None,
    out: AnyPath | BinaryIO | None = None,
    name: str | None = None,
    redact: Sequence[str] | str = (),
    boxes: Sequence[tuple[int, int, int, int]] = (),
    redact_style: str = "solid",
    credit: str | None = None,
    hold: bool = False,
    place: str | None = None,
    caption: bool | str = False,
    dry_run: bool = False,
    force: bool = False,
    ledger: AnyPath | None = None,
    values: bool = False,
    recognise: bool = False,
) -> Receipt:
    """Prepare one photo for the web.

    Args:
        photo: a path, the bytes of a file, a file open for reading in binary mode, or a PIL image.
        policy: the rules; by default the user's own configuration.
        config_file: the file that ``policy`` came from; it is read where no policy is given.
        out: folder of the export; by default the photo's own, as ``<name>-web``. An open binary
            stream takes the export's bytes instead, and nothing where the photo is held.
        name: what a photo without a path is called; its export is named after it, or neutrally
            without one.
        redact: ids of findings to cover ("face-1"), or "faces" or "codes" for all of a kind.
        boxes: areas to cover: x, y, width, height in pixels of the upright photo.
        redact_style: "solid", "pixelate" or "blur"; none of them can be undone.
        credit: credit line to draw, naming who made the photo.
        hold: hold the photo whatever is found.
        place: reference of a place permission for clinical scenes and listed places.
        caption: write a text beside the export, under the same name: credit, disclaimer, and a
            reminder to name nobody; a text of your own comes first.
        dry_run: decide without writing.
        force: replace an existing export.
        ledger: file of the ledger; by default the user's own.
        values: list every metadata field with its value in the receipt.
        recognise: suggest who the faces of a photo that is held may be, of those who agreed to it;
            the photo stays held.

    Returns:
        The receipt: exported, held, skipped, or clear on a dry run.

    Raises:
        ImageprepError: the photo could not be read, verified or written, or the call is wrong.
    """
    request = request_of(
        redact, boxes, redact_style, credit, hold=hold, place=place, caption=caption
    )
    given = None if config_file is None else Path(config_file)
    rules = policy if policy is not None else config.load(given)
    source = source_of(photo, rules.limits)
    if source.path is not None:
        rules = config.folder_policy(source.path.parent, rules, given)
    target = None if dry_run else target_of(source, out, name, replace=force)
    place_of = None if ledger is None else Path(ledger)
    workshop = Workshop(place_of, known_of(rules, place_of, recognise=recognise))
    receipt = _prepare(source, rules, request, target, workshop(rules))
    return with_values(receipt, source) if values else receipt


def prepare_many(
    paths: Sequence[AnyPath],
    *,
    policy: Policy | None = None,
    config_file: AnyPath | None = None,
    out: AnyPath | None = None,
    redact: Sequence[str] | str = (),
    boxes: Sequence[tuple[int, int, int, int]] = (),
    redact_style: str = "solid",
    credit: str | None = None,
    hold: bool = False,
    place: str | None = None,
    caption: bool | str = False,
    dry_run: bool = False,
    force: bool = False,
    ledger: AnyPath | None = None,
    jobs: int | None = None,
    values: bool = False,
    ext: Sequence[str] = (),
    exclude: Sequence[str] = (),
    passed_over: Callable[[Path], None] | None = None,
    wanted: Callable[[Path], bool] | None = None,
    recognise: bool = False,
) -> Iterator[Receipt]:
    """Prepare photos and folders of photos; receipts come as photos finish.

    A photo that fails gives a receipt with its failure and the rest goes on. The arguments are
    those of :func:`prepare`, and:

    Args:
        paths: files and folders; folders are walked.
        config_file: the file that ``policy`` came from; it is read where no policy is given.
        jobs: how many photos are worked on at a time; by default as many as there are processors.
        values: list every metadata field with its value in the receipts.
        ext: take only files from folders that end so ("jpg"); by default every picture.
        exclude: leave out files and folders whose name, or whose path from the folder where the
            pattern has a slash, fits one of these ("draft*", "2019/*").
        passed_over: told of each file in a folder that is not taken: no photo, not wanted, or an
            earlier export.
        wanted: asked for every photo when its turn comes; the others keep their names and places.

    Raises:
        ImageprepError: the call or the configuration is wrong; nothing was begun.
    """
    given = None if config_file is None else Path(config_file)
    rules = policy if policy is not None else config.load(given)
    place_of = None if ledger is None else Path(ledger)
    run = Run(
        policy=rules,
        config_file=given,
        request=request_of(
            redact, boxes, redact_style, credit, hold=hold, place=place, caption=caption
        ),
        equip=Workshop(place_of, known_of(rules, place_of, recognise=recognise)),
        write=not dry_run,
        values=values,
    )
    approved_logo(run.policy)  # a wrong one is one problem, not one for each photo
    plan = Plan(
        [Path(path) for path in paths],
        None if out is None else Path(out),
        force,
        passed_over,
        Choice.of(ext, exclude),
    )
    tasks = plan if wanted is None else (task for task in plan if wanted(task.path))
    return run_many(run, tasks, jobs or _processors())


def prepare_arrived(
    folder: AnyPath,
    wanted: Callable[[Path], bool],
    *,
    policy: Policy | None = None,
    config_file: AnyPath | None = None,
    out: AnyPath | None = None,
    ledger: AnyPath | None = None,
    jobs: int = 1,
) -> Iterator[Receipt]:
    """Prepare those photos of a folder that are wanted now, named as if all of them were.

    Every photo is worked on in a process that can die alone, also when there is just one: a folder
    that is watched must outlive a photo that crashes its decoder. The arguments are those of
    :func:`prepare_many`, and:

    Args:
        folder: walked once, as photos are finished.
        wanted: asked for every photo of the folder when its turn comes.

    Raises:
        ImageprepError: the call or the configuration is wrong; nothing was begun.
    """
    given = None if config_file is None else Path(config_file)
    rules = policy if policy is not None else config.load(given)
    equip = Workshop(None if ledger is None else Path(ledger))
    approved_logo(rules)
    run = Run(rules, given, request_of(), equip)
    plan = Plan([Path(folder)], None if out is None else Path(out))
    arrived = (task for task in plan if wanted(task.path))
    first = next(arrived, None)
    if first is None:
        return iter(())
    from imu_imageprep.batch.pool import in_processes  # noqa: PLC0415  (only where photos arrive)

    tasks = itertools.chain([first], arrived)
    return in_processes(run.one, tasks, jobs, seconds=rules.limits.seconds, lost=failed)


def check(photo: AnyPhoto, *, policy: Policy | None = None) -> Receipt:
    """Look at a photo and say what it would be held for; nothing is written.

    Args:
        photo: a path, the bytes of a file, a file open for reading in binary mode, or a PIL image.
        policy: the rules; by default the user's own configuration.

    Raises:
        ImageprepError: the photo could not be read.
    """
    return prepare(photo, policy=policy, dry_run=True)


def policy_digest(policy: Policy) -> str:
    """The policy's hash as receipts carry it, the bytes of its logo included.

    Raises:
        PolicyProblem: its logo is missing or not an approved one.
    """
    logo = approved_logo(policy)
    return policy.digest(logo.sha256 if logo else None)


def verify(photo: AnyPath | bytes) -> tuple[str, ...]:
    """What a JPEG, PNG or WebP file holds besides the picture; empty where it holds nothing else.

    An empty answer is not a permission to post: this looks at hidden data alone.

    Args:
        photo: a path, or the bytes of a file.

    Raises:
        InputProblem: not a JPEG, PNG or WebP, or it could not be read.
    """
    if isinstance(photo, bytes):
        return inspect(photo)
    try:
        return inspect(Path(photo).read_bytes())
    except OSError as problem:
        reason = (problem.strerror or "it could not be read").lower()
        raise InputProblem(f"The file could not be read ({reason}).") from problem


def _processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
