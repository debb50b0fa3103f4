"""Requests about many photos at once: what was on the screen, one answer for all, one undo.

Only photos that this browser was given in that size, and had whole on its screen, can be part of
an answer.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from imu_imageprep.domain import words
from imu_imageprep.domain.answers import Confirmation
from imu_imageprep.domain.errors import ImageprepError, UsageProblem
from imu_imageprep.domain.finding import SECOND
from imu_imageprep.domain.fitting import Unfit
from imu_imageprep.domain.selecting import (
    Cover,
    Credit,
    Dismiss,
    Name,
    Outcome,
    Signed,
    Stay,
    Stays,
    said_of,
)
from imu_imageprep.front.web import bodies, sayings, views
from imu_imageprep.front.web.chosen import Change, Selected
from imu_imageprep.front.web.entry import State, given_of
from imu_imageprep.front.web.photos import LARGEST
from imu_imageprep.front.web.site import in_thread, named, session_of, site_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

    from imu_imageprep.domain.answers import Answer
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.domain.selecting import Saying
    from imu_imageprep.front.web.entry import Entry
    from imu_imageprep.front.web.instance import Session
    from imu_imageprep.front.web.sayings import Said
    from imu_imageprep.front.web.site import Site
    from imu_imageprep.request import Request as Wish
    from imu_imageprep.session import Session as Rules

# The smallest picture in which a face, a text or a scene can be judged, long side in pixels.
LEAST = 400


@dataclass(frozen=True, slots=True)
class _Asked:
    """One photo of a selection, as it stood when it was asked about."""

    entry: Entry
    said: int
    receipt: Receipt
    wish: Wish
    excepted: tuple[str, ...]

    @property
    def stands(self) -> bool:
        """Whether it is still so; what was said, found or released meanwhile counts."""
        now = self.entry
        then = self.said, self.receipt, self.wish
        return now.stage in _OPEN and (now.said, now.receipt, now.request) == then

    @property
    def left(self) -> bool:
        """Whether it was exported meanwhile."""
        return self.entry.state is State.READY


# A photo that waits for a person, and is not on its way out.
_OPEN = ("answer", "look")


@dataclass(frozen=True, slots=True)
class _Request:
    """A saying about many photos, as a browser asks for it."""

    session: Session
    side: int
    said: Said
    signed: Signed

    def about(self, entry: Entry | None) -> _Asked | Stays:
        """A photo as it stands now, or why nothing can be said of it."""
        if entry is None or entry.stage not in _OPEN or entry.receipt is None:
            return Stays.STATE
        if entry.sight(self.session).shown < self.side:
            return Stays.NOT_SHOWN
        left_out = tuple(finding for photo, finding in self.said.excepted if photo == entry.id)
        return _Asked(entry, entry.said, entry.receipt, entry.request, left_out)


async def shown(request: Request) -> Response:
    """Note which photos were whole on the screen; only what was served in that size can be."""
    site, session = site_of(request), session_of(request)
    told = await bodies.values(request, site.settings.bounds)
    side = bodies.whole(told, "side", LEAST, LARGEST)
    seen = []
    for ident in bodies.texts(told, "photos"):
        if (entry := site.album.find(ident)) is None:
            continue
        sight = entry.sight(session)
        if sight.served >= side:
            sight.shown = max(sight.shown, side)
            seen.append(ident)
    return JSONResponse({"shown": seen})


async def select(request: Request) -> Response:
    """Say one thing of many photos; with ``dry`` only tell what would come of it."""
    site, session = site_of(request), session_of(request)
    told = await bodies.values(request, site.settings.bounds)
    side = bodies.whole(told, "side", LEAST, LARGEST)
    say = told.get("say")
    if not isinstance(say, dict):
        raise UsageProblem("Say what is answered.", "Load the page again.")
    dry = told.get("dry") is True
    said = await in_thread(sayings.said, site, say, dry=dry)
    by = named(request) if isinstance(said.saying, Dismiss | Name) else session.name
    wanted = _Request(session, side, said, Signed(by, f"sheet-{side}"))
    idents = bodies.texts(told, "photos")
    if said.person is not None:
        _check_one_moment(site, idents)
    asked, outcomes = await _tried(site, wanted, idents)
    selected = None
    touched = [one for one in asked if outcomes[one.entry.id].will]
    if touched and not dry:
        selected = await _answered(site, touched, outcomes, said.saying)
        outcomes |= {one.entry.id: _late(outcomes[one.entry.id]) for one in touched if one.left}
    return JSONResponse(
        {
            "selection": selected.id if selected else None,
            **_told(outcomes),
            "photos": [views.photo(one.entry) for one in asked],
        }
    )


def _check_one_moment(site: Site, idents: Iterable[str]) -> None:
    """See that photos are shots of one moment, or one photo.

    Raises:
        UsageProblem: they are not.
    """
    found = [entry for ident in idents if (entry := site.album.find(ident)) is not None]
    if len({entry.burst or entry.id for entry in found}) > 1:
        raise UsageProblem(
            "A person is suggested for similar photos only.", "Choose the similar photos."
        )


async def _tried(
    site: Site, wanted: _Request, idents: Iterable[str]
) -> tuple[list[_Asked], dict[str, Outcome]]:
    """What a saying answers in each photo as it stands now.

    One that changed while that was found out is asked about again, so that nothing lies between
    this answer and what the caller does with it.
    """
    asked: dict[str, _Asked] = {}
    outcomes: dict[str, Outcome] = {}
    again = list(dict.fromkeys(idents))
    while again:
        for ident in again:
            about = wanted.about(site.album.find(ident))
            asked.pop(ident, None)
            if isinstance(about, Stays):
                outcomes[ident] = _stays(about)
            else:
                asked[ident] = about
        fresh = [asked[ident] for ident in again if ident in asked]
        outcomes |= await in_thread(_outcomes, site.session, fresh, wanted)
        again = [ident for ident, one in asked.items() if not one.stands]
    return list(asked.values()), outcomes


def _outcomes(session: Rules, asked: Iterable[_Asked], wanted: _Request) -> dict[str, Outcome]:
    """What the saying answers in each photo; in a thread."""
    found = {}
    for one in asked:
        try:
            case = session.case(one.receipt, one.wish)
        except ImageprepError:
            found[one.entry.id] = _stays(Stays.STATE)
            continue
        said = wanted.said
        among = said.among(one.receipt)
        found[one.entry.id] = said_of(case, said.saying, wanted.signed, one.excepted, among=among)
    return found


def _stays(why: Stays) -> Outcome:
    return Outcome(stays=(Stay(None, why),))


def _late(outcome: Outcome) -> Outcome:
    """What was said of a photo that left meanwhile is on record, and changed nothing in it."""
    return replace(outcome, stays=(*outcome.stays, Stay(None, Stays.RELEASED)))


async def _answered(
    site: Site, asked: list[_Asked], outcomes: dict[str, Outcome], saying: Saying
) -> Selected:
    """Take all of it at once, and have the photos judged again.

    What is covered is covered before anything is waited for: it was found out for the photos as
    they stand. A saying either covers, or is recorded.
    """
    given = [
        (one.entry, will.finding.id, answer)
        for one in asked
        for will in outcomes[one.entry.id].will
        for answer in will.answers
    ]
    changes = {one.entry.id: _change(one, outcomes[one.entry.id], saying) for one in asked}
    entered: tuple[Answer, ...] = ()
    if given:
        entered = await in_thread(site.desk.answer_many, [answer for _, _, answer in given])
    for (entry, finding, _), answer in zip(given, entered, strict=True):
        entry.answers = (*entry.answers, given_of(answer, finding))
    for one in asked:
        one.entry.request = changes[one.entry.id].made(one.entry.request)
    selected = Selected(tuple(answer.ref for answer in entered), changes)
    site.chosen.keep(selected)
    # A worker is needed only for what changes the picture, or what is seen in it.
    seen = {
        entry.id
        for (entry, _, _), a in zip(given, entered, strict=True)
        if isinstance(a, Confirmation)
    }
    await _judged(site, [one.entry for one in asked], seen)
    return selected


def _change(asked: _Asked, outcome: Outcome, saying: Saying) -> Change:
    """What a saying adds to the wishes of a photo."""
    if isinstance(saying, Credit):
        return Change(credit=saying.line, before=asked.wish.credit)
    if not isinstance(saying, Cover):
        return Change()
    found = [one.finding for one in outcome.will]
    covers = (views.cover(f, asked.receipt) for f in found if f.id.startswith(SECOND))
    return Change(
        redact=tuple(f.id for f in found if not f.id.startswith(SECOND)),
        boxes=tuple((x, y, w, h) for x, y, w, h in filter(None, covers)),
    )


async def _judged(site: Site, entries: list[Entry], seen: set[str]) -> None:
    """Judge photos by what was said; those whose picture it changes go to a worker, too."""
    for entry in entries:
        entry.said += 1
    waiting = [entry for entry in entries if entry.state is State.HELD]
    await asyncio.gather(*(site.judge(entry) for entry in waiting))
    for entry in entries:
        site.album.changed(entry)
    for entry in waiting:
        if entry.id in seen or entry.request.redact or entry.request.boxes:
            site.refresh_soon(entry)


def _told(outcomes: dict[str, Outcome]) -> dict[str, Any]:
    will = [
        {"photo": ident, "finding": one.finding.id, "need": one.need.value}
        for ident, outcome in outcomes.items()
        for one in outcome.will
    ]
    stays = [
        told_stay(ident, one.finding, one.why)
        for ident, outcome in outcomes.items()
        for one in outcome.stays
    ]
    counts = {
        "photos": sum(bool(outcome.will) for outcome in outcomes.values()),
        "findings": len(will),
        "records": sum(len(outcome.answers) for outcome in outcomes.values()),
        "stays": len(stays),
    }
    return {"will": will, "stays": stays, "counts": counts}


def told_stay(ident: str, finding: str | None, why: Stays | Unfit) -> dict[str, Any]:
    """Something that stays, as the page's scripts read it."""
    message = f"The record {words.UNFIT[why]}." if isinstance(why, Unfit) else words.STAYS[why]
    return {"photo": ident, "finding": finding, "why": why.value, "message": message}


