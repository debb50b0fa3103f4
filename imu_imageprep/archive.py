"""What is on record: showing, withdrawing, erasing, auditing, handing on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep import atomic, config, files
from imu_imageprep.domain import reference
from imu_imageprep.domain.answers import Withdrawal
from imu_imageprep.domain.errors import AlreadyThere, OutputProblem, UsageProblem
from imu_imageprep.domain.needs import letter_for

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    from imu_imageprep.domain.trail import Audit, Enrolment, Listed, StoredReceipt
    from imu_imageprep.ledger.book import Ledger

    AnyFile: TypeAlias = str | os.PathLike[str] | bytes


@dataclass(frozen=True, slots=True)
class Archive:
    """Records, answers and receipts; every method raises ``OutputProblem`` for a bad ledger.

    Attributes:
        ledger: what remembers them.
    """

    ledger: Ledger

    def records(self, photo: AnyFile | None = None) -> tuple[Listed, ...]:
        """Consents and permissions; with a photo's file, everything that was answered for it."""
        return self.ledger.records(None if photo is None else files.fingerprint(photo))

    def record(self, ref: str) -> Listed:
        """What has a reference.

        Raises:
            UsageProblem: nothing has.
        """
        listed = self.ledger.record(reference.read(ref))
        if listed is None:
            raise UsageProblem(f"Nothing has the reference {ref}.", "See: imageprep consent list")
        return listed

    def new_reference(self, kind: str) -> str:
        """A free reference for a record that will be entered when its form is signed.

        Args:
            kind: of the record, as in ``consent template``: "patient", "event", "place" ...
        """
        return self.ledger.new_reference(letter_for(kind))

    def relying_on(self, ref: str) -> tuple[StoredReceipt, ...]:
        """The exports that relied on a reference, newest first."""
        return self.ledger.exports_relying_on(reference.read(ref))

    def withdraw(self, ref: str, *, reason: str, by: str) -> tuple[StoredReceipt, ...]:
        """Withdraw a record or an answer; returns every export that relied on it.

        Raises:
            UsageProblem: there is nothing of that reference to withdraw.
        """
        exports = self.ledger.withdraw(
            Withdrawal(reference.read(ref), reason, by, self.ledger.account())
        )
        self._sweep_register(ref)
        return exports

    def withdraw_many(
        self, refs: Sequence[str], *, reason: str, by: str
    ) -> tuple[StoredReceipt, ...]:
        """Withdraw answers, all or none; returns every export that relied on one of them.

        Raises:
            UsageProblem: one of the references is nothing that can be withdrawn.
        """
        said = (Withdrawal(reference.read(ref), reason, by, self.ledger.account()) for ref in refs)
        return self.ledger.withdraw(*said)

    def erase(self, ref: str) -> tuple[StoredReceipt, ...]:
        """Make a record's personal fields unreadable for good; returns what relied on it.

        Raises:
            UsageProblem: there is nothing of that reference.
        """
        exports = self.ledger.erase(reference.read(ref))
        self._sweep_register(ref)
        return exports

    def enrolments(self, ref: str) -> tuple[Enrolment, ...]:
        """When the templates of a consent to be recognised were made and destroyed."""
        kept = reference.read(ref)
        return self.ledger.enrolments(kept).get(kept, ())

    def audit(self, expect: str | None = None) -> Audit:
        """Check the ledger's chain, and that a head hash from a receipt is in it.

        Raises:
            UsageProblem: what is expected is no head hash, which says nothing about the ledger.
        """
        if expect is not None:
            expect = expect.strip().lower()
            if not re.fullmatch(r"[0-9a-f]{64}", expect):
                raise UsageProblem(
                    "A head hash has 64 characters: the digits 0 to 9 and the letters a to f.",
                    "Copy the whole of it from a receipt: imageprep receipt FILE",
                )
        return self.ledger.audit(expect)

    def receipts(self, file: AnyFile) -> tuple[StoredReceipt, ...]:
        """The receipts of an export's or an original's file, newest first."""
        return self.ledger.receipts(files.fingerprint(file))

    def posted(self, file: AnyFile, url: str) -> str:
        """Record where an export was posted; returns the ledger's head hash.

        Raises:
            UsageProblem: the file is no export, or the address is none.
        """
        return self.posted_many([(file, url)])

    def posted_many(self, posts: Sequence[tuple[AnyFile, str]]) -> str:
        """Record where exports were posted, all or none; returns the ledger's head hash.

        Args:
            posts: files with the address of each one's post, at least one.

        Raises:
            UsageProblem: a file is no export, or an address is none.
        """
        return self.ledger.post_many([(files.fingerprint(file), url) for file, url in posts])

    def export_to(self, file: str | os.PathLike[str]) -> int:
        """Write the whole ledger as JSON lines to a new file of mode 0600; returns their number.

        Raises:
            OutputProblem: the file is there already, or cannot be written.
        """
        lines = list(self.ledger.export_lines())
        data = "".join(f"{line}\n" for line in lines).encode()
        try:
            atomic.write(Path(file), data, mode=0o600)
        except FileExistsError:
            raise AlreadyThere(f"A file named {Path(file).name} is already there.") from None
        except OSError as problem:
            raise _unwritten(problem) from problem
        return len(lines)

    def import_lines(self, lines: Iterable[str]) -> int:
        """Add another ledger's events that are not here yet; returns how many were added.

        Raises:
            InputProblem: the lines are no export of a ledger, or were changed.
        """
        return self.ledger.import_lines(lines)

    def set_up(self) -> bool:
        """Set the ledger's server up, as its administrator; whether there was anything to do.

        Raises:
            UsageProblem: the ledger is a file.
            OutputProblem: the server cannot be used, or the user may not.
        """
        if not self.ledger.shared:
            raise UsageProblem(
                "A ledger in a file needs no setting up: the first export makes it.",
                "Name a server: --ledger postgresql://HOST/DATABASE",
            )
        from imu_imageprep.ledger import setup  # noqa: PLC0415  (only here a server is asked)

        return setup.run(str(self.ledger.place))

    def _sweep_register(self, ref: str) -> None:
        """Where a consent to be recognised ended: destroy its templates at once."""
        if reference.letter_of(reference.read(ref)) == reference.RECOGNITION:
            from imu_imageprep.people import People  # noqa: PLC0415

            People.of(self.ledger, config.load().register.key_file or None).sweep()


def setup_script() -> str:
    """The SQL that sets a PostgreSQL database up for a ledger; needs no server."""
    from imu_imageprep.ledger.postgres_schema import script  # noqa: PLC0415  (seldom asked for)

    return script()


def _unwritten(problem: OSError) -> OutputProblem:
    return OutputProblem(
        f"The file could not be written ({atomic.reason(problem)}).", "Choose another folder."
    )
