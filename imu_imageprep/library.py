"""What scripts call: preparing photos, looking at them, and verifying exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from imu_imageprep import files, storage
from imu_imageprep.batch.choice import Choice, LeftOut
from imu_imageprep.batch.made import Made
from imu_imageprep.batch.plan import Plan, check_out, refuse_beside
from imu_imageprep.batch.run import Batch
from imu_imageprep.bench import previewed, shown
from imu_imageprep.domain.policy import Limits
from imu_imageprep.handed import source_of, target_of
from imu_imageprep.open_photos import OpenPhotos
from imu_imageprep.request import Request
from imu_imageprep.session import Session
from imu_imageprep.stages.verify import inspect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from imu_imageprep.batch.plan import Task
    from imu_imageprep.bench import Preview
    from imu_imageprep.domain.needs import Need
    from imu_imageprep.domain.offers import Offer
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.handed import AnyPath, AnyPhoto
    from imu_imageprep.storage import Place

# Enough to judge a face on a large screen.
SIDE = 1600


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
        redact: ids of findings to cover ("face-1"), or "faces", "codes", "text" or "people" for
            all.
        boxes: areas to cover: x, y, width, height in pixels of the upright photo.
        redact_style: "solid", "pixelate" or "blur"; none of them can be undone.
        credit: credit line to draw, naming who made the photo.
        hold: hold the photo whatever is found.
        place: reference of a place permission for clinical scenes and listed places.
        caption: write a text beside the export, under the same name: credit, disclaimer, and a
            reminder to name nobody; a text of your own comes first.
        dry_run: decide without writing.
        force: replace an existing export; no other file ever is.
        ledger: file of the ledger; by default the user's own.
        values: list every metadata field with its value in the receipt.
        recognise: suggest who the faces of a photo that is held may be, of those who agreed to it;
            the photo stays held.

    Returns:
        The receipt: exported, held, skipped, or clear on a dry run.

    Raises:
        ImageprepError: the photo could not be read, verified or written, or the call is wrong.
    """
    session = Session.open(policy, config_file=config_file, ledger=ledger, recognise=recognise)
    request = Request.of(
        redact,
        boxes,
        redact_style,
        credit,
        hold=hold,
        place=place,
        caption=caption,
        dry_run=dry_run,
        values=values,
    )
    source = source_of(photo, session.policy.limits)
    target = None if dry_run else target_of(source, out, name, replace=force)
    return session.prepare(source, request, target)


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
    passed_over: Callable[[Place], None] | None = None,
    wanted: Callable[[Place], bool] | None = None,
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
    session = Session.open(policy, config_file=config_file, ledger=ledger, recognise=recognise)
    request = Request.of(
        redact,
        boxes,
        redact_style,
        credit,
        hold=hold,
        place=place,
        caption=caption,
        dry_run=dry_run,
        values=values,
    )
    places = [storage.place(path) for path in paths]
    if not dry_run:
        refuse_beside(places, out)
    plan = Plan(
        places,
        None if out is None else check_out(out),
        force,
        None if passed_over is None else _files_alone(passed_over),
        Choice.of(ext, exclude),
        Made(session.ledger),
    )
    tasks = plan if wanted is None else (task for task in plan if wanted(task.path))
    return _closed(Batch(session, jobs), tasks, request)


def _files_alone(told: Callable[[Place], None]) -> Callable[[Place, LeftOut], None]:
    def passed_over(path: Place, why: LeftOut) -> None:
        if why is not LeftOut.FOLDER:
            told(path)

    return passed_over


def _closed(batch: Batch, tasks: Iterable[Task], request: Request) -> Iterator[Receipt]:
    with batch:
        yield from batch.run(tasks, request)


def check(photo: AnyPhoto, *, policy: Policy | None = None) -> Receipt:
    """Look at a photo and say what it would wait for; nothing is written.

    Args:
        photo: a path, the bytes of a file, a file open for reading in binary mode, or a PIL image.
        policy: the rules; by default the user's own configuration.

    Raises:
        ImageprepError: the photo could not be read.
    """
    return prepare(photo, policy=policy, dry_run=True)


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
    where = storage.place(photo)
    if isinstance(where, storage.Remote):
        return inspect(files.stored(where))
    return inspect(files.content(where, "The file", most=Limits().bytes))


def picture(photo: AnyPhoto, *, policy: Policy | None = None, side: int = SIDE) -> bytes:
    """The photo for showing: upright, sRGB, nothing hidden, as a JPEG file's bytes.

    Args:
        photo: a path, the bytes of a file, or a PIL image.
        policy: its limits hold; by default the user's own configuration.
        side: the long side in pixels; a smaller photo stays as it is.

    Raises:
        InputProblem: the photo could not be read.
    """
    session = Session.open(policy)
    source = source_of(photo, session.policy.limits)
    return shown(source, session.rules_for(source.path), side)


def preview(
    photo: AnyPhoto,
    *,
    policy: Policy | None = None,
    redact: Sequence[str] | str = (),
    boxes: Sequence[tuple[int, int, int, int]] = (),
    redact_style: str = "solid",
    credit: str | None = None,
    place: str | None = None,
    ledger: AnyPath | None = None,
) -> Preview:
    """Exactly the pixels that the export would have, whether or not the photo is held.

    Nothing is written and nothing recorded. The arguments are those of :func:`prepare`.

    Raises:
        ImageprepError: as of :func:`prepare`.
    """
    session = Session.open(policy, ledger=ledger)
    request = Request.of(redact, boxes, redact_style, credit, place=place)
    source = source_of(photo, session.policy.limits)
    return previewed(source, session, request, OpenPhotos())


def offers(
    receipt: Receipt,
    finding: str,
    need: Need,
    *,
    policy: Policy | None = None,
    ledger: AnyPath | None = None,
) -> tuple[Offer, ...]:
    """The records on file that may answer a need, those that would first.

    Args:
        receipt: of a look at the photo.
        finding: id of one of its findings.
        need: one of the finding's needs.
        policy: the rules; by default the user's own configuration.
        ledger: file of the ledger; by default the user's own.

    Raises:
        UsageProblem: there is no such finding.
    """
    return Session.open(policy, ledger=ledger).offers(receipt, Request(), finding, need)
