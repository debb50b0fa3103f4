"""The story of one photo, top to bottom: examine it, then release it.

Answers only release: what was seen once is kept by whoever has the photo open, and no detector is
asked about it again.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from imu_imageprep.before import begun, done_before
from imu_imageprep.decision import case_of, chosen_areas
from imu_imageprep.domain.albums import ALONE, Shot, Turn, in_album
from imu_imageprep.domain.caption import caption
from imu_imageprep.domain.case import Held
from imu_imageprep.domain.decide import judge
from imu_imageprep.domain.doubting import in_reach, own_logit, with_evidence
from imu_imageprep.domain.errors import InputProblem, UsageProblem
from imu_imageprep.domain.finding import DidNotLook, Examination, small_faces_noted
from imu_imageprep.domain.identifiers import identifier_in_name
from imu_imageprep.domain.metadata import MADE_BEFORE, WHO_TOOK_IT
from imu_imageprep.domain.needs import identifying
from imu_imageprep.domain.photo import fit_inside
from imu_imageprep.domain.policy import Level, Names
from imu_imageprep.domain.receipt import Outcome, Receipt, SourceRecord
from imu_imageprep.request import Handover, Target
from imu_imageprep.sandbox import opened
from imu_imageprep.stages.encode import encode
from imu_imageprep.stages.export import (
    caption_path,
    caption_sha256,
    export,
    hand_over,
    neutral_stem,
    ready,
    reserve_caption,
    write_caption,
)
from imu_imageprep.stages.fit import fit
from imu_imageprep.stages.look import look, look_again, look_closer, showing
from imu_imageprep.stages.redact import redact
from imu_imageprep.stages.verify import verify
from imu_imageprep.stages.watermark import approved_logo, watermark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imu_imageprep.domain.answers import Look, Pointed
    from imu_imageprep.domain.box import Box
    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Photo, Source, Verified
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.ports import Clock, Detector, Ledger, Recogniser
    from imu_imageprep.request import Request
    from imu_imageprep.storage import Place

# The buffer that is looked at keeps at least this long side, whatever the size of the export, so
# that the same faces are found whatever is exported. A 12 MP photo decodes to it at 1/4 scale.
LOOK_SIDE = 960


@dataclass(frozen=True, slots=True)
class Equipment:
    """What the pipeline works with; ``recogniser`` only where a run asked for suggestions."""

    policy: Policy
    detectors: tuple[Detector, ...]
    ledger: Ledger
    clock: Clock
    recogniser: Recogniser | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was seen in one photo; it says nothing of what was asked or answered.

    Attributes:
        source: the photo's file, read.
        metadata: what the file said about itself.
        photo: the picture, upright sRGB uint8 RGB, not smaller than its export.
        examinations: what every detector answered.
    """

    source: Source
    metadata: Metadata
    photo: Photo
    examinations: tuple[Examination, ...]

    @property
    def whole(self) -> bool:
        """Whether every detector looked; else the trouble may be over the next time."""
        return not any(isinstance(exam.scan, DidNotLook) for exam in self.examinations)


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """The picture as it would leave.

    Attributes:
        verified: its bytes, found to hold nothing but a picture.
        notes: what a person should know about the picture.
        second: what the detectors of faces and text answered of it; empty where nothing was
            covered.
    """

    verified: Verified
    notes: tuple[str, ...]
    second: tuple[Examination, ...] = ()


class Keeper(Protocol):
    """Does what costs time, or knows what came of it when it was done before."""

    def examine(self, source: Source, equipment: Equipment, turn: Turn = ALONE) -> Seen:
        """As :func:`examine`."""
        ...

    def finish(
        self, seen: Seen, covered: tuple[Box, ...], request: Request, equipment: Equipment
    ) -> Finished:
        """As :func:`finish`."""
        ...


def prepare(
    source: Source,
    request: Request,
    target: Target | Handover | None,
    equipment: Equipment,
    keeper: Keeper | None = None,
    *,
    turn: Turn = ALONE,
) -> Receipt:
    """Take one photo through all stages.

    Args:
        source: the input, read.
        request: what is asked for with it.
        target: where the export goes, a file or a stream; None decides without writing.
        equipment: policy, detectors, ledger and clock.
        keeper: examines and finishes; without one nothing is kept.
        turn: what is known of its album.

    Returns:
        The receipt: exported, held, skipped, or clear where there is no target.

    Raises:
        ImageprepError: the photo could not be read, verified or written, or the policy's logo is
            not an approved one.
    """
    if isinstance(target, Handover) and request.caption is not None:
        raise UsageProblem("A caption needs a folder: it is written beside the export.")
    if isinstance(target, Target):
        done = done_before(source, request, target, equipment.policy, equipment.ledger)
        if done is not None:
            return done
    seen = keeper.examine(source, equipment, turn) if keeper else examine(source, equipment, turn)
    return release(seen, request, target, equipment, keeper, turn=turn)


