"""What is known before a look: a photo's receipt begins, or it was exported before."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from imu_imageprep import storage
from imu_imageprep.domain.albums import Shot, in_album
from imu_imageprep.domain.doubting import logit_of
from imu_imageprep.domain.policy import Profile
from imu_imageprep.domain.receipt import Outcome, Receipt
from imu_imageprep.sandbox import described
from imu_imageprep.stages.export import caption_path, exported_before
from imu_imageprep.stages.watermark import approved_logo
from imu_imageprep.version import __version__

if TYPE_CHECKING:
    from imu_imageprep.domain.photo import Source
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.ports import Ledger
    from imu_imageprep.request import Request, Target


def done_before(
    source: Source, request: Request, target: Target, policy: Policy, ledger: Ledger
) -> Receipt | None:
    """The receipt of a photo whose export lies where it belongs already; None where it does not."""
    if target.replace:
        return None
    receipt = begun(source, request, policy)
    before = ledger.exports_of(source.sha256, receipt.policy, receipt.request)
    done = exported_before(before, target.folder.absolute(), target.own)
    if done is None or _called_clinical(source, ledger):
        return None
    if in_album(policy):
        receipt = dataclasses.replace(receipt, shot=_shot_before(source, policy, ledger))
    if request.caption is None:
        return dataclasses.replace(receipt, outcome=Outcome.SKIPPED, export=done)
    beside = caption_path(storage.recorded(done.path))
    if not storage.at(beside).there(beside):
        return None
    return dataclasses.replace(receipt, outcome=Outcome.SKIPPED, export=done, caption=str(beside))


def _shot_before(source: Source, policy: Policy, ledger: Ledger) -> Shot:
    """What the album of a photo that was exported before gets to know of it."""
    score = ledger.clinical_of(source.sha256)
    return Shot(None if score is None else logit_of(score), described(source, policy.limits).taken)


def _called_clinical(source: Source, ledger: Ledger) -> bool:
    """Whether somebody said of a photo that it is clinical; its export may be older than that."""
    said = ledger.drawn_for(source.sha256)
    if not said:
        return False
    from imu_imageprep.domain.answers import Confirmation  # noqa: PLC0415  (seldom)

    return any(isinstance(one, Confirmation) for one in said)


def begun(source: Source, request: Request, policy: Policy) -> Receipt:
    """The receipt of a photo that was only read."""
    official, logo = policy.profile is Profile.OFFICIAL, approved_logo(policy)
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
