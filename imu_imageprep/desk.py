"""Who agreed to what: taking answers. What is on record is the ``archive``'s."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from imu_imageprep import config
from imu_imageprep.archive import Archive
from imu_imageprep.clock import SystemClock
from imu_imageprep.domain import reference
from imu_imageprep.domain.answers import (
    Anchor,
    Binding,
    Confirmation,
    Dismissal,
    HandDrawnFinding,
)
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.by_hand import told_as
from imu_imageprep.domain.choosing import chosen, need_of
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.needs import Need, Reason, rules_of
from imu_imageprep.domain.receipt import Receipt
from imu_imageprep.ledger import opened

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from datetime import date

    from imu_imageprep.domain.answers import Answer, Look, Record
    from imu_imageprep.domain.permits import RecognitionConsent
    from imu_imageprep.domain.policy import Policy

    AnyFile: TypeAlias = str | os.PathLike[str] | bytes
    Looked: TypeAlias = AnyFile | Receipt


@dataclass(frozen=True, slots=True)
class Desk(Archive):
    """Where answers are taken and told; every method raises ``OutputProblem`` for a bad ledger."""

    @classmethod
    def at(cls, ledger: str | os.PathLike[str] | None = None) -> Desk:
        """The desk of a ledger, by its file or its server's address; by default the user's own."""
        return cls(opened(config.ledger_place(ledger), SystemClock()))

    def add(self, record: Record | RecognitionConsent) -> Record | RecognitionConsent:
        """Record a consent, an event's sheet or a place's permission; returns it with reference.

        Raises:
            UsageProblem: the record is not sound.
        """
        (entered,) = self.ledger.add(replace(record, account=self.ledger.account()))
        return entered  # type: ignore[return-value]  # the ledger returns what it was given

    def answer(
        self,
        photo: Looked,
        refs: Sequence[str],
        *,
        findings: Sequence[str],
        by: str,
        patients: int | None = None,
        captured: date | None = None,
        nobody_excluded: bool = False,
        policy: Policy | None = None,
    ) -> tuple[Binding, ...]:
        """Say which records answer which findings of a photo, as it is seen now.

        Who names records for a doubt says that it is clinical: the answer is for the scene that it
        becomes.

        Args:
            photo: the photo's file, or its bytes, which are looked at; or the receipt of a look.
            refs: references of records of one kind; several for the patients of one finding.
            findings: ids as ``check`` shows them, or "all" for each that such a record can answer.
            by: who says so.
            patients: how many patients are visible, for a patient's consent.
            captured: the day of capture, where the photo does not state it.
            nobody_excluded: for an event's sheet: someone looked, and nobody bound is a patient, a
                minor, or a person who opted out.
            policy: the rules for looking; by default the user's own configuration.

        Raises:
            UsageProblem: there is no such finding, or the records cannot answer it.
        """
        kept = tuple(reference.read(ref) for ref in refs)
        receipt, photo_sha = self._looked(photo, policy)
        bindings, confirmed = [], []
        for finding, model in chosen(receipt, findings, kept):
            seen = Anchor.of(photo_sha, finding, model)
            if (may_be := rules_of(finding.kind).may_be) is not None:
                confirmed.append(Confirmation(seen, by, self.ledger.account()))
                seen = told_as(confirmed[-1])
                finding = replace(finding, kind=may_be)  # noqa: PLW2901  (what it is now)
            need = need_of(kept, finding)
            binding = Binding(
                seen=seen,
                need=need,
                refs=kept,
                patients=patients if need is Need.PATIENT_CONSENT else None,
                captured=captured,
                nobody_excluded=nobody_excluded,
                by=by,
                account=self.ledger.account(),
            )
            bindings.append(binding)
        if not bindings:
            raise UsageProblem("Nothing in this photo needs this record.", "See: imageprep check")
        entered = self.ledger.add(*confirmed, *bindings)
        return entered[len(confirmed) :]  # type: ignore[return-value]

    def dismiss(
        self,
        photo: Looked,
        *,
        finding: str,
        need: Need,
        reason: Reason,
        by: str,
        policy: Policy | None = None,
    ) -> Dismissal:
        """Say that one need of one finding does not stand; its other needs do.

        Args:
            photo: the photo's file, or its bytes, which are looked at; or the receipt of a look.
            finding: its id as ``check`` shows it.
            need: which need.
            reason: from the closed list.
            by: who says so.
            policy: the rules for looking; by default the user's own configuration.

        Raises:
            UsageProblem: there is no such finding, or it cannot be dismissed so.
        """
        receipt, photo_sha = self._looked(photo, policy)
        ((seen, model),) = chosen(receipt, [finding], ())
        about = Anchor.of(photo_sha, seen, model)
        (entered,) = self.ledger.add(Dismissal(about, need, reason, by, self.ledger.account()))
        return entered  # type: ignore[return-value]

    def dismiss_doubts(
        self, waiting: Sequence[Receipt], *, by: str
    ) -> tuple[tuple[Receipt, Dismissal], ...]:
        """Say of photos that may be clinical that nothing clinical is shown: of all, or of none.

        Args:
            waiting: their receipts, as they were seen just now.
            by: who looked at each of them, and says so.

        Returns:
            Each receipt with what was entered for it, once for each of its doubts.

        Raises:
            UsageProblem: nobody says so.
        """
        asked = [
            (
                receipt,
                Dismissal(about, Need.LOOK, Reason.NOTHING_CLINICAL, by, self.ledger.account()),
            )
            for receipt in waiting
            if receipt.source is not None
            for finding, model in chosen(receipt, [one.id for one in receipt.open_doubts], ())
            for about in (Anchor.of(receipt.source.sha256, finding, model),)
        ]
        entered = self.ledger.add(*(one for _, one in asked))
        said = zip((receipt for receipt, _ in asked), entered, strict=True)
        return tuple(said)  # type: ignore[arg-type]  # the ledger returns what it was given

    def answer_many(self, answers: Sequence[Answer]) -> tuple[Answer, ...]:
        """Enter answers about many photos at once: all of them, or none.

        Args:
            answers: as ``domain.selecting`` makes them; each says who gives it, and how they
                looked at the photo.

        Returns:
            The answers with reference and time.

        Raises:
            UsageProblem: one of them is not sound, or names a record that does not stand.
        """
        said = (replace(one, account=self.ledger.account()) for one in answers)
        return self.ledger.add(*said)  # type: ignore[return-value]  # it returns what it was given

    def looked(self, looks: Sequence[Look]) -> tuple[Look, ...]:
        """Enter last looks at pictures, all or none; returns them with reference and time.

        Raises:
            UsageProblem: nobody says so.
        """
        said = (replace(one, account=self.ledger.account()) for one in looks)
        return self.ledger.add(*said)  # type: ignore[return-value]  # it returns what it was given

    def say_clinical(
        self, photo: Looked, *, finding: str, by: str, policy: Policy | None = None
    ) -> Confirmation:
        """Say that a doubt is clinical: from now on the photo has the needs of a clinical scene.

        Args:
            photo: the photo's file, or its bytes, which are looked at; or the receipt of a look.
            finding: the doubt's id as ``check`` shows it.
            by: who says so.
            policy: the rules for looking; by default the user's own configuration.

        Raises:
            UsageProblem: there is no such finding, or it is no doubt.
        """
        receipt, photo_sha = self._looked(photo, policy)
        ((seen, model),) = chosen(receipt, [finding], ())
        entry = Confirmation(Anchor.of(photo_sha, seen, model), by, self.ledger.account())
        (entered,) = self.ledger.add(entry)
        return entered  # type: ignore[return-value]

    def draw(
        self,
        photo: Looked,
        box: tuple[int, int, int, int],
        *,
        kind: str,
        by: str,
        policy: Policy | None = None,
    ) -> HandDrawnFinding:
        """Record something that a person sees and no detector found; it holds the photo.

        Args:
            photo: the photo's file, or its bytes; or the receipt of a look.
            box: x, y, width, height in pixels of the upright photo.
            kind: "face", "clinical", "code" ...
            by: who saw it.
            policy: the rules for looking; by default the user's own configuration.
        """
        receipt, photo_sha = self._looked(photo, policy)
        assert receipt.source is not None
        x, y, w, h = box
        size = receipt.source
        place = Box.from_pixels(x, y, w, h, width=size.width, height=size.height).clipped()
        entry = HandDrawnFinding(Anchor(photo_sha, kind, place), by, self.ledger.account())
        (entered,) = self.ledger.add(entry)
        return entered  # type: ignore[return-value]

    def confirm(
        self,
        photo: AnyFile,
        *,
        face: str,
        ref: str,
        by: str,
        policy: Policy | None = None,
        config_file: str | os.PathLike[str] | None = None,
    ) -> Binding:
        """Say that a face is who it was suggested to be: one ordinary answer, for one face.

        Args:
            photo: the photo's file; it is looked at, and its faces are compared, once more.
            face: id of the face ("face-1").
            ref: reference of one of the consents that the suggestion named.
            by: who says so.
            policy: the rules for looking; by default the user's own configuration.
            config_file: the file that ``policy`` came from.

        Raises:
            UsageProblem: that was not suggested for this face, or the photo may be clinical.
        """
        from imu_imageprep.domain.recognition import TROUBLE  # noqa: PLC0415
        from imu_imageprep.library import prepare  # noqa: PLC0415  (numpy and the detectors)

        rules = policy if policy is not None else config.load()
        kept = reference.read(ref)
        receipt = prepare(
            photo,
            policy=rules,
            config_file=config_file,
            dry_run=True,
            ledger=self.ledger.place,
            recognise=True,
        )
        if not any(one.finding == face and kept in one.records for one in receipt.suggestions):
            told = [f"{one.finding} {' '.join(one.records)}" for one in receipt.suggestions]
            notes = [note for note in receipt.notes if note.startswith(TROUBLE)]
            raise UsageProblem(
                f"{kept} was not suggested for {face}; suggested: "
                f"{', '.join(told or notes) or 'nothing'}.",
                "If you know who it is, say so with: imageprep consent use",
            )
        (binding,) = self.answer(receipt, [kept], findings=[face], by=by)
        return binding

    def _looked(self, photo: Looked, policy: Policy | None) -> tuple[Receipt, str]:
        if isinstance(photo, Receipt):
            if photo.source is None:
                raise UsageProblem("This photo could not be read, so nothing was seen in it.")
            return photo, photo.source.sha256
        from imu_imageprep.library import prepare  # noqa: PLC0415  (numpy and the detectors)

        receipt = prepare(photo, policy=policy, dry_run=True, ledger=self.ledger.place)
        assert receipt.source is not None
        return receipt, receipt.source.sha256
