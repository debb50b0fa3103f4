"""What a conversation asks of the rest of the program."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from imu_imageprep.config import ledger_place
from imu_imageprep.domain.place import recorded
from imu_imageprep.shell import quoted, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from imu_imageprep.desk import Desk
    from imu_imageprep.domain.answers import Record
    from imu_imageprep.domain.case import HeldFor
    from imu_imageprep.domain.needs import Reason
    from imu_imageprep.domain.permits import RecognitionConsent
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.domain.trail import Listed
    from imu_imageprep.front.cli.guided.rows import Row
    from imu_imageprep.front.cli.run import Again
    from imu_imageprep.request import Request
    from imu_imageprep.session import Session


def flags(request: Request) -> str:
    """What is asked for with an export, as options of the command line."""
    parts = [f"--redact {','.join(request.redact)}"] if request.redact else []
    parts += [f"--redact-box {','.join(map(str, box))}" for box in request.boxes]
    if request.credit is not None:
        parts.append(f"--credit {quoted(request.credit)}")
    return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Use:
    """Which records answer a row, and what a person said with them."""

    refs: tuple[str, ...]
    patients: int | None = None
    captured: date | None = None
    nobody_excluded: bool = False


@dataclass(frozen=True, slots=True)
class Offered:
    """A record that would answer a row, and what a person has to say with it."""

    listed: Listed
    asks: tuple[str, ...] = ()


class Office(Protocol):
    """Answers, records and exports; every method may raise an ``ImageprepError``."""

    def open_needs(self, receipt: Receipt, request: Request) -> tuple[HeldFor, ...]:
        """What holds the photo still."""
        ...

    def offers(self, receipt: Receipt, request: Request, row: Row) -> tuple[Offered, ...]:
        """The records on file that would answer a row."""
        ...

    def use(self, receipt: Receipt, rows: Sequence[Row], use: Use, by: str) -> tuple[str, ...]:
        """Say that records answer rows; returns the references of these answers."""
        ...

    def dismiss(self, receipt: Receipt, row: Row, reason: Reason, by: str) -> str:
        """Say that a row's need does not stand; returns the reference."""
        ...

    def say_clinical(self, receipt: Receipt, row: Row, by: str) -> tuple[str, Receipt]:
        """Say that a doubt is clinical; returns the reference, and what is found with it."""
        ...

    def add(self, record: Record | RecognitionConsent) -> str:
        """Enter a record; returns its reference."""
        ...

    def withdraw(self, ref: str, by: str) -> None:
        """Take back an answer or a record."""
        ...

    def fingerprint(self, file: str) -> str:
        """The hex sha256 of a file."""
        ...

    def export(self, receipt: Receipt, request: Request) -> Receipt:
        """Prepare the photo again, show what came of it, and return that."""
        ...

    def view(self, receipt: Receipt) -> bool:
        """Show the photo on the terminal; False where it cannot."""
        ...


