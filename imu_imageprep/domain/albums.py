"""Albums: photos of one event, whose others tell what kind of event it is.

Photos of one folder are an album, or several where hours lie between them. What the clinical check
made of the others raises a photo's own score (``doubting``), and never lowers it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from imu_imageprep.domain.doubting import album_evidence
from imu_imageprep.domain.finding import Flag
from imu_imageprep.domain.policy import Level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from imu_imageprep.domain.finding import Examination
    from imu_imageprep.domain.policy import Policy

Name = TypeVar("Name")

# Photos that were taken so long after the one before are of another event.
GAP = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Shot:
    """What the others of an album get to know of one photo; it is told to nobody.

    Attributes:
        logit: of the clinical check's own score; None where it does not say.
        taken: when it was taken, by its own clock; None where the file does not say.
    """

    logit: float | None = None
    taken: datetime | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Turn:
    """What is known of a photo's album when the photo is prepared.

    Attributes:
        waits: the others are not all looked at: what they could make a doubt of does not leave yet.
        evidence: logits that the others add.
        photo: hex sha256 of the file that was looked at in the turn before.
        policy: sha256 of the rules of that turn.
        seen: what every detector answered then.
    """

    waits: bool = False
    evidence: float = 0.0
    photo: str = ""
    policy: str = ""
    seen: tuple[Examination, ...] = ()

    def seen_in(self, photo: str, policy: Policy) -> tuple[Examination, ...]:
        """What was seen in the turn before; nothing where the file or the rules changed since."""
        same = self.photo == photo and self.seen and self.policy == policy.digest()
        return self.seen if same else ()


ALONE = Turn()


def in_album(policy: Policy) -> bool:
    """Whether the others of an album count."""
    return policy.clinical.album and policy.flags.level(Flag.DOUBT) is not Level.OFF


def evidence(shots: Mapping[Name, Shot], asked: Collection[Name]) -> dict[Name, float]:
    """Logits that the others of its album add to each photo that is asked about.

    Args:
        shots: the photos of one folder, in any order.
        asked: names of some of them.
    """
    found = dict.fromkeys(asked, 0.0)
    for album in _split(shots):
        logits = [one for name in album if (one := shots[name].logit) is not None]
        # Scores have four digits: many photos of a large album have the same others.
        known: dict[float | None, float] = {}
        for name in found.keys() & album:
            own = shots[name].logit
            if own not in known:
                known[own] = album_evidence(_without(logits, own))
            found[name] = known[own]
    return found


def _without(logits: list[float], own: float | None) -> list[float]:
    if own is None:
        return logits
    at = logits.index(own)
    return logits[:at] + logits[at + 1 :]


def _split(shots: Mapping[Name, Shot]) -> Iterator[set[Name]]:
    """The albums of one folder; photos that do not say when they were taken are one."""
    whens: defaultdict[datetime, list[Name]] = defaultdict(list)
    undated: set[Name] = set()
    for name, shot in shots.items():
        if shot.taken is None:
            undated.add(name)
        else:
            whens[shot.taken].append(name)
    yield undated
    yield from _at_gaps(sorted(whens.items()))


def _at_gaps(whens: Iterable[tuple[datetime, list[Name]]]) -> Iterator[set[Name]]:
    album: set[Name] = set()
    before: datetime | None = None
    for when, names in whens:
        if before is not None and when - before >= GAP:
            yield album
            album = set()
        album.update(names)
        before = when
    yield album