def examine(source: Source, equipment: Equipment, turn: Turn = ALONE) -> Seen:
    """Look at one photo: its metadata, its pixels, and what every detector says of them.

    Args:
        source: the photo, read.
        equipment: policy and detectors.
        turn: what was seen in the turn before is not looked for again.

    Raises:
        InputProblem: the photo could not be read.
    """
    policy = equipment.policy
    metadata, photo = opened(source, LOOK_SIDE, policy.limits)
    if metadata.of_unknown_source and policy.flags.unknown_source is Level.NOTE:
        metadata = dataclasses.replace(metadata, notes=(*metadata.notes, WHO_TOOK_IT))
    before = turn.seen_in(source.sha256, policy)
    examinations = before or look(photo, metadata, equipment.detectors, policy)
    shown = fit_inside(photo.source_size, policy.export.size)
    if max(shown) > max(photo.size):
        photo = opened(source, max(shown), policy.limits)[1]
    if not before:
        examinations = look_closer(examinations, photo, shown, metadata, equipment.detectors)
    return Seen(source, metadata, photo, examinations)


def release(
    seen: Seen,
    request: Request,
    target: Target | Handover | None,
    equipment: Equipment,
    keeper: Keeper | None = None,
    *,
    turn: Turn = ALONE,
) -> Receipt:
    """Let a photo that was examined leave, if everything that was found is answered.

    Args:
        seen: what was seen in it, under the policy of the equipment.
        request: what is asked for with it.
        target: where the export goes; None decides without writing.
        equipment: policy, detectors (for what is covered), ledger and clock.
        keeper: as of :func:`prepare`.
        turn: what is known of its album.

    Raises:
        ImageprepError: as of :func:`prepare`.
    """
    drawn = equipment.ledger.drawn_for(seen.source.sha256)
    receipt = _receipt_of(seen, request, equipment, turn, drawn)
    if turn.waits and in_album(equipment.policy) and in_reach(seen.examinations):
        photo, rules = seen.source.sha256, equipment.policy.digest()
        next_turn = Turn(photo=photo, policy=rules, seen=seen.examinations)
        receipt = dataclasses.replace(receipt, put_off=next_turn)
    case = case_of(receipt, request, equipment.policy, equipment.ledger, equipment.clock)
    decision, covered = judge(case), case.answers.covered
    if isinstance(decision, Held):
        held = dataclasses.replace(receipt, outcome=Outcome.HELD, held_for=decision.held_for)
        return _recognised(held, seen.photo, equipment)
    relied_on = tuple(ref for ref in decision.relied_on if ref)
    receipt = dataclasses.replace(receipt, relied_on=relied_on, answered=decision.answered)
    if request.look_first and request.look is None and (decision.answered or covered):
        target = None  # somebody looks at it first
    if receipt.put_off is not None or (target is None and not covered):
        return receipt

    done = (keeper.finish if keeper else finish)(seen, covered, request, equipment)
    notes = (*_notes(seen, equipment), *done.notes)
    receipt = dataclasses.replace(receipt, covered=covered, credit=request.credit, notes=notes)
    second, needs = showing(done.second, receipt)
    if needs:
        return dataclasses.replace(
            receipt,
            outcome=Outcome.HELD,
            examinations=(*receipt.examinations, *second),
            held_for=needs,
            relied_on=(),
            answered=(),
        )
    if target is None:
        return receipt
    if request.look is not None:
        receipt = _looked_at(receipt, request.look, done.verified)
    return _deliver(
        done.verified,
        receipt,
        target,
        drawn,
        source=seen.source.path,
        request=request,
        equipment=equipment,
    )


def preview(
    seen: Seen, request: Request, equipment: Equipment, keeper: Keeper, *, turn: Turn = ALONE
) -> tuple[Receipt, Verified]:
    """The picture as its export would be, whether or not it is held; nothing is recorded.

    Returns:
        The receipt of a dry run, which says what still holds the photo, and the picture.

    Raises:
        ImageprepError: as of :func:`prepare`.
    """
    receipt = release(seen, request, None, equipment, keeper, turn=turn)
    covered = chosen_areas(receipt, request)
    return receipt, keeper.finish(seen, covered, request, equipment).verified


def finish(
    seen: Seen, covered: tuple[Box, ...], request: Request, equipment: Equipment
) -> Finished:
    """The pixels of the export as a verified file; looked at once more where they were covered."""
    policy = equipment.policy
    photo = redact(seen.photo, covered, request.style)
    photo = fit(photo, policy.export.size)
    again = look_again(photo, seen.metadata, equipment.detectors, policy) if covered else ()
    text = policy.watermark_text(equipment.clock.now().year)
    photo = watermark(photo, text, policy.watermark, request.credit, approved_logo(policy))
    return Finished(verify(encode(photo, policy.export)), photo.notes, again)