@dataclass(frozen=True, slots=True)
class Desktop:
    """The office of a run, with the api behind it.

    Attributes:
        session: of the run.
        again: prepares one photo of the run again, and shows what came of it.
        shower: shows a JPEG file's bytes on the terminal; None where it cannot.
    """

    session: Session
    again: Again
    shower: Callable[[bytes], None] | None = field(default=None)

    @property
    def _desk(self) -> Desk:
        from imu_imageprep.desk import Desk  # noqa: PLC0415

        return Desk(self.session.ledger)

    def open_needs(self, receipt: Receipt, request: Request) -> tuple[HeldFor, ...]:
        """What holds the photo still."""
        return self.session.open_needs(receipt, request)

    def offers(self, receipt: Receipt, request: Request, row: Row) -> tuple[Offered, ...]:
        """The records on file that would answer a row, the newest first."""
        found = self.session.offers(receipt, request, row.finding.id, row.need)
        return tuple(Offered(one.listed, one.asks) for one in found if not one.why)

    def use(self, receipt: Receipt, rows: Sequence[Row], use: Use, by: str) -> tuple[str, ...]:
        """Say that records answer rows."""
        bound = self._desk.answer(
            receipt,
            use.refs,
            findings=[row.finding.id for row in rows],
            by=by,
            patients=use.patients,
            captured=use.captured,
            nobody_excluded=use.nobody_excluded,
        )
        return tuple(one.ref for one in bound)

    def dismiss(self, receipt: Receipt, row: Row, reason: Reason, by: str) -> str:
        """Say that a row's need does not stand."""
        finding = row.finding.id
        return self._desk.dismiss(receipt, finding=finding, need=row.need, reason=reason, by=by).ref

    def say_clinical(self, receipt: Receipt, row: Row, by: str) -> tuple[str, Receipt]:
        """Say that a doubt is clinical."""
        ref = self._desk.say_clinical(receipt, finding=row.finding.id, by=by).ref
        return ref, self.session.pointed(receipt)

    def add(self, record: Record | RecognitionConsent) -> str:
        """Enter a record."""
        return self._desk.add(record).ref

    def withdraw(self, ref: str, by: str) -> None:
        """Take back an answer or a record."""
        self._desk.withdraw(ref, reason="undone in the same conversation", by=by)

    def fingerprint(self, file: str) -> str:
        """The hex sha256 of a file."""
        from imu_imageprep.files import fingerprint  # noqa: PLC0415

        return fingerprint(Path(file).expanduser())

    def export(self, receipt: Receipt, request: Request) -> Receipt:
        """Prepare the photo again."""
        return self.again(receipt.path or "", request)

    def view(self, receipt: Receipt) -> bool:
        """Show the photo on the terminal, from memory."""
        from imu_imageprep import api  # noqa: PLC0415

        if self.shower is None or receipt.path is None:
            return False
        self.shower(api.picture(recorded(receipt.path), policy=self.session.policy, side=600))
        return True


@dataclass(frozen=True, slots=True)
class Commands:
    """The commands that do the same as an answer, to be typed or kept.

    Attributes:
        ledger: the ledger where it is not the user's own.
        config: the configuration's file where one was named.
    """

    ledger: Path | str | None = None
    config: Path | None = None

    @classmethod
    def of(cls, session: Session) -> Commands:
        """The commands of a session."""
        place = session.ledger.place
        return cls(None if place == ledger_place() else place, session.config_file)

    def use(self, receipt: Receipt, rows: Sequence[Row], use: Use, by: str) -> str:
        """The command of an answer by records."""
        findings = "".join(f" --finding {row.finding.id}" for row in rows)
        patients = f" --patients {use.patients}" if use.patients is not None else ""
        captured = f" --captured {use.captured}" if use.captured is not None else ""
        looked = " --nobody-excluded" if use.nobody_excluded else ""
        return (
            f"imageprep consent use {' '.join(use.refs)} --photo {_path(receipt)}{findings}"
            f"{patients}{captured}{looked} --by {quoted(by)}{self._files()}"
        )

    def dismiss(self, receipt: Receipt, row: Row, reason: Reason, by: str) -> str:
        """The command of a dismissal."""
        return (
            f"imageprep dismiss {_path(receipt)} --finding {row.finding.id}"
            f' --need {row.need.value} --reason "{reason.value}" --by {quoted(by)}'
            f"{self._files()}"
        )

    def say_clinical(self, receipt: Receipt, row: Row, by: str) -> str:
        """The command that says that a doubt is clinical."""
        return (
            f"imageprep consent clinical {_path(receipt)} --finding {row.finding.id}"
            f" --by {quoted(by)}{self._files()}"
        )

    def withdraw(self, ref: str, by: str) -> str:
        """The command that takes an answer back."""
        return f"imageprep consent withdraw {ref} --by {quoted(by)}{self._ledger()}"

    def add(self, kind: str) -> str:
        """The command that asks for a record."""
        return f"imageprep consent add {kind}{self._ledger()}"

    def _ledger(self) -> str:
        return f" --ledger {quoted(str(self.ledger))}" if self.ledger else ""

    def _files(self) -> str:
        config = f" --config {quoted(str(self.config))}" if self.config else ""
        return f"{config}{self._ledger()}"


def _path(receipt: Receipt) -> str:
    return typed(receipt.path) if receipt.path else "PHOTO"
