"""What every photo of a run is prepared under: policy, configuration, ledger, register."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep import config, storage
from imu_imageprep.clock import SystemClock
from imu_imageprep.decision import case_of
from imu_imageprep.domain.albums import ALONE
from imu_imageprep.domain.case import Held
from imu_imageprep.domain.decide import judge
from imu_imageprep.domain.errors import SAVE_AGAIN, TOO_LITTLE_MEMORY, InputProblem
from imu_imageprep.domain.finding import by_id
from imu_imageprep.ledger import opened

if TYPE_CHECKING:
    import os
    from typing import TypeAlias

    from imu_imageprep.domain.albums import Turn
    from imu_imageprep.domain.case import Case, HeldFor
    from imu_imageprep.domain.needs import Need
    from imu_imageprep.domain.offers import Offer
    from imu_imageprep.domain.photo import Source
    from imu_imageprep.domain.policy import Limits, Policy
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.ledger.book import Ledger
    from imu_imageprep.people import Known
    from imu_imageprep.pipeline import Equipment, Keeper
    from imu_imageprep.request import Handover, Request, Target
    from imu_imageprep.storage import Place

    AnyPath: TypeAlias = str | os.PathLike[str]

# What looks at pictures is imported when a photo is prepared: taking an answer needs none of it.
# ruff: noqa: PLC0415


@dataclass(frozen=True, slots=True)
class Session:
    """Policy, configuration, ledger and register: all that is not said with a photo.

    It can be sent to another process.

    Attributes:
        policy: the rules; files beside the photos may tighten them.
        config_file: where the rules came from, which is not read a second time.
        ledger: what remembers exports and answers.
        known: people who agreed to be recognised, where the run asked for that.
    """

    policy: Policy
    config_file: Path | None
    ledger: Ledger
    known: Known | None = None

    @classmethod
    def open(
        cls,
        policy: Policy | None = None,
        *,
        config_file: AnyPath | None = None,
        ledger: AnyPath | None = None,
        recognise: bool = False,
    ) -> Session:
        """The session that a caller's words make.

        Args:
            policy: the rules; by default those of the configuration.
            config_file: the file that ``policy`` came from; it is read where no policy is given,
                by default the user's own.
            ledger: file of the ledger, or address of its server; by default the user's own.
            recognise: suggest who faces may be; a policy may ask for that too.

        Raises:
            PolicyProblem: the configuration is wrong.
        """
        given = None if config_file is None else Path(config_file)
        rules = policy if policy is not None else config.load(given)
        place = config.ledger_place(ledger, rules)
        session = cls(rules, given, opened(place, SystemClock()))
        if not (recognise or rules.register.recognise):
            return session
        from imu_imageprep.people import known

        return dataclasses.replace(session, known=known(session.ledger, rules))

    def rules_for(self, photo: Place | None) -> Policy:
        """The policy for one photo: the files in and above its folder may tighten it.

        Raises:
            PolicyProblem: one of them is wrong, or would loosen it.
        """
        if photo is None:
            return self.policy
        return config.folder_policy(photo.parent, self.policy, self.config_file)

    def equipment(self, policy: Policy) -> Equipment:
        """What the pipeline works with; networks are loaded once per process, at the first look."""
        from imu_imageprep.detectors import all_of
        from imu_imageprep.pipeline import Equipment

        recogniser = None
        if self.known is not None:
            from imu_imageprep.register.recogniser import Recogniser

            recogniser = Recogniser(self.known.people, self.ledger.records, self.known.trouble)
        return Equipment(policy, all_of(policy), self.ledger, self.ledger.clock, recogniser)

    def open_needs(self, receipt: Receipt, request: Request) -> tuple[HeldFor, ...]:
        """What would still hold a photo, with the ledger's answers of this moment.

        Args:
            receipt: of a look at the photo; it is not looked at again.
            request: what would be asked for with it.

        Raises:
            ImageprepError: the request or a rule is wrong.
        """
        decision = judge(self.case(receipt, request))
        return decision.held_for if isinstance(decision, Held) else ()

    def pointed(self, receipt: Receipt) -> Receipt:
        """The receipt of a look with what people said since that they see in the photo.

        Raises:
            ImageprepError: a rule is wrong, or the ledger cannot be read.
        """
        from imu_imageprep.domain.by_hand import with_drawn

        if receipt.source is None:
            return receipt
        drawn = self.ledger.drawn_for(receipt.source.sha256)
        rules = self.rules_for(None if receipt.path is None else storage.recorded(receipt.path))
        seen = with_drawn(receipt.examinations, drawn, rules)
        return dataclasses.replace(receipt, examinations=seen)

    def offers(
        self, receipt: Receipt, request: Request, finding: str, need: Need
    ) -> tuple[Offer, ...]:
        """The records on file that may answer a need, those that would first.

        Args:
            receipt: of a look at the photo.
            request: what would be asked for with it.
            finding: id of one of its findings.
            need: one of the finding's needs.

        Raises:
            UsageProblem: there is no such finding.
        """
        from imu_imageprep.domain.offers import offers

        one = by_id(receipt.findings, finding)
        return offers(self.case(receipt, request), one, need, self.ledger.records())

    def case(self, receipt: Receipt, request: Request) -> Case:
        """A photo's case: what was seen, what would be asked for, and the ledger's answers.

        Args:
            receipt: of a look at the photo; it is not looked at again.
            request: what would be asked for with it.

        Raises:
            ImageprepError: the request or a rule is wrong.
        """
        rules = self.rules_for(None if receipt.path is None else storage.recorded(receipt.path))
        return case_of(receipt, request, rules, self.ledger, self.ledger.clock)

    def prepare(
        self,
        source: Source,
        request: Request,
        target: Target | Handover | None,
        keeper: Keeper | None = None,
        *,
        rules: Policy | None = None,
        turn: Turn = ALONE,
    ) -> Receipt:
        """Take one photo through all stages.

        Args:
            source: the photo, read.
            request: what is asked for with it.
            target: where its export goes; nothing is written for a dry run.
            keeper: keeps what was seen in it for further answers.
            rules: the policy for it, where that was asked for already.
            turn: what is known of its album.

        Raises:
            ImageprepError: the photo could not be read, verified or written, or a rule is wrong.
        """
        from imu_imageprep import pipeline

        policy = rules if rules is not None else self.rules_for(source.path)
        equipment = self.equipment(policy)
        where = None if request.dry_run else target
        try:
            receipt = pipeline.prepare(source, request, where, equipment, keeper, turn=turn)
        except MemoryError:
            raise InputProblem(TOO_LITTLE_MEMORY, SAVE_AGAIN) from None
        return _with_values(receipt, source, policy.limits) if request.values else receipt


def _with_values(receipt: Receipt, source: Source, limits: Limits) -> Receipt:
    """The receipt with every metadata field that can be named, for a person who asks."""
    from imu_imageprep.sandbox import listed

    if receipt.metadata is None:
        return receipt
    fields, notes = listed(source, limits)
    values = (*receipt.metadata.values, *fields)
    metadata = dataclasses.replace(receipt.metadata, values=values)
    return dataclasses.replace(receipt, metadata=metadata, notes=(*receipt.notes, *notes))


def policy_digest(policy: Policy) -> str:
    """The policy's hash as receipts carry it, the bytes of its logo included.

    Raises:
        PolicyProblem: its logo is missing or not an approved one.
    """
    if not policy.watermark.logo:
        return policy.digest()
    from imu_imageprep.stages.watermark import approved_logo

    logo = approved_logo(policy)
    return policy.digest(logo.sha256 if logo else None)
