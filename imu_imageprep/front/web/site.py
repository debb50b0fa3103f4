"""Everything that a request may need, and what is done with a photo of the list."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import secrets
from typing import TYPE_CHECKING, Any, TypeVar

from imu_imageprep.bench import Dropped, failure_of
from imu_imageprep.desk import Desk
from imu_imageprep.domain.bursts import Glimpse
from imu_imageprep.domain.errors import ImageprepError, UsageProblem
from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.front.web.album import Album, Printer
from imu_imageprep.front.web.catalogue import Catalogue
from imu_imageprep.front.web.chosen import Chosen
from imu_imageprep.front.web.entry import State
from imu_imageprep.front.web.events import Events
from imu_imageprep.front.web.instance import Sessions
from imu_imageprep.front.web.refusals import Refusal, wrong_state
from imu_imageprep.front.web.runs import Runs
from imu_imageprep.front.web.together import Together
from imu_imageprep.request import Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from pathlib import Path

    from starlette import requests as web

    from imu_imageprep.bench import Handed, Prepared
    from imu_imageprep.domain.policy import Policy, Profile
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.front.web.dispatch import Dispatch
    from imu_imageprep.front.web.entry import Entry
    from imu_imageprep.front.web.instance import Session
    from imu_imageprep.front.web.settings import Settings

T = TypeVar("T")

_STATES = {
    Outcome.EXPORTED: State.READY,
    Outcome.SKIPPED: State.READY,
    Outcome.CLEAR: State.HELD,  # nothing holds it any more; a person says when it leaves
    Outcome.HELD: State.HELD,
    Outcome.FAILED: State.FAILED,
}


class Site:
    """One run of the page.

    Attributes:
        settings: how it was started.
        session: policy, configuration and ledger in force now.
        desk: takes answers.
        started: tells this run from another one after a restart.
        sessions: who may come in.
        events: what windows are told.
        album: the photos.
        runs: the typed paths.
        together: which photos are one album.
        printer: forms that were made to be signed.
        chosen: what was answered for many photos at once, to be undone.
        catalogue: the words.
        roots: folders in which typed paths must lie.
        ready: paths that were named at a start and are offered.
        stop: ends the server.
    """

    dispatch: Dispatch  # made when the loop runs

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.session = settings.session
        self.desk = Desk(settings.session.ledger)
        self.started = secrets.token_urlsafe(6)
        self.sessions = Sessions()
        self.events = Events()
        self.album = Album(self.events, settings.bounds)
        self.runs = Runs()
        self.together = Together(
            self.album, self.look_later, self.refresh, settings.bounds.quiet_seconds
        )
        self.printer = Printer()
        self.chosen = Chosen()
        self.catalogue = Catalogue()
        self.roots = settings.roots
        self.ready: tuple[Path, ...] = settings.ready
        self.stop: Callable[[str], None] = lambda _: None

    @property
    def policy(self) -> Policy:
        """The rules in force now."""
        return self.session.policy

    def switch_profile(self, profile: Profile) -> None:
        """Prepare what comes for another page; what was seen is seen again under its rules.

        Raises:
            PolicyProblem: the configuration does not allow it.
        """
        policy = self.policy.replace(profile=profile)
        self.session = dataclasses.replace(self.session, policy=policy)

    def look_later(self, entry: Entry) -> None:
        """Have a photo looked at, and exported where nothing holds it, when its turn comes."""

        async def look() -> None:
            async with entry.lock:
                if not self.album.there(entry):
                    self.together.looked(entry)  # those that it came with wait for it no more
                    return
                if entry.state is not State.WAITING:
                    return
                handed = self.together.turn_of(entry)
                entry.state, entry.put_off = State.LOOKING, False
                self.album.changed(entry)
                try:
                    said = entry.said
                    prepared = await self._looked(handed, entry.request)
                    self.take(entry, prepared)
                    if entry.request != Request():
                        await self.learn(entry, prepared.receipt, said)
                except Exception as problem:
                    self.fail(entry, failure_of(handed, problem))
                    if not isinstance(problem, ImageprepError):
                        raise
                finally:
                    if not entry.put_off:
                        self.runs.went_on([entry], self.events)
                    self.together.looked(entry)

        self.dispatch.later(look)

    async def _looked(self, handed: Handed, request: Request) -> Prepared:
        """A look at a photo whose turn came: only what had nothing to be answered leaves by it.

        What a person chose to cover before is covered: the photo may be looked at anew.
        """
        bench, session = self.dispatch.bench, self.session

        async def work(wish: Request) -> Prepared:
            return await asyncio.wrap_future(bench.prepare(handed, session, wish))

        return await _as_chosen(work, request, dataclasses.replace(request, look_first=True))

    def forget(self, entries: Iterable[Entry]) -> int:
        """Take photos off the list; returns how many were there."""
        gone = list(entries)
        removed = self.album.remove(gone)
        self.runs.went_on(gone, self.events)
        return removed

    def take(self, entry: Entry, prepared: Prepared) -> None:
        """Note what came of a photo; of one that is done with, only the result stays."""
        entry.note(prepared.receipt)
        entry.unchecked = False
        entry.export = prepared.data
        _note_looks(entry, prepared)
        if prepared.receipt.put_off is not None:
            entry.state, entry.put_off = State.WAITING, True
            self.album.changed(entry)
            self.together.looked(entry)
            return
        entry.state = _STATES[prepared.receipt.outcome]
        entry.opens = len(prepared.receipt.held_for)
        self._let_go(entry)

    def fail(self, entry: Entry, receipt: Receipt) -> None:
        """Note that a photo failed."""
        entry.receipt, entry.state, entry.export = receipt, State.FAILED, None
        self._let_go(entry)

    def _let_go(self, entry: Entry) -> None:
        if entry.state is not State.HELD and isinstance(entry.handed, Dropped):
            entry.handed = None
        self.album.changed(entry)

    async def work(self, entry: Entry, request: Request) -> Prepared:
        """Have a photo worked on before all that wait; call with the entry's lock held.

        Raises:
            ImageprepError: its worker died or took too long.
        """
        handed = handed_of(entry)
        bench, session = self.dispatch.bench, self.session
        return await self.dispatch.now(bench.prepare(handed, session, request, urgent=True))

    async def refresh(self, entry: Entry) -> None:
        """Judge a held photo again in a worker, with what was chosen to cover; with its lock held.

        The worker finishes what nothing holds any more, and looks at it once more. Where it dies,
        what was said counts all the same and windows are told at once; another worker tries again.
        """
        await self._refreshed(entry)
        if entry.unchecked:
            self.refresh_soon(entry)

    async def _refreshed(self, entry: Entry) -> None:
        """Judge a held photo in a worker, or without one where that dies."""
        if entry.state is not State.HELD:
            return
        said = entry.said
        chosen = entry.request
        work = functools.partial(self.work, entry)
        try:
            prepared = await _as_chosen(work, chosen, dataclasses.replace(chosen, dry_run=True))
        except ImageprepError:
            entry.unchecked = True
            try:
                await self.judge(entry)
            finally:
                self.album.changed(entry)
            return
        if prepared.receipt.outcome is Outcome.FAILED:
            self.fail(entry, prepared.receipt)
        else:
            _note_looks(entry, prepared)
            await self.learn(entry, prepared.receipt, said)

    def refresh_soon(self, entry: Entry) -> None:
        """Have a held photo judged again when a worker is free; nobody waits for it."""
        if entry.due:
            return
        entry.due = True

        async def again() -> None:
            async with entry.lock:
                entry.due = False
                if self.album.there(entry):
                    # Where another worker died, what was judged stands: the release looks again.
                    with contextlib.suppress(ImageprepError):
                        await self._refreshed(entry)

        self.dispatch.soon(again)

    async def learn(self, entry: Entry, receipt: Receipt, said: int) -> None:
        """Note what a worker found out about a held photo, and judge it.

        Args:
            entry: the photo.
            receipt: of a dry run with what was chosen to cover at that time.
            said: the entry's ``said`` of that time.
        """
        if entry.state is not State.HELD or receipt.source is None:
            return
        entry.note(receipt)
        entry.unchecked = False
        await self.judge(entry)
        if entry.said == said:
            # What shows after covering holds too, however it may be judged without the picture.
            entry.opens = max(entry.opens, len(receipt.held_for))
        self.album.changed(entry)

    async def judge(self, entry: Entry) -> None:
        """Judge a held photo by the answers of now; it is not looked at again."""
        while entry.state is State.HELD and entry.receipt is not None:
            said, receipt = entry.said, entry.receipt
            told = await in_thread(self._judged, receipt, entry.request)
            # What was said, looked at or exported meanwhile counts.
            if (said, receipt, State.HELD) == (entry.said, entry.receipt, entry.state):
                entry.receipt, entry.opens = told
                return

    def _judged(self, receipt: Receipt, request: Request) -> tuple[Receipt, int]:
        """A receipt with what holds it uncovered, and how much does as it was chosen."""
        receipt = self.session.pointed(receipt)
        needs = self.session.open_needs(receipt, Request())
        try:
            open_ = len(self.session.open_needs(receipt, request))
        except UsageProblem:
            open_ = len(needs)
        outcome = Outcome.HELD if needs else Outcome.CLEAR
        return dataclasses.replace(receipt, held_for=needs, outcome=outcome), open_

    async def withdrawn(self, refs: Iterable[str]) -> list[Entry]:
        """After a withdrawal: results that relied on it go, and held photos are judged anew."""
        gone = frozenset(refs)
        self._suggest_no_more(gone)
        changed = []
        for entry in self.album.all():
            relied = entry.receipt is not None and not gone.isdisjoint(entry.receipt.relied_on)
            named = any(
                not gone.isdisjoint((answer.ref, *answer.records)) for answer in entry.answers
            )
            if not relied and not named:
                continue
            async with entry.lock:
                entry.answers = tuple(
                    one for one in entry.answers if gone.isdisjoint((one.ref, *one.records))
                )
                entry.said += 1
                self.drop_result(entry, gone)
                self.album.changed(entry)
                changed.append(entry)
        for entry in changed:  # only now: no trouble with one keeps the result of another
            async with entry.lock:
                await self.refresh(entry)
        return changed

    def _suggest_no_more(self, refs: frozenset[str]) -> None:
        """Nobody is suggested any more who withdrew the consent to be recognised."""
        known = self.session.known
        if known is not None:
            people = tuple(one for one in known.people if one.consent not in refs)
            known = dataclasses.replace(known, people=people)
            self.session = dataclasses.replace(self.session, known=known)

    def drop_result(self, entry: Entry, refs: frozenset[str]) -> bool:
        """Drop the result of a photo that relied on one of some references; whether it did."""
        relied = entry.receipt is not None and not refs.isdisjoint(entry.receipt.relied_on)
        if relied and entry.state is State.READY:
            entry.state, entry.export = State.GONE, None
            return True
        return False


async def _as_chosen(
    work: Callable[[Request], Awaitable[Prepared]], chosen: Request, wish: Request
) -> Prepared:
    """What comes of a photo by a wish; where what was chosen fails, it is judged without that.

    What was chosen may be there no more, as in a file that was changed; it does not leave then.
    """
    prepared = await work(wish)
    if prepared.receipt.outcome is Outcome.FAILED and chosen != Request():
        prepared = await work(Request(dry_run=True))
    return prepared


def _note_looks(entry: Entry, prepared: Prepared) -> None:
    """Keep what a look told besides its receipt, for lists and for the next look."""
    if prepared.small is not None and prepared.pattern is not None:
        entry.small = prepared.small
        taken = prepared.receipt.shot.taken
        entry.glimpse = entry.glimpse or Glimpse(taken, prepared.pattern)
    if entry.handed is not None and prepared.turn.seen:
        before = entry.handed.turn
        turn = dataclasses.replace(prepared.turn, waits=before.waits, evidence=before.evidence)
        entry.handed = dataclasses.replace(entry.handed, turn=turn)


def handed_of(entry: Entry) -> Handed:
    """The photo itself.

    Raises:
        Refusal: it is done with, and was let go.
    """
    if entry.handed is None:
        raise wrong_state()
    return entry.handed


def site_of(request: web.Request) -> Site:
    """The run that a request came to."""
    site: Site = request.app.state.site
    return site


def session_of(request: web.Request) -> Session:
    """The browser that a request came from."""
    session: Session = request.scope["session"]
    return session


def named(request: web.Request) -> str:
    """The name of the person at the page.

    Raises:
        Refusal: it was not told yet.
    """
    name = session_of(request).name
    if not name:
        raise Refusal(409, "no-name", "An answer needs your name.", "Type your name.")
    return name


async def in_thread(call: Callable[..., T], *args: Any, **options: Any) -> T:
    """Call something that waits for the disk."""
    return await asyncio.to_thread(call, *args, **options)
