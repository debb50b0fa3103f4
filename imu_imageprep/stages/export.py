"""Write a verified picture: receipt first, then the file, then the receipt's end; and a caption."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from imu_imageprep import atomic, storage
from imu_imageprep.domain.errors import ELSEWHERE, AlreadyThere, ImageprepError, OutputProblem
from imu_imageprep.domain.receipt import ExportRecord, Outcome, Receipt
from imu_imageprep.windows import reachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from imu_imageprep.domain.photo import Verified
    from imu_imageprep.ports import Ledger, ManyLedger
    from imu_imageprep.storage import Place


def export(
    verified: Verified,
    target: Place,
    receipt: Receipt,
    ledger: Ledger,
    *,
    replace: bool = False,
    original: Place | None = None,
) -> Receipt:
    """Write the export and record it.

    Args:
        verified: the bytes, found to hold nothing but a picture.
        target: where to; missing folders are made.
        receipt: what led here, without the export.
        ledger: told before and after.
        replace: whether an earlier export may be replaced. Only its bytes show that a file is one:
            whatever else is there stays, and so does the original.
        original: the input's path.

    Returns:
        The receipt with its export and the ledger's head; ``SKIPPED`` where this very picture was
        there already: another run was faster, or one was killed before it could record the end.

    Raises:
        AlreadyThere: something is at ``target`` that may not be replaced.
        OutputProblem: the folder, the file or the ledger could not be written.
    """
    made = ready(verified, target, receipt, ledger, replace=replace, original=original)
    if isinstance(made, Receipt):
        return made
    begun = ledger.begin(made.receipt)
    return dataclasses.replace(_written(made), head=ledger.finish(begun))


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """An export that has its place, and is still to be recorded and written.

    Attributes:
        verified: the bytes, found to hold nothing but a picture.
        target: where to; its folder is there.
        receipt: with the export.
        there: the very picture is there already.
        earlier: the sha256 of an earlier export that is replaced.
    """

    verified: Verified
    target: Place
    receipt: Receipt
    there: bool
    earlier: str | None


def ready(
    verified: Verified,
    target: Place,
    receipt: Receipt,
    ledger: Ledger,
    *,
    replace: bool = False,
    original: Place | None = None,
) -> Ready | Receipt:
    """All of :func:`export` that comes before recording and writing; nothing is written by it.

    Returns:
        The receipt of a picture that is there already and recorded to its end.

    Raises:
        ImageprepError: as of :func:`export`, whose arguments these are.
    """

    def known(sha256: str) -> bool:
        return sha256 == verified.sha256 or ledger.made(sha256)

    _refuse_original(target, original)
    lies = storage.at(target).digest(target)
    there = not replace and lies == verified.sha256
    earlier = None if there else _earlier(target, lies, known, replace=replace)
    receipt = _with_export(receipt, verified, str(target))
    if there and _recorded(receipt, target, ledger):
        return dataclasses.replace(receipt, outcome=Outcome.SKIPPED)
    try:
        storage.at(target).ready(target.parent)
    except OSError as problem:
        raise OutputProblem(_unwritten("export", problem), ELSEWHERE) from problem
    return Ready(verified, target, receipt, there, earlier)


def export_many(group: Sequence[Ready], ledger: ManyLedger) -> list[Receipt | ImageprepError]:
    """Record some exports and write them: as :func:`export`, with two transactions for all.

    Args:
        group: exports that have their places.
        ledger: told of all before the first is written, and of those that were written after.

    Returns:
        For each its receipt, or why it could not be written: the ledger has its beginning alone.

    Raises:
        OutputProblem: the ledger could not be written; whatever was, the next run finds it.
    """
    begun = ledger.begin_many([one.receipt for one in group])
    told: list[Receipt | ImageprepError] = []
    for one in group:
        try:
            told.append(_written(one))
        except ImageprepError as problem:
            told.append(problem)
    ended = [head for head, one in zip(begun, told, strict=True) if isinstance(one, Receipt)]
    heads = iter(ledger.finish_many(ended))
    return [
        dataclasses.replace(one, head=next(heads)) if isinstance(one, Receipt) else one
        for one in told
    ]


def _written(one: Ready) -> Receipt:
    """The receipt of an export whose beginning is recorded, when it is written."""
    try:
        written = not one.there and _write(one.target, one.verified, one.earlier)
    except OSError as problem:
        raise OutputProblem(_unwritten("export", problem), ELSEWHERE) from problem
    # A neutral name says what is in the file: two photos that come out alike share one export.
    ours = written or _is_neutral(one.target, one.verified.sha256)
    return dataclasses.replace(one.receipt, outcome=Outcome.EXPORTED if ours else Outcome.SKIPPED)


def hand_over(
    verified: Verified, name: str, receipt: Receipt, ledger: Ledger, stream: BinaryIO
) -> Receipt:
    """Write the export to an open stream and record it; no file is made.

    Args:
        verified: the bytes, found to hold nothing but a picture.
        name: what the file is to be called wherever the stream ends.
        receipt: what led here, without the export.
        ledger: told before and after.
        stream: takes the bytes, all at once.

    Returns:
        The receipt with its export and the ledger's head.

    Raises:
        OutputProblem: the stream or the ledger could not be written.
    """
    receipt = _with_export(receipt, verified, name)
    begun = ledger.begin(receipt)
    try:
        stream.write(verified.data)
        stream.flush()
    except (OSError, ValueError) as problem:  # ValueError: the stream is closed
        reason = atomic.reason(problem, "its stream is closed")
        raise OutputProblem(f"The export could not be written ({reason}).") from problem
    return dataclasses.replace(receipt, head=ledger.finish(begun))


def _with_export(receipt: Receipt, verified: Verified, path: str) -> Receipt:
    record = ExportRecord(
        path=path,
        sha256=verified.sha256,
        format=verified.format,
        width=verified.size.width,
        height=verified.size.height,
        dpi=verified.dpi,
        bytes=len(verified.data),
    )
    return dataclasses.replace(receipt, outcome=Outcome.EXPORTED, export=record)


def _write(target: Place, verified: Verified, earlier: str | None) -> bool:
    """Write the picture; False where another run was faster and wrote the same one.

    Raises:
        AlreadyThere: another file took the name meanwhile.
        OSError: it could not be written.
    """
    try:
        _put(target, verified.data, earlier)
    except FileExistsError as problem:
        if _holds(target, verified.sha256):
            return False
        raise _already_there(target) from problem
    return True


def _earlier(
    path: Place, lies: str | None, ours: Callable[[str], bool], *, replace: bool
) -> str | None:
    """The sha256 of what is in the way and may be replaced; None where nothing is in the way.

    A file's bytes alone show whose it is. Its name does not, and nothing in an export says that it
    is one: a file that was edited, or put where an export was, is a person's own.

    Args:
        path: where something is to be written.
        lies: the sha256 of what is there, as of ``Exports.digest``.
        ours: whether bytes (hex sha256) were written by imageprep.
        replace: whether anything may be replaced.

    Raises:
        AlreadyThere: something else is there.
    """
    if lies is None:
        return None
    if not lies or not ours(lies):
        raise AlreadyThere(
            f"A file named {path.name} is already there, and is not known as a file "
            "that imageprep wrote.",
            "It is never replaced. Move or rename it, or use --out to write elsewhere.",
        )
    if not replace:
        raise _already_there(path)
    return lies


def _put(path: Place, data: bytes, earlier: str | None) -> None:
    """Write a file in the place of an earlier one (its sha256), or where none is.

    Raises:
        FileExistsError: something else took the place meanwhile.
        OSError: it could not be written.
    """
    if earlier is None:
        storage.at(path).put_new(path, data)
    else:
        storage.at(path).replace(path, data, earlier)


def _recorded(receipt: Receipt, target: Place, ledger: Ledger) -> bool:
    """Whether the ledger has this export of this source from its beginning to its end."""
    if receipt.source is None:
        return False
    before = ledger.exports_of(receipt.source.sha256, receipt.policy, receipt.request)
    return exported_before(before, target.parent, target.stem.__eq__) is not None


def exported_before(
    before: Iterable[ExportRecord], folder: Place, own: Callable[[str], bool]
) -> ExportRecord | None:
    """The earlier export of the same photo, policy and request that still lies where this one goes.

    Args:
        before: finished exports of the same source, policy and request.
        folder: where this export would go.
        own: whether a name without suffix may be this photo's; a neutral name counts too.
    """
    for record in before:
        path = storage.recorded(record.path)
        named = _is_neutral(path, record.sha256) or own(path.stem)
        if path.parent == folder and named and _holds(path, record.sha256):
            return record
    return None


def neutral_stem(sha256: str) -> str:
    """The name without suffix of an export that must not tell whose photo it was."""
    return f"photo-{sha256[:8]}"


def _is_neutral(path: Place, sha256: str) -> bool:
    return path.stem == neutral_stem(sha256)


def _holds(path: Place, sha256: str) -> bool:
    return storage.at(path).digest(path) == sha256


def _unwritten(what: str, problem: OSError) -> str:
    return f"The {what} could not be written ({atomic.reason(problem, 'permission denied')})."


def _already_there(target: Place) -> AlreadyThere:
    return AlreadyThere(f"A file named {target.name} is already there.")


def _refuse_original(target: Place, original: Place | None) -> None:
    same = target == original
    if isinstance(target, Path) and isinstance(original, Path):
        try:
            same = reachable(target).samefile(reachable(original))
        except OSError:
            same = False
    if same:
        raise OutputProblem("The export would replace its own original.", ELSEWHERE)


def caption_path(picture: Place) -> Place:
    """Where the caption of an export lies."""
    return picture.with_suffix(".txt")


def reserve_caption(text: str, path: Place, ledger: Ledger, *, replace: bool) -> str | None:
    """Refuse a caption's place that something else has; ask before the picture is written.

    Args:
        text: the caption.
        path: where it goes.
        ledger: knows the captions that were written.
        replace: whether an earlier caption may be replaced; no other text ever is.

    Returns:
        The sha256 of the earlier caption that is there; None where nothing is to be replaced.

    Raises:
        AlreadyThere: another text, or no text, is there and may not be replaced.
    """
    lies = storage.at(path).digest(path)
    if lies == caption_sha256(text):
        return None
    return _earlier(path, lies, ledger.captioned, replace=replace)


def write_caption(text: str, path: Place, earlier: str | None) -> None:
    """Write the caption, whole or not at all; one that says the same is left as it is.

    Args:
        text: the caption.
        path: where it goes.
        earlier: as :func:`reserve_caption` returned it.

    Raises:
        AlreadyThere: another text took the place meanwhile.
        OutputProblem: it could not be written.
    """
    if _says(path, text):
        return
    try:
        _put(path, text.encode(), earlier)
    except FileExistsError as problem:
        if not _says(path, text):
            raise _already_there(path) from problem
    except OSError as problem:
        raise OutputProblem(_unwritten("caption", problem), ELSEWHERE) from problem


def caption_sha256(text: str) -> str:
    """By what a caption is known again."""
    return hashlib.sha256(text.encode()).hexdigest()


def _says(path: Place, text: str) -> bool:
    return _holds(path, caption_sha256(text))
