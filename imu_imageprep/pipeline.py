"""The story of one photo, top to bottom."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep.decision import decided
from imu_imageprep.domain.caption import caption
from imu_imageprep.domain.case import Held
from imu_imageprep.domain.cover import areas
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.finding import Examination, small_faces_noted
from imu_imageprep.domain.identifiers import identifier_in_name
from imu_imageprep.domain.metadata import WHO_TOOK_IT
from imu_imageprep.domain.needs import identifying
from imu_imageprep.domain.photo import fit_inside
from imu_imageprep.domain.policy import Level, Names, Profile
from imu_imageprep.domain.receipt import Outcome, Receipt, SourceRecord
from imu_imageprep.job import Handover, Target
from imu_imageprep.stages.caption import caption_path, reserve_caption, write_caption
from imu_imageprep.stages.decode import decode
from imu_imageprep.stages.encode import encode
from imu_imageprep.stages.export import export, exported_before, hand_over, neutral_stem
from imu_imageprep.stages.fit import fit
from imu_imageprep.stages.look import look, look_again
from imu_imageprep.stages.metadata import describe
from imu_imageprep.stages.redact import redact
from imu_imageprep.stages.verify import verify
from imu_imageprep.stages.watermark import Logo, approved_logo, watermark
from imu_imageprep.version import __version__

if TYPE_CHECKING:
    from imu_imageprep.domain.box import Box
    from imu_imageprep.domain.metadata import Metadata
    from imu_imageprep.domain.photo import Encoded, Photo, Source, Verified
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.job import Equipment, Request
    from imu_imageprep.ports import Ledger

# The buffer that is looked at keeps at least this long side, whatever the size of the export, so
# that the same faces are found whatever is exported. A 12 MP photo decodes to it at 1/4 scale.
LOOK_SIDE = 960


def prepare(
    source: Source,
    policy: Policy,
    request: Request,
    target: Target | Handover | None,
    equipment: Equipment,
) -> Receipt:
    """Take one photo through all stages.

    Args:
        source: the input, read.
        policy: the rules in force.
        request: what was asked for with it.
        target: where the export goes, a file or a stream; None decides without writing.
        equipment: detectors, ledger and clock.

    Returns:
        The receipt: exported, held, skipped, or clear where there is no target.

    Raises:
        ImageprepError: the photo could not be read, verified or written, or the policy's logo is
            not an approved one.
    """
    if isinstance(target, Handover) and request.caption is not None:
        raise UsageProblem("A caption needs a folder: it is written beside the export.")
    logo = approved_logo(policy)
    receipt = _begin(source, policy, request, logo)
    if isinstance(target, Target) and not target.replace:
        before = equipment.ledger.exports_of(source.sha256, receipt.policy, receipt.request)
        done = exported_before(before, target.folder.absolute(), target.own)
        beside = caption_path(Path(done.path)) if done and request.caption is not None else None
        if done and (beside is None or beside.exists()):
            told = str(beside) if beside else None
            return dataclasses.replace(receipt, outcome=Outcome.SKIPPED, export=done, caption=told)

    metadata = describe(source)
    if metadata.of_unknown_source and policy.flags.unknown_source is Level.NOTE:
        metadata = dataclasses.replace(metadata, notes=(*metadata.notes, WHO_TOOK_IT))
    photo = decode(source, metadata, LOOK_SIDE, policy.limits)
    examinations = look(photo, metadata, equipment.detectors, policy)
    shown = fit_inside(photo.source_size, policy.export.size)
    examinations = small_faces_noted(examinations, policy.faces.min_face, shown)
    if drawn := equipment.ledger.drawn_for(source.sha256):
        from imu_imageprep.domain.answers import with_drawn  # noqa: PLC0415

        examinations = with_drawn(examinations, drawn, policy)
    receipt = _seen(receipt, source, metadata, photo, examinations)
    noted = (*metadata.notes, *_about_name(source.path, policy))
    receipt = dataclasses.replace(receipt, notes=(*noted, *photo.notes))

    decision, covered = decided(receipt, policy, request, equipment)
    if isinstance(decision, Held):
        held = dataclasses.replace(receipt, outcome=Outcome.HELD, held_for=decision.held_for)
        return _recognised(held, photo, policy, equipment)
    relied_on = tuple(ref for ref in decision.relied_on if ref)
    receipt = dataclasses.replace(receipt, relied_on=relied_on, answered=decision.answered)
    if target is None and not covered:
        return receipt

    photo = _large_enough(photo, source, metadata, policy)
    photo = _finish(photo, covered, request, policy, equipment, logo=logo)
    receipt = dataclasses.replace(
        receipt, covered=covered, credit=request.credit, notes=(*noted, *photo.notes)
    )
    if covered and (again := look_again(photo, metadata, receipt, equipment.detectors, policy)):
        exam, needs = again
        seen = (*examinations, exam)
        return dataclasses.replace(receipt, outcome=Outcome.HELD, examinations=seen, held_for=needs)

    verified = verify(encode(photo, policy.export))
    if target is None:
        return receipt
    return _deliver(
        verified,
        receipt,
        target,
        source=source.path,
        policy=policy,
        request=request,
        ledger=equipment.ledger,
    )


def preview(
    source: Source, policy: Policy, request: Request, equipment: Equipment
) -> tuple[Receipt, Encoded]:
    """The picture as its export would be, whether or not it is held; nothing is recorded.

    Returns:
        The receipt of a dry run, which says what still holds the photo, and the picture: encoded
        and not verified, so that ``export`` does not take it.

    Raises:
        ImageprepError: as :func:`prepare`.
    """
    receipt = prepare(source, policy, request, None, equipment)
    metadata = describe(source)
    photo = decode(source, metadata, LOOK_SIDE, policy.limits)
    covered = areas(request.redact, request.boxes, receipt.findings, photo.source_size)
    photo = _large_enough(photo, source, metadata, policy)
    logo = approved_logo(policy)
    photo = _finish(photo, covered, request, policy, equipment, logo=logo)
    return receipt, encode(photo, policy.export)


def _finish(
    photo: Photo,
    covered: tuple[Box, ...],
    request: Request,
    policy: Policy,
    equipment: Equipment,
    *,
    logo: Logo | None,
) -> Photo:
    """The pixels of the export."""
    photo = redact(photo, covered, request.style)
    photo = fit(photo, policy.export.size)
    text = policy.watermark_text(equipment.clock.now().year)
    return watermark(photo, text, policy.watermark, request.credit, logo)


def _recognised(held: Receipt, photo: Photo, policy: Policy, equipment: Equipment) -> Receipt:
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
    now = Circumstances(policy.channel, held.source.sha256, today)
    return labelled(held, equipment.recogniser.recognise(photo, faces, now))


def _deliver(
    verified: Verified,
    receipt: Receipt,
    target: Target | Handover,
    *,
    source: Path | None,
    policy: Policy,
    request: Request,
    ledger: Ledger,
) -> Receipt:
    """Write the verified picture under its name, or a neutral one, and the caption beside it.

    The name of a photo that shows a person or a place may tell who it is; so may any that holds an
    identifier.
    """
    kept = (
        policy.export.names is Names.KEEP
        and not identifying(finding.kind for finding in receipt.findings)
        and identifier_in_name(source.name if source else target.stem or "") is None
    )
    stem = target.stem if kept and target.stem else neutral_stem(verified.sha256)
    if isinstance(target, Handover):
        name = target.name(stem, policy)
        return hand_over(verified, name, receipt, ledger, target.stream)
    if stem == target.stem:
        path = target.free(policy, source.name if source else "", ledger)
    else:
        path = target.path(stem, policy)
    if request.caption is None:
        return export(verified, path, receipt, ledger, replace=target.replace, original=source)
    text, beside = caption(request.caption, request.credit, policy), caption_path(path)
    reserve_caption(text, beside, replace=target.replace)
    receipt = dataclasses.replace(receipt, caption=str(beside))
    receipt = export(verified, path, receipt, ledger, replace=target.replace, original=source)
    write_caption(text, beside, replace=target.replace)
    return receipt


def _begin(source: Source, policy: Policy, request: Request, logo: Logo | None) -> Receipt:
    official = policy.profile is Profile.OFFICIAL
    return Receipt(
        outcome=Outcome.CLEAR,
        path=None if source.path is None else str(source.path),
        not_checked=policy.not_checked,
        product=__version__,
        policy=policy.digest(logo.sha256 if logo else None),
        request=request.digest(),
        responsible=policy.owner.responsible if official else None,
        role=policy.owner.role if official else None,
        logo=logo.sha256 if logo else None,
        approved_by=policy.official.approved_by if logo else None,
        channel=policy.channel,
    )


def _seen(
    receipt: Receipt,
    source: Source,
    metadata: Metadata,
    photo: Photo,
    examinations: tuple[Examination, ...],
) -> Receipt:
    size = photo.source_size
    return dataclasses.replace(
        receipt,
        source=SourceRecord(
            source.sha256, source.format, size.width, size.height, len(source.data)
        ),
        metadata=metadata,
        examinations=examinations,
    )


def _about_name(path: Path | None, policy: Policy) -> tuple[str, ...]:
    """That an export is not called like its photo, where that name may identify someone."""
    if path is None or policy.export.names is Names.NEUTRAL:
        return ()
    kind = identifier_in_name(path.name)
    told = f"the file name may identify someone ({kind}), so the export gets a neutral name"
    return (told,) if kind else ()


def _large_enough(photo: Photo, source: Source, metadata: Metadata, policy: Policy) -> Photo:
    """The photo again at a larger scale, only where the export needs more pixels than the look."""
    wanted = fit_inside(photo.source_size, policy.export.size)
    if max(wanted) <= max(photo.size):
        return photo
    return decode(source, metadata, max(wanted), policy.limits)