async def undo(request: Request) -> Response:
    """Undo all of one answer: what it recorded is withdrawn, what it covered is not covered."""
    site = site_of(request)
    selected = site.chosen.get(request.path_params["selection"])
    if selected.refs:
        await in_thread(
            site.desk.withdraw_many, selected.refs, reason="undone at the page", by=named(request)
        )
    site.chosen.forget(selected.id)
    gone = frozenset(selected.refs)
    entries = [
        entry
        for entry in site.album.all()
        if entry.id in selected.changes or any(one.ref in gone for one in entry.answers)
    ]
    for entry in entries:
        if entry.releasing:  # what leaves just now leaves by answers that are withdrawn
            async with entry.lock:
                pass
    stays = []
    seen = set()
    for entry in entries:
        seen |= {entry.id for a in entry.answers if a.ref in gone and a.kind == "confirmation"}
        if entry.state is State.READY and not site.drop_result(entry, gone):
            stays.append(told_stay(entry.id, None, Stays.RELEASED))
            continue
        entry.answers = tuple(one for one in entry.answers if one.ref not in gone)
        if (change := selected.changes.get(entry.id)) is not None:
            entry.request = change.undone(entry.request)
    await _judged(site, entries, seen)
    return JSONResponse({"photos": [views.photo(entry) for entry in entries], "stays": stays})


ROUTES = [
    Route("/api/shown", shown, methods=["POST"]),
    Route("/api/selections", select, methods=["POST"]),
    Route("/api/selections/{selection}", undo, methods=["DELETE"]),
]
