"""The ledger: append-only events in a hash chain, the same in whichever store they lie."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from imu_imageprep.domain.case import Answers
from imu_imageprep.ledger import exports
from imu_imageprep.ledger.chain import first_at
from imu_imageprep.ledger.store import Store, last_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imu_imageprep.domain.answers import Entry, Pointed, Withdrawal
    from imu_imageprep.domain.trail import Audit, Enrolment, Listed, StoredReceipt

# A photo without findings needs none of what deals with consents, so that is loaded when asked for.
# ruff: noqa: PLC0415

_ENROLMENTS = """
SELECT at, kind, body, about FROM events
WHERE kind IN ('enrolled', 'removed') AND about IS NOT NULL AND about = coalesce(?, about)
ORDER BY seq
"""


class Ledger(Store):
    """What is recorded and told, whichever store keeps it; threads and processes may share one.

    Every method raises ``OutputProblem`` where the store cannot be used.

    What it records and tells about exports is in ``exports``; about what people said, in
    ``consents``.
    """

    __slots__ = ()

    begin = exports.begin
    begin_many = exports.begin_many
    finish = exports.finish
    finish_many = exports.finish_many
    exports_of = exports.exports_of
    clinical_of = exports.clinical_of
    original_at = exports.original_at
    made = exports.made
    captioned = exports.captioned
    sizes = exports.sizes
    post = exports.post
    post_many = exports.post_many
    receipts = exports.receipts

    def exports_relying_on(self, ref: str) -> tuple[StoredReceipt, ...]:
        """The exports that relied on a reference, newest first; also those that were cut off."""
        with self.reading() as connection:
            return () if connection is None else exports.relying_on(self, connection, ref)

    def _told_about(self, photo: str) -> bool:
        with self.reading() as connection:
            found = connection and connection.execute(
                "SELECT 1 FROM events WHERE photo = ?", (photo,)
            )
            return bool(found and found.fetchone())

    def drawn_for(self, photo: str) -> tuple[Pointed, ...]:
        """What people saw in a photo (hex sha256); ask for every photo, found or not."""
        if not self._told_about(photo):
            return ()
        from imu_imageprep.ledger import consents

        return consents.drawn_for(self, photo)

    def answers_for(self, photo: str) -> Answers:
        """Everything that people answered for a photo (hex sha256), with the records it names."""
        if not self._told_about(photo):
            return Answers()
        from imu_imageprep.ledger import consents

        return consents.answers_for(self, photo)

    def add(self, *given: Entry) -> tuple[Entry, ...]:
        """Enter consents, permissions, answers and what people saw: all or none.

        Returns:
            The entries with their time; one without a reference gets one.

        Raises:
            UsageProblem: an entry is not sound, or names a record that does not stand.
        """
        from imu_imageprep.ledger import consents

        return consents.add(self, given)

    def new_reference(self, letter: str) -> str:
        """A free reference, for entries that are added together and name each other."""
        from imu_imageprep.ledger import consents

        return consents.new_reference(letter)

    def record(self, ref: str) -> Listed | None:
        """What has a reference, as it stands; None where nothing has."""
        from imu_imageprep.ledger import consents

        return consents.shown(self, ref)

    def records(self, photo: str | None = None) -> tuple[Listed, ...]:
        """Consents and permissions; with a photo (hex sha256) all that was answered for it."""
        from imu_imageprep.ledger import consents

        return consents.listed(self, photo)

    def withdraw(self, *withdrawals: Withdrawal) -> tuple[StoredReceipt, ...]:
        """Record withdrawals, all or none; returns every export that relied on one.

        Those that relied on the same come newest first.

        Raises:
            UsageProblem: there is no such reference, or it is what someone drew by hand, which a
                dismissal answers and nothing takes back.
        """
        from imu_imageprep.ledger import consents

        return consents.withdraw(self, withdrawals)

    def erase(self, ref: str) -> tuple[StoredReceipt, ...]:
        """Make personal fields unreadable for good; returns the exports that relied on the record.

        Raises:
            UsageProblem: there is no such reference.
            OutputProblem: also where a copy of the key is still in use.
        """
        from imu_imageprep.ledger import consents

        return consents.erase(self, ref)

    def enrolled(self, consent: str, *, photos: int, model: str) -> None:
        """Record that someone is about to enter the register of recognised people.

        Args:
            consent: reference of their consent to be recognised.
            photos: how many photos were measured.
            model: version of the network that measured them.
        """
        self.enter([("enrolled", {"about": consent, "photos": photos, "model": model})])

    def removed(self, consent: str, why: str) -> None:
        """Record that someone's templates were destroyed; ``why`` is a word of ours."""
        self.enter([("removed", {"about": consent, "why": why})])

    def enrolments(self, consent: str | None = None) -> dict[str, tuple[Enrolment, ...]]:
        """What happened to each consent's templates, in order; with a reference, to that one's."""
        from imu_imageprep.domain.trail import Enrolment

        told: dict[str, tuple[Enrolment, ...]] = {}
        with self.reading() as connection:
            rows = connection.execute(_ENROLMENTS, (consent,)).fetchall() if connection else []
        for at, kind, body, about in rows:
            values = json.loads(body)
            event = Enrolment(
                first_at(values, at), kind, values.get("why", ""), values.get("photos", 0)
            )
            told[about] = (*told.get(about, ()), event)
        return told

    def head(self) -> str | None:
        """The hash of the last event; None where there is none."""
        with self.reading() as connection:
            return last_hash(connection) if connection else None

    def audit(self, expect: str | None = None) -> Audit:
        """Check every event's hash, its link to the one before, and that its personal fields open.

        An edit anywhere shows by itself. That the end was cut off, or everything was written anew,
        shows only against a head hash kept elsewhere (``expect``): every receipt holds one.

        Returns:
            The sound events up to the first damage, and the head after them.
        """
        from imu_imageprep.ledger.audit import audit

        return audit(self, expect)

    def export_lines(self) -> Iterator[str]:
        """Every event as a line of JSON, with the keys of what is not erased.

        Whoever has these lines can read the personal fields; a later erasure does not reach them.
        """
        from imu_imageprep.ledger.transfer import export_lines

        return export_lines(self)

    def import_lines(self, lines: Iterable[str]) -> int:
        """Add another ledger's events that are not here yet; returns how many were added.

        Raises:
            InputProblem: the lines are no such export, were changed, or name two things alike.
        """
        from imu_imageprep.ledger.transfer import import_lines

        return import_lines(self, lines)
