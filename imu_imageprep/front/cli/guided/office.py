"""What a conversation asks of the rest of the program."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from imu_imageprep.domain import words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from imu_imageprep.domain.answers import Record
    from imu_imageprep.domain.case import HeldFor
    from imu_imageprep.domain.needs import Reason
    from imu_imageprep.domain.permits import RecognitionConsent
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.domain.trail import Listed
    from imu_imageprep.front.cli.guided.rows import Row


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked for with an export, besides what the ledger holds.

    Attributes:
        redact: ids of findings to cover, or "faces".
        boxes: areas to cover, in pixels of the upright photo.
        credit: credit line to draw.
    """

    redact: tuple[str, ...] = ()
    boxes: tuple[tuple[int, int, int, int], ...] = ()
    credit: str | None = None

    def flags(self) -> str:
        """The same as options of the command line."""
        parts = [f"--redact {','.join(self.redact)}"] if self.redact else []
        parts += [f"--redact-box {','.join(map(str, box))}" for box in self.boxes]
        if self.credit is not None:
            parts.append(f"--credit {shlex.quote(self.credit)}")
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

    def open_needs(self, receipt: Receipt, wishes: Wishes) -> tuple[HeldFor, ...]:
        """What holds the photo still."""
        ...

    def offers(self, receipt: Receipt, row: Row) -> tuple[Offered, ...]:
        """The records on file that would answer a row."""
        ...

    def use(self, receipt: Receipt, rows: Sequence[Row], use: Use, by: str) -> tuple[str, ...]:
        """Say that records answer rows; returns the references of these answers."""
        ...

    def dismiss(self, receipt: Receipt, row: Row, reason: Reason, by: str) -> str:
        """Say that a row's need does not stand; returns the reference."""
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

    def export(self, receipt: Receipt, wishes: Wishes) -> Receipt:
        """Prepare the photo again, show what came of it, and return that."""
        ...

    def view(self, receipt: Receipt) -> bool:
        """Show the photo on the terminal; False where it cannot."""
        ...


@dataclass(frozen=True, slots=True)
class Desktop:
    """The office of a run, with the api behind it.

    Attributes:
        policy: of the run.
        config: file that it came from.
        ledger: file of the ledger.
        place: place permission named for the run.
        again: prepares one photo of the run again.
        shower: shows a JPEG file's bytes on the terminal; None where it cannot.
    """

    policy: Policy
    config: Path | None
    ledger: Path | None
    place: str | None
    again: Callable[[Receipt, Wishes], Receipt]
    shower: Callable[[bytes], None] | None = field(default=None)

    def open_needs(self, receipt: Receipt, wishes: Wishes) -> tuple[HeldFor, ...]:
        """What holds the photo still."""
        from imu_imageprep import api  # noqa: PLC0415

        return api.open_needs(
            receipt,
            policy=self.policy,
            config_file=self.config,
            redact=wishes.redact,
            boxes=wishes.boxes,
            credit=wishes.credit,
            place=self.place,
            ledger=self.ledger,
        )

    def offers(self, receipt: Receipt, row: Row) -> tuple[Offered, ...]:
        """The records on file that would answer a row, the newest first."""
        from imu_imageprep import api  # noqa: PLC0415

        desk = api.Desk.at(self.ledger)
        found = api.offers(receipt, row.finding.id, row.need, desk=desk, policy=self.policy)
        return tuple(Offered(one.listed, one.asks) for one in found if not one.why)

    def use(self, receipt: Receipt, rows: Sequence[Row], use: Use, by: str) -> tuple[str, ...]:
        """Say that records answer rows."""
        from imu_imageprep import api  # noqa: PLC0415

        bound = api.Desk.at(self.ledger).answer(
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
        from imu_imageprep import api  # noqa: PLC0415

        desk = api.Desk.at(self.ledger)
        finding = row.finding.id
        return desk.dismiss(receipt, finding=finding, need=row.need, reason=reason, by=by).ref

    def add(self, record: Record | RecognitionConsent) -> str:
        """Enter a record."""
        from imu_imageprep import api  # noqa: PLC0415

        return api.Desk.at(self.ledger).add(record).ref

    def withdraw(self, ref: str, by: str) -> None:
        """Take back an answer or a record."""
        from imu_imageprep import api  # noqa: PLC0415

        api.Desk.at(self.ledger).withdraw(ref, reason="undone in the same conversation", by=by)

    def fingerprint(self, file: str) -> str:
        """The hex sha256 of a file."""
        from imu_imageprep import api  # noqa: PLC0415

        return api.fingerprint(Path(file).expanduser())

    def export(self, receipt: Receipt, wishes: Wishes) -> Receipt:
        """Prepare the photo again."""
        return self.again(receipt, wishes)

    def view(self, receipt: Receipt) -> bool:
        """Show the photo on the terminal, from memory."""
        from imu_imageprep import api  # noqa: PLC0415

        if self.shower is None or receipt.path is None:
            return False
        self.shower(api.picture(receipt.path, policy=self.policy, side=600))
        return True


@dataclass(frozen=True, slots=True)
class Commands:
    """The commands that do the same as an answer, to be typed or kept."""

    ledger: Path | None = None
    config: Path | None = None

    def use(self, receipt: Receipt, rows: Sequence[Row], use: Use, by: str) -> str:
        """The command of an answer by records."""
        findings = "".join(f" --finding {row.finding.id}" for row in rows)
        patients = f" --patients {use.patients}" if use.patients is not None else ""
        captured = f" --captured {use.captured}" if use.captured is not None else ""
        looked = " --nobody-excluded" if use.nobody_excluded else ""
        return (
            f"imageprep consent use {' '.join(use.refs)} --photo {_path(receipt)}{findings}"
            f"{patients}{captured}{looked} --by {shlex.quote(by)}{self._files()}"
        )

    def dismiss(self, receipt: Receipt, row: Row, reason: Reason, by: str) -> str:
        """The command of a dismissal."""
        return (
            f"imageprep dismiss {_path(receipt)} --finding {row.finding.id}"
            f' --need {row.need.value} --reason "{reason.value}" --by {shlex.quote(by)}'
            f"{self._files()}"
        )

    def withdraw(self, ref: str, by: str) -> str:
        """The command that takes an answer back."""
        return f"imageprep consent withdraw {ref} --by {shlex.quote(by)}{self._ledger()}"

    def add(self, kind: str) -> str:
        """The command that asks for a record."""
        return f"imageprep consent add {kind}{self._ledger()}"

    def _ledger(self) -> str:
        return f" --ledger {shlex.quote(str(self.ledger))}" if self.ledger else ""

    def _files(self) -> str:
        config = f" --config {shlex.quote(str(self.config))}" if self.config else ""
        return f"{config}{self._ledger()}"


def _path(receipt: Receipt) -> str:
    return shlex.quote(words.printable(receipt.path or "PHOTO"))
