"""The register of people who agreed to be recognised; nothing of it is loaded unless asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep import config
from imu_imageprep.clock import SystemClock
from imu_imageprep.domain import reference
from imu_imageprep.domain.errors import ImageprepError, UsageProblem
from imu_imageprep.domain.needs import rules_of
from imu_imageprep.domain.recognition import Enrolled, Lapsed, lapsed, matches
from imu_imageprep.ledger import opened
from imu_imageprep.register.library import MODEL
from imu_imageprep.register.store import Register
from imu_imageprep.shell import quoted

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.recognition import Match, Measured
    from imu_imageprep.ledger.book import Ledger
    from imu_imageprep.register.faces import Flaw

    AnyFile = str | os.PathLike[str]

# Why templates went, for the ledger: a person removed them, or their consent lapsed.
_REMOVED = "removed"
_WORD: Mapping[Lapsed, str] = {
    Lapsed.WITHDRAWN: "withdrawn",
    Lapsed.ERASED: "erased",
    Lapsed.EXPIRED: "expired",
}
_NO_CONSENT, _LOST = "no consent", "not in the file"


class Unfit(UsageProblem):
    """Photos that are not fit to know a person by.

    Attributes:
        flaws: what is wrong, and what to take again.
    """

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        super().__init__(
            "Nobody was enrolled: the photos do not show one face well enough.", "Take others."
        )
        self.flaws = tuple(flaws)


@dataclass(frozen=True, slots=True)
class Known:
    """Whom a run may suggest; ``trouble`` says why nobody, which stops nothing else."""

    people: tuple[Enrolled, ...] = ()
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Tested:
    """What recognition makes of a photo.

    Attributes:
        photo: the file.
        why: why nobody is recognised in it at all; None where faces were compared.
        faces: of each face whom it is like, if anyone, and what is wrong with it.
    """

    photo: Path
    why: str | None
    faces: tuple[tuple[Match | None, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class People:
    """Who may be suggested; every call first destroys what no consent carries any more.

    Attributes:
        ledger: says who agreed.
        register: keeps the templates.
    """

    ledger: Ledger
    register: Register

    @classmethod
    def at(cls, ledger: AnyFile | None = None, key_file: AnyFile | None = None) -> People:
        """The people of a ledger, by default the user's own.

        Args:
            ledger: its file, or its server's address.
            key_file: where the key lies, instead of the system's keyring.
        """
        return cls.of(opened(config.ledger_place(ledger), SystemClock()), key_file)

    @classmethod
    def of(cls, ledger: Ledger, key_file: AnyFile | None = None) -> People:
        """The people of a ledger; the arguments are those of :meth:`at`."""
        key = None if key_file is None else Path(key_file)
        return cls(ledger, Register.beside(ledger.beside, key))

    def add(
        self, code: str, photos: Sequence[AnyFile], *, consent: str, policy: Policy | None = None
    ) -> Enrolled:
        """Enrol someone.

        Args:
            code: the subject code of their consent.
            photos: at least three photos of this person alone; none of them is kept.
            consent: reference of their consent to be recognised.
            policy: limits for reading; by default the user's own configuration.

        Raises:
            UsageProblem: the consent does not allow it, or they are enrolled already.
            Unfit: the photos are not fit.
            ImageprepError: a photo cannot be read, or faces cannot be measured here.
        """
        from imu_imageprep import portraits  # noqa: PLC0415
        from imu_imageprep.register import library  # noqa: PLC0415
        from imu_imageprep.register.faces import flaws_between  # noqa: PLC0415

        ref = reference.read(consent)
        self._refuse(ref, code)
        library.check()
        self.register.keys.check()
        flaws, faces = portraits.measured([Path(photo) for photo in photos], self.ledger, policy)
        flaws += flaws_between(faces)
        if flaws:
            raise Unfit(flaws)
        return self.enrol(code, [face for face in faces if face is not None], consent=ref)

    def enrol(self, code: str, faces: Sequence[Measured], *, consent: str) -> Enrolled:
        """Enrol someone from faces that were measured, and found fit each by itself.

        Args:
            code: the subject code of their consent.
            faces: one for each photo.
            consent: reference of their consent to be recognised.

        Raises:
            UsageProblem: the consent does not allow it, or they are enrolled already.
            Unfit: somebody in the register looks too much alike.
            ImageprepError: the register, its key or the ledger cannot be read or written.
        """
        from imu_imageprep.register.faces import flaws_among  # noqa: PLC0415

        with self.register.locked():
            self._sweep()
            people = self.register.people()
            if any(one.code.casefold() == code.casefold() for one in people):
                raise UsageProblem(
                    f"{code} is in the register already.", f"imageprep people remove {quoted(code)}"
                )
            if flaws := tuple(flaws_among(faces, people)):
                raise Unfit(flaws)
            self._refuse(consent, code)
            at = self.ledger.clock.now().isoformat(timespec="seconds")
            person = Enrolled(code, consent, at, tuple(face.template for face in faces))
            # First the event: no template is kept that the ledger does not know of.
            self.ledger.enrolled(consent, photos=len(faces), model=MODEL)
            self.register.write((*people, person))
        return person

    def enrolled(self) -> tuple[Enrolled, ...]:
        """Everyone in the register.

        Raises:
            ImageprepError: the ledger, the register or its key cannot be read.
        """
        with self.register.locked():
            self._sweep()
            return self.register.people()

    def remove(self, code: str) -> Enrolled:
        """Destroy someone's templates.

        Raises:
            UsageProblem: nobody of that code is enrolled.
            ImageprepError: the register or its key cannot be read or written.
        """
        with self.register.locked():
            self._sweep()
            people = self.register.people()
            (person,) = [p for p in people if p.code.casefold() == code.casefold()] or (None,)
            if person is None:
                raise UsageProblem(
                    f"Nobody called {code} is in the register.", "See: imageprep people list"
                )
            self.register.write([one for one in people if one is not person])
            self.ledger.removed(person.consent, _REMOVED)
        return person

    def sweep(self) -> None:
        """Destroy the templates of everyone whose consent does not carry them any more."""
        if self.register.there:
            with self.register.locked():
                self._sweep()

    def test(self, photos: Sequence[AnyFile], policy: Policy | None = None) -> Iterator[Tested]:
        """Say whom the faces of photos are like; nothing is written and nothing is answered.

        Raises:
            ImageprepError: a photo cannot be read, or faces cannot be measured here.
        """
        from imu_imageprep import portraits  # noqa: PLC0415
        from imu_imageprep.register import faces  # noqa: PLC0415

        people = self.enrolled()
        for name in photos:
            photo, examinations = portraits.looked(Path(name), self.ledger, policy)
            found = [finding for exam in examinations for finding in exam.findings]
            boxes = [finding.box for finding in found if finding.kind == "face" and finding.box]
            if any(rules_of(finding.kind).clinical for finding in found):
                yield Tested(Path(name), "it looks clinical, where nobody is recognised")
            elif not boxes:
                yield Tested(Path(name), "no face is found in it")
            else:
                measured = faces.measure(photo, boxes)
                told = zip(matches(measured, people), measured, strict=True)
                yield Tested(
                    Path(name),
                    None,
                    tuple((match, tuple(faces.flaws_of(face))) for match, face in told),
                )

    def _refuse(self, ref: str, code: str) -> None:
        """Refuse a consent that does not let this person be in the register."""
        if why := self._lapsed(ref, code, self._today()):
            raise UsageProblem(f"{ref} {why.value}.", "See: imageprep consent template recognition")

    def _lapsed(self, ref: str, code: str | None, today: date) -> Lapsed | None:
        listed = self.ledger.record(ref)
        if listed is None:
            return Lapsed.UNKNOWN
        own = code if code is not None else getattr(listed.entry, "subject", "")
        return lapsed(listed.entry, listed.state, own, today)

    def _sweep(self) -> None:
        today = self._today()
        gone = {
            ref: why
            for ref in self.register.consents()
            if (why := self._lapsed(ref, None, today)) is not None
        }
        self.register.drop(gone.__contains__)
        for ref, why in gone.items():
            self.ledger.removed(ref, _WORD.get(why, _NO_CONSENT))
        # A run that was cut off had told the ledger of somebody who never came into the file, or
        # had taken somebody out of it and not told.
        there = set(self.register.consents())
        for ref, events in self.ledger.enrolments().items():
            if events[-1].what == "enrolled" and ref not in there:
                self.ledger.removed(ref, _LOST)

    def _today(self) -> date:
        return self.ledger.clock.now().astimezone().date()


def known(ledger: Ledger, policy: Policy) -> Known:
    """Open the register for a run, once, in the process that a person started."""
    from imu_imageprep.register import library  # noqa: PLC0415

    try:
        people = People.of(ledger, policy.register.key_file or None).enrolled()
        library.check()
    except ImageprepError as problem:
        return Known(trouble=f"{problem.message} {problem.advice}")
    return Known(people, None if people else "Nobody is in the register. See: imageprep people")
