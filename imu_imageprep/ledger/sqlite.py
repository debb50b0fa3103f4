"""The ledger as one SQLite file: append-only events in a hash chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imu_imageprep.domain.case import Answers
from imu_imageprep.ledger import exports
from imu_imageprep.ledger.place import MOUNTS
from imu_imageprep.ledger.schema import VERSION as SCHEMA_VERSION
from imu_imageprep.ledger.store import PATIENCE, Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from imu_imageprep.domain.answers import Entry, HandDrawnFinding, Withdrawal
    from imu_imageprep.domain.receipt import ExportRecord, Receipt
    from imu_imageprep.domain.trail import Audit, Enrolment, Listed, StoredReceipt
    from imu_imageprep.ports import Clock

__all__ = ["SCHEMA_VERSION", "SqliteLedger"]

# A photo without findings needs none of what deals with consents, so that is loaded when asked for.
# ruff: noqa: PLC0415


@dataclass(frozen=True, slots=True)
class SqliteLedger:
    """A ledger in one file, opened for each call, so that threads and processes may share it.

    Every method raises ``OutputProblem`` where the file cannot be used: it cannot be written, the
    disk is full, it is damaged, a newer release wrote it, or it lies on a network share.

    Attributes:
        path: the file; made with mode 0600 by the first event.
        clock: dates the events.
        mounts: the system's list of mounted file systems.
        patience: how long a call waits for other programs, in seconds.
    """

    path: Path
    clock: Clock
    mounts: Path = MOUNTS
    patience: float = PATIENCE

    def begin(self, receipt: Receipt) -> str:
        """Record that an export is about to be written; returns the head hash."""
        return exports.begin(self._store, receipt)

    def finish(self, begun: str) -> str:
        """Record that the export of the ``begun`` event was written; returns the head hash."""
        return exports.finish(self._store, begun)

    def exports_of(self, source: str, policy: str, request: str) -> tuple[ExportRecord, ...]:
        """Finished exports of a source under a policy and request (sha256 each), newest first."""
        return exports.exports_of(self._store, source, policy, request)

    def original_at(self, path: str) -> str | None:
        """File name of the original of the last finished export at a path, where it is known."""
        return exports.original_at(self._store, path)

    def post(self, sha256: str, url: str) -> str:
        """Record where an export (hex sha256 of its bytes) was posted; returns the head hash.

        Raises:
            UsageProblem: no such export, or no address.
        """
        return exports.post(self._store, sha256, url)

    def receipts(self, sha256: str) -> tuple[StoredReceipt, ...]:
        """The receipts of an export's or an original's bytes (hex sha256), newest first."""
        return exports.receipts(self._store, sha256)

    def exports_relying_on(self, ref: str) -> tuple[StoredReceipt, ...]:
        """The exports that relied on a reference, newest first; also those that were cut off."""
        with self._store.reading() as connection:
            return () if connection is None else exports.relying_on(connection, ref)

    def _told_about(self, photo: str) -> bool:
        with self._store.reading() as connection:
            found = connection and connection.execute(
                "SELECT 1 FROM events WHERE photo = ?", (photo,)
            )
            return bool(found and found.fetchone())

    def drawn_for(self, photo: str) -> tuple[HandDrawnFinding, ...]:
        """What people drew on a photo (hex sha256); ask for every photo, found or not."""
        if not self._told_about(photo):
            return ()
        from imu_imageprep.ledger import consents

        return consents.drawn_for(self._store, photo)

    def answers_for(self, photo: str) -> Answers:
        """Everything that people answered for a photo (hex sha256), with the records it names."""
        if not self._told_about(photo):
            return Answers()
        from imu_imageprep.ledger import consents

        return consents.answers_for(self._store, photo)

    def add(self, *given: Entry) -> tuple[Entry, ...]:
        """Enter consents, permissions, answers, dismissals and drawn findings: all or none.

        Returns:
            The entries with reference and time.

        Raises:
            UsageProblem: an entry is not sound, or names a record that does not stand.
        """
        from imu_imageprep.ledger import consents

        return consents.add(self._store, given)

    def new_reference(self, letter: str) -> str:
        """A free reference, for entries that are added together and name each other."""
        from imu_imageprep.ledger import consents

        return consents.new_reference(letter)

    def record(self, ref: str) -> Listed | None:
        """What has a reference, as it stands; None where nothing has."""
        from imu_imageprep.ledger import consents

        return consents.shown(self._store, ref)

    def records(self, photo: str | None = None) -> tuple[Listed, ...]:
        """Consents and permissions; with a photo (hex sha256) all that was answered for it."""
        from imu_imageprep.ledger import consents

        return consents.listed(self._store, photo)

    def withdraw(self, withdrawal: Withdrawal) -> tuple[StoredReceipt, ...]:
        """Record a withdrawal; returns every export that relied on it, newest first.

        Raises:
            UsageProblem: there is no such reference, or it is what someone drew by hand.
        """
        from imu_imageprep.ledger import consents

        return consents.withdraw(self._store, withdrawal)

    def erase(self, ref: str) -> tuple[StoredReceipt, ...]:
        """Make personal fields unreadable for good; returns the exports that relied on the record.

        Raises:
            UsageProblem: there is no such reference.
        """
        from imu_imageprep.ledger.erase import erase

        return erase(self._store, ref)

    def enrolled(self, consent: str, *, photos: int, model: str) -> None:
        """Record that someone is about to enter the register, from so many photos."""
        from imu_imageprep.ledger import enrolments

        enrolments.enrolled(self._store, consent, photos=photos, model=model)

    def removed(self, consent: str, why: str) -> None:
        """Record that someone's templates were destroyed."""
        from imu_imageprep.ledger import enrolments

        enrolments.removed(self._store, consent, why)

    def enrolments(self, consent: str | None = None) -> dict[str, tuple[Enrolment, ...]]:
        """What happened to each consent's templates, in order; with a reference, to that one's."""
        from imu_imageprep.ledger import enrolments

        return enrolments.enrolments(self._store, consent)

    def head(self) -> str | None:
        """The hash of the last event; None where there is none."""
        with self._store.reading() as connection:
            row = (
                connection
                and connection.execute(
                    "SELECT hash FROM events ORDER BY seq DESC LIMIT 1"
                ).fetchone()
            )
        return row[0] if row else None

    def audit(self, expect: str | None = None) -> Audit:
        """Check the whole chain, and that a head hash from a receipt (``expect``) is in it."""
        from imu_imageprep.ledger.audit import audit

        return audit(self._store, expect)

    def export_lines(self) -> Iterator[str]:
        """The ledger as JSON lines, keys included: as private as the ledger itself."""
        from imu_imageprep.ledger.transfer import export_lines

        return export_lines(self._store)

    def import_lines(self, lines: Iterable[str]) -> int:
        """Add another ledger's events that are not here yet; returns how many were added.

        Raises:
            InputProblem: the lines are no export, or were changed.
        """
        from imu_imageprep.ledger.transfer import import_lines

        return import_lines(self._store, lines)

    @property
    def _store(self) -> Store:
        return Store(self.path, self.clock, self.mounts, self.patience)
