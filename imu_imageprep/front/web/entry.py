"""One photo of the list: where it stands, what was chosen and answered for it."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from imu_imageprep.domain.answers import Binding, Dismissal
from imu_imageprep.domain.needs import Need, rules_of
from imu_imageprep.request import Request

if TYPE_CHECKING:
    from imu_imageprep.bench import Handed
    from imu_imageprep.domain.answers import Answer, Look
    from imu_imageprep.domain.box import Box
    from imu_imageprep.domain.bursts import Glimpse
    from imu_imageprep.domain.caption import Words
    from imu_imageprep.domain.errors import Failure
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.front.web.instance import Session


class State(StrEnum):
    """Where a photo stands."""

    WAITING = "waiting"
    LOOKING = "looking"
    HELD = "held"
    READY = "ready"
    FAILED = "failed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that was given here and stands in the ledger under ``ref``."""

    ref: str
    kind: str
    finding: str | None
    needs: str | None
    records: tuple[str, ...] = ()
    reason: str | None = None
    by: str = ""
    at: str = ""


def given_of(answer: Answer, finding: str | None) -> Given:
    """An answer as the ledger returned it, about a finding of the photo."""
    told = Given(answer.ref, "confirmation", finding, Need.LOOK.value, by=answer.by, at=answer.at)
    match answer:
        case Binding(need=need, refs=refs):
            return dataclasses.replace(told, kind="answer", needs=need.value, records=refs)
        case Dismissal(need=need, reason=reason):
            return dataclasses.replace(
                told, kind="dismissal", needs=need.value, reason=reason.value
            )
    return told


@dataclass(slots=True, eq=False)
class Sight:
    """What of a photo one browser was given, and had on its screen; sides in pixels.

    Attributes:
        served: the largest picture of the photo itself.
        shown: the largest that was whole on the screen.
        preview: the picture as it would leave that was served last: the entry's ``said`` then, the
            rules, and hex sha256 of its bytes.
    """

    served: int = 0
    shown: int = 0
    preview: tuple[int, Policy, str] | None = None


def _found(receipt: Receipt | None) -> frozenset[tuple[str, Box | None]]:
    """What stands in a photo and where; a doubt and what it becomes are one thing."""
    standing = (one for one in (receipt.findings if receipt else ()) if not one.noted)
    return frozenset((rules_of(one.kind).may_be or one.kind, one.box) for one in standing)


@dataclass(slots=True, eq=False)
class Entry:
    """One photo of the list.

    Attributes:
        id: random; what the page calls it.
        name: the file's own name, a label.
        folder: the folders that it was dropped with, a label.
        order: when it came.
        size: bytes of the original.
        handed: the photo itself: bytes in memory, or where it lies; None when it is done with.
        run: id of the typed path that it belongs to.
        state: where it stands.
        receipt: of the last time it was worked on.
        export: the export's bytes, for a photo that was dropped.
        request: what a person chose to cover, and the credit line; nothing of it is recorded yet.
        answers: what was answered here.
        seen: whether a person had a last look at the result.
        posted: addresses where it was posted.
        lock: one change at a time.
        together: names the photos that it came with; empty where it came alone.
        put_off: it is in reach of those, and waits until all of them were looked at.
        small: a small picture of it, a JPEG file's bytes: of its export where it has one.
        glimpse: what tells shots of one moment, as it was looked at first.
        burst: id of the first of the similar shots that it stands together with; None alone.
        opens: how many needs are open with what was chosen to cover and the credit line.
        said: how often that was changed, or an answer given or withdrawn.
        due: it is about to be judged again in a worker.
        look: the last look by which it leaves, or left.
        releasing: it is about to leave.
        trouble: why it could not leave.
        unchecked: what was said last was judged without a look at the picture: its worker died.
        words: what somebody wrote to go with the picture.
        sights: what each browser saw of it.
        version: how often something new was found, or another file was: what was seen before
            counts no more.
        told: number of the news that told of it last: of two answers about it, the newer counts,
            whichever comes first.
    """

    name: str
    folder: str
    order: int
    size: int
    handed: Handed | None
    run: str | None = None
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    state: State = State.WAITING
    receipt: Receipt | None = None
    export: bytes | None = None
    request: Request = field(default_factory=Request)
    answers: tuple[Given, ...] = ()
    seen: bool = False
    posted: tuple[str, ...] = ()
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    together: str = ""
    put_off: bool = False
    small: bytes | None = None
    glimpse: Glimpse | None = None
    burst: str | None = None
    opens: int = 0
    said: int = 0
    due: bool = False
    look: Look | None = None
    releasing: bool = False
    trouble: Failure | None = None
    unchecked: bool = False
    words: Words | None = None
    sights: dict[Session, Sight] = field(default_factory=dict)
    version: int = 0
    told: int = 0

    @property
    def stage(self) -> str | None:
        """What a photo that waits for a person waits for: answers, or the last look."""
        if self.state is not State.HELD:
            return None
        if self.releasing:
            return "releasing"
        return "answer" if self.opens else "look"

    @property
    def sha256(self) -> str:
        """Of the photo's file as it was read last; empty where it was not."""
        return self.receipt.source.sha256 if self.receipt and self.receipt.source else ""

    def note(self, receipt: Receipt) -> None:
        """Take what a look told; who saw less than is found now, or another file, saw it not."""
        before, found, self.receipt = self.sha256, _found(self.receipt), receipt
        if self.sha256 != before or not _found(receipt) <= found:
            self.sights.clear()
            self.version += 1

    def sight(self, session: Session) -> Sight:
        """What a browser saw of it."""
        return self.sights.setdefault(session, Sight())

    @property
    def label(self) -> str:
        """Folder and name."""
        return f"{self.folder}/{self.name}" if self.folder else self.name

    @property
    def weight(self) -> int:
        """Bytes in memory."""
        original = self.size if self.run is None and self.handed is not None else 0
        return original + len(self.export or b"") + len(self.small or b"")

    @property
    def waits(self) -> bool:
        """Whether it was not looked at yet."""
        return self.state in (State.WAITING, State.LOOKING) and not self.put_off
