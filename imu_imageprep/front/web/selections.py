"""Requests about many photos at once: what was on the screen, one answer for all, one undo.

Only photos that this browser was given in that size, and had whole on its screen, can be part of
an answer.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from imu_imageprep.domain import reference, words
from imu_imageprep.domain.answers import Confirmation
from imu_imageprep.domain.caption import check_credit
from imu_imageprep.domain.consent import ConsentRecord
from imu_imageprep.domain.errors import ImageprepError, UsageProblem
from imu_imageprep.domain.finding import SECOND
from imu_imageprep.domain.fitting import Unfit
from imu_imageprep.domain.needs import GROUPS, Need, Reason, rule_of
from imu_imageprep.domain.permits import EventConsent, PlacePermission
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
from imu_imageprep.domain.trail import State as Standing
from imu_imageprep.front.web import bodies, views
from imu_imageprep.front.web.chosen import Change, Selected
from imu_imageprep.front.web.entry import State, given_of
from imu_imageprep.front.web.photos import LARGEST
from imu_imageprep.front.web.site import in_thread, named, session_of, site_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

    from imu_imageprep.domain.answers import Record
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.domain.selecting import Saying
    from imu_imageprep.front.web.entry import Entry
    from imu_imageprep.front.web.site import Site
    from imu_imageprep.request import Request as Wish
    from imu_imageprep.session import Session

# The smallest picture in which a face, a text or a scene can be judged, long side in pixels.
LEAST = 400

# How the page calls what is covered together, by ``needs.GROUPS``.
_COVER = {f"cover-{group}": group for group in GROUPS} | {"cover-texts": "text"}
# Which records answer which need for many photos, in the words of the page.
_RECORDS: dict[str, tuple[Need, type[Record]]] = {
    "signed": (Need.PERSON_CONSENT, EventConsent),
    "place": (Need.PLACE_PERMISSION, PlacePermission),
    "patients": (Need.PATIENT_CONSENT, ConsentRecord),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """One photo of a selection, as it stood when it was asked about."""

    entry: Entry
    receipt: Receipt
    wish: Wish
    excepted: tuple[str, ...]


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
    saying = await in_thread(_saying, site, say, dry=dry)
    by = named(request) if isinstance(saying, Dismiss | Name) else session.name
    excepted = _excepted(say)
    asked: list[_Asked] = []
    outcomes: dict[str, Outcome] = {}
    for ident in dict.fromkeys(bodies.texts(told, "photos")):
        entry = site.album.find(ident)
        if entry is None or entry.stage not in ("answer", "look") or entry.receipt is None:
            outcomes[ident] = _stays(Stays.STATE)
        elif entry.sight(session).shown < side:
            outcomes[ident] = _stays(Stays.NOT_SHOWN)
        else:
            left_out = tuple(finding for photo, finding in excepted if photo == ident)
            asked.append(_Asked(entry, entry.receipt, entry.request, left_out))
    signed = Signed(by, f"sheet-{side}")
    outcomes |= await in_thread(_outcomes, site.session, asked, saying, signed)
    selected = None
    touched = [one for one in asked if outcomes[one.entry.id].will]
    if touched and not dry:
        selected = await _answered(site, touched, outcomes, saying)
    return JSONResponse(
        {
            "selection": selected.id if selected else None,
            **_told(outcomes),
            "photos": [views.photo(one.entry) for one in asked],
        }
    )


def _saying(site: Site, say: dict[str, Any], *, dry: bool) -> Saying:
    """What the page says, read; in a thread.

    What would be recorded is told before the person says that nobody in it is excluded.
    """
    what = bodies.text(say, "what")
    if what in _COVER:
        return Cover(_COVER[what])
    if what == "credit":
        line = bodies.text(say, "line")
        check_credit(line)
        return Credit(line)
    if what == "nothing-clinical":
        return Dismiss("doubt", Need.LOOK, Reason.NOTHING_CLINICAL)
    if what == "dismiss":
        return _dismiss(say)
    if what not in _RECORDS:
        raise UsageProblem("This cannot be said of many photos.", "Load the page again.")
    need, kind = _RECORDS[what]
    refs = bodies.texts(say, "records") or (bodies.text(say, "record"),)
    captured = bodies.text(say, "captured", needed=False)
    return Name(
        need,
        tuple(_record(site, ref, kind) for ref in dict.fromkeys(refs)),
        captured=bodies.day(captured) if captured else None,
        nobody_excluded=dry or say.get("nobody_excluded") is True,
    )


def _dismiss(say: dict[str, Any]) -> Dismiss:
    kind = bodies.text(say, "kind")
    try:
        need, reason = Need(bodies.text(say, "need")), Reason(bodies.text(say, "reason"))
    except ValueError:
        need, reason = Need.LOOK, None
    if reason is None or reason not in rule_of(kind, need).reasons:
        raise UsageProblem(
            "This need or reason does not exist here.", "Choose one that is offered."
        )
    return Dismiss(kind, need, reason)


def _record(site: Site, ref: str, kind: type[Record]) -> Record:
    listed = site.desk.record(reference.read(ref))
    if not isinstance(listed.entry, kind):
        raise UsageProblem(f"The record {listed.ref} does not answer this.", "Choose another one.")
    if listed.state is not Standing.IN_FORCE:
        raise UsageProblem(
            f"The record {listed.ref} was {listed.state.value} and answers nothing.",
            "Choose another one.",
        )
    return listed.entry


def _excepted(say: dict[str, Any]) -> list[tuple[str, str]]:
    """Photos with findings that are left out."""
    value = say.get("except") or []
    if not isinstance(value, list):
        raise UsageProblem("What is left out is a list.", "Load the page again.")
    pairs = []
    for one in value:
        match one:
            case [str(photo), str(finding)]:
                pairs.append((photo, finding))
            case _:
                raise UsageProblem(
                    "What is left out is a photo and a finding.", "Load the page again."
                )
    return pairs


def _outcomes(
    session: Session, asked: Iterable[_Asked], saying: Saying, signed: Signed
) -> dict[str, Outcome]:
    """What the saying answers in each photo; in a thread."""
    found = {}
    for one in asked:
        try:
            case = session.case(one.receipt, one.wish)
        except ImageprepError:
            found[one.entry.id] = _stays(Stays.STATE)
            continue
        found[one.entry.id] = said_of(case, saying, signed, one.excepted)
    return found


def _stays(why: Stays) -> Outcome:
    return Outcome(stays=(Stay(None, why),))


async def _answered(
    site: Site, asked: list[_Asked], outcomes: dict[str, Outcome], saying: Saying
) -> Selected:
    """Record all of it at once, and have the photos judged again."""
    given = [
        (one.entry, will.finding.id, answer)
        for one in asked
        for will in outcomes[one.entry.id].will
        for answer in will.answers
    ]
    changes = {one.entry.id: _change(one, outcomes[one.entry.id], saying) for one in asked}
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