def _looked_at(receipt: Receipt, look: Look, verified: Verified) -> Receipt:
    """The receipt with the last look at the picture that leaves.

    Another file may say other things of itself, though its picture is the same.

    Raises:
        InputProblem: that was another picture, or of another file.
    """
    from imu_imageprep.domain.answers import LastLook  # noqa: PLC0415  (seldom)

    assert receipt.source is not None
    if (look.photo, look.picture) != (receipt.source.sha256, verified.sha256):
        raise InputProblem(
            "The photo or its picture was changed since it was looked at.", "Look at it again."
        )
    return dataclasses.replace(receipt, last_look=LastLook(look.by, look.at, look.ref))


def _receipt_of(
    seen: Seen, request: Request, equipment: Equipment, turn: Turn, drawn: Sequence[Pointed]
) -> Receipt:
    """The receipt of a photo that was examined, with what people drew on it since."""
    source, size, policy = seen.source, seen.photo.source_size, equipment.policy
    shown = fit_inside(size, policy.export.size)
    examinations = seen.examinations
    if in_album(policy):
        examinations = with_evidence(examinations, turn.evidence)
    examinations = small_faces_noted(examinations, policy.faces.min_face, shown)
    if drawn:
        from imu_imageprep.domain.by_hand import with_drawn  # noqa: PLC0415  (seldom)

        examinations = with_drawn(examinations, drawn, policy)
    return dataclasses.replace(
        begun(source, request, policy),
        source=SourceRecord(
            source.sha256, source.format, size.width, size.height, len(source.data)
        ),
        metadata=seen.metadata,
        examinations=examinations,
        notes=(*_notes(seen, equipment), *seen.photo.notes),
        shot=Shot(own_logit(seen.examinations), seen.metadata.taken),
    )


def _notes(seen: Seen, equipment: Equipment) -> tuple[str, ...]:
    """What a person should know about the photo's file and its name."""
    path, notes = seen.source.path, seen.metadata.notes
    # No export has hidden data: the ledger is asked about few of all photos.
    if not seen.metadata.present and equipment.ledger.made(seen.source.sha256):
        notes = (*notes, MADE_BEFORE)
    if path is None or equipment.policy.export.names is Names.NEUTRAL:
        return notes
    kind = identifier_in_name(path.name)
    told = f"the file name may identify someone ({kind}), so the export gets a neutral name"
    return (*notes, told) if kind else notes


def _recognised(held: Receipt, photo: Photo, equipment: Equipment) -> Receipt:
    """Say who the faces of a held photo may be, where the run asked for it; it stays held."""
    if equipment.recogniser is None:
        return held
    from imu_imageprep.domain.fitting import Circumstances  # noqa: PLC0415
    from imu_imageprep.domain.recognition import faces_to_recognise, labelled  # noqa: PLC0415

    faces = faces_to_recognise(held)
    if not faces:
        return held
    assert held.source is not None
    today = equipment.clock.now().astimezone().date()
    now = Circumstances(equipment.policy.channel, held.source.sha256, today)
    return labelled(held, equipment.recogniser.recognise(photo, faces, now))


def _deliver(
    verified: Verified,
    receipt: Receipt,
    target: Target | Handover,
    drawn: Sequence[Pointed],
    *,
    source: Place | None,
    request: Request,
    equipment: Equipment,
) -> Receipt:
    """Write the verified picture under its name, or a neutral one, and the caption beside it.

    The name of a photo that shows a person or a place may tell who it is; so may any that holds an
    identifier.
    """
    policy, ledger = equipment.policy, equipment.ledger
    kept = (
        policy.export.names is Names.KEEP
        and not identifying(finding.kind for finding in receipt.findings)
        and identifier_in_name(source.name if source else target.stem or "") is None
    )
    stem = target.stem if kept and target.stem else neutral_stem(verified.sha256)
    if isinstance(target, Handover):
        return hand_over(verified, target.name(stem, policy), receipt, ledger, target.stream)
    if stem == target.stem:
        path = target.free(policy, source.name if source else "", ledger)
    else:
        path = target.path(stem, policy)
    # Who answered may take it back while an export waits for others; what is drawn from now on is
    # asked when they leave (``batch.run.together``).
    answered = drawn or receipt.relied_on or receipt.last_look
    if target.grouped and request.caption is None and not answered:
        made = ready(verified, path, receipt, ledger, replace=target.replace, original=source)
        return made if isinstance(made, Receipt) else dataclasses.replace(receipt, ready=made)
    if request.caption is None:
        return export(verified, path, receipt, ledger, replace=target.replace, original=source)
    text, beside = caption(request.caption, request.credit, policy), caption_path(path)
    earlier = reserve_caption(text, beside, ledger, replace=target.replace)
    receipt = dataclasses.replace(receipt, caption=str(beside), caption_sha256=caption_sha256(text))
    receipt = export(verified, path, receipt, ledger, replace=target.replace, original=source)
    write_caption(text, beside, earlier)
    return receipt
