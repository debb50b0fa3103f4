"""The report of a list of photos that are worked on now, as the page has one."""

from __future__ import annotations

import dataclasses
import io
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.report import templates
from imu_imageprep.report.page import write_html
from imu_imageprep.report.record import Begun, Ended, Entry, Names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.domain.words import Say
    from imu_imageprep.ports import Clock

_LAST_LOOK = "Everything in it is answered, and nobody looked at it yet as it would be exported"
_LOOK = "A last look at the page"
_GONE = (
    "A consent or an answer that it used was withdrawn: do not post it, and remove it where it was "
    "posted"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One photo of a list.

    Attributes:
        name: what the list calls it.
        receipt: of the last time it was worked on; what holds it, as it was chosen to be covered.
        read: gives the export's bytes.
        gone: a consent or an answer that its export used was withdrawn.
    """

    name: str
    receipt: Receipt
    read: Callable[[], bytes]
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as a run that has just ended."""

    begun: Begun
    ended: Ended
    rows: tuple[Entry, ...]

    def entries(self, outcome: Outcome | None = None) -> Iterator[Entry]:
        """Its photos; only those of one outcome where it is given."""
        return (one for one in self.rows if outcome is None or one.outcome == outcome.value)


def html(
    rows: Sequence[Row], clock: Clock, contact: str = "", language: str = templates.ENGLISH
) -> str:
    """The report of a list as a page.

    Args:
        rows: the photos that were worked on.
        clock: dates it.
        contact: whom to ask about a photo that waits.
        language: of its words.
    """
    say = templates.said_in(language)
    now = clock.now().isoformat(timespec="seconds")
    entries = tuple(_entry(row, say) for row in rows)
    not_checked = dict.fromkeys(name for row in rows for name in row.receipt.not_checked)
    ended = Ended(
        finished=now,
        interrupted=False,
        passed_over=0,
        counts=dict(Counter(one.outcome for one in entries)),
        not_checked=tuple(not_checked),
    )
    bytes_of = {id(entry): row.read for entry, row in zip(entries, rows, strict=True)}
    page = io.StringIO()
    listing = Listing(Begun(now, (), contact), ended, entries)
    write_html(
        listing,
        page,
        full_paths=False,
        read=lambda entry: bytes_of[id(entry)](),
        language=language,
    )
    return page.getvalue()


def _entry(row: Row, say: Say) -> Entry:
    """The entry of a photo, by the name that the list has for it; it is answered at the page."""
    receipt = row.receipt
    waits = receipt.outcome is Outcome.CLEAR or row.gone
    if waits:
        receipt = dataclasses.replace(receipt, outcome=Outcome.HELD, held_for=())
    export = receipt.export
    entry = dataclasses.replace(
        Entry.of(receipt, Names({}, ()), say),
        name=row.name,
        typed=None,
        commands=(),
        export_name=None if export is None else re.split(r"[/\\]", export.path)[-1],
    )
    if not waits:
        return entry
    return dataclasses.replace(
        entry,
        why=(say(_GONE if row.gone else _LAST_LOOK),),
        needs=() if row.gone else (say(_LOOK),),
    )
