"""Play an officer who answers an album at the page, in a real browser; count every click and key.

    python tools/officer.py              # the three albums of officer_albums.py
    python tools/officer.py a c

Counted are clicks, single keys, and fields that are typed into (with their letters told apart);
waiting is the time from an action until the page shows what comes of it. Needs Chromium on the
system, and playwright (in the development group).
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from officer_albums import DAY, albums
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from running import serve  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from officer_albums import Album
    from playwright.sync_api import Locator, Page

PATIENCE = 300_000  # milliseconds; only when to give up on a machine under load
SCAN = ROOT / "samples" / "notes.png"  # stands for the scan of a signed form
RELEASED = """() => import('/static/store.js').then(
    ({ inState }) => inState('held').every((photo) => photo.stage === 'answer'))"""
expect.set_options(timeout=PATIENCE)


@dataclass
class Count:
    """What an album cost its officer."""

    clicks: int = 0
    keys: int = 0
    fields: int = 0
    letters: int = 0
    waited: float = 0.0
    longest: dict[str, float] = field(default_factory=dict)

    @property
    def actions(self) -> int:
        """Clicks, keys, and fields that were typed into."""
        return self.clicks + self.keys + self.fields


class Officer:
    """Hands and eyes at the page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = Count()
        page.set_default_timeout(PATIENCE)

    def click(self, what: str | Locator) -> None:
        found = self.page.locator(what) if isinstance(what, str) else what
        self._acts(found.click)
        self.count.clicks += 1

    def tick(self, what: Locator) -> None:
        """One click that has to leave a box ticked."""
        self._acts(what.check)
        self.count.clicks += 1

    def key(self, name: str) -> None:
        self._acts(lambda: self.page.keyboard.press(name))
        self.count.keys += 1

    def write(self, field: Locator, text: str) -> None:
        field.fill(text)
        self.count.fields += 1
        self.count.letters += len(text)

    def choose(self, field: Locator, value: str) -> None:
        field.select_option(value)
        self.count.clicks += 2

    def scan(self, field: Locator) -> None:
        field.set_input_files(SCAN)
        self.count.clicks += 2

    def sees(self, what: Locator, text: str | None = None) -> Locator:
        """Wait until something is there; the time is counted."""
        begun = time.perf_counter()
        if text is None:
            expect(what).to_be_visible()
        else:
            expect(what).to_have_text(re.compile(text))
        self.waited("page", begun)
        return what

    def dialog(self, title: str) -> Locator:
        return self.sees(self.page.get_by_role("dialog", name=title, exact=True))

    def photos(self) -> list[dict[str, Any]]:
        """What the server's list holds; nobody's action."""
        told = self.page.evaluate("fetch('/api/state').then((answer) => answer.json())")
        return list(told["photos"])

    def range(self, what: Locator) -> None:
        """Choose everything up to here."""
        self._acts(lambda: what.click(modifiers=["Shift"]))
        self.count.clicks += 1

    def until(self, condition: str, about: Any = None) -> None:
        """Wait until the page says so; the time is counted."""
        begun = time.perf_counter()
        self.page.wait_for_function(condition, arg=about)
        self.waited("page", begun)

    def _acts(self, act: Any) -> None:
        begun = time.perf_counter()
        act()  # waits until it can be pressed
        self.waited("page", begun)

    def waited(self, what: str, begun: float) -> None:
        """Note that something took time; what it was is told apart."""
        passed = time.perf_counter() - begun
        self.count.waited += passed
        self.count.longest[what] = max(self.count.longest.get(what, 0.0), passed)


def named(it: Officer) -> None:
    """Say who answers, before the first answer."""
    it.click("#me-button")
    form = it.dialog("Your name")
    it.write(form.get_by_label("Your name"), "Tan")
    it.click(form.get_by_role("button", name="Save"))
    it.sees(it.page.locator("#me"), "Tan")


def _group(form: Locator, question: str, answer: str) -> Locator:
    return form.get_by_role("group", name=question).get_by_label(answer, exact=True)


def _recorded(it: Officer, form: Locator) -> None:
    before = it.page.locator("#consent-rows tr").count()
    it.click(form.get_by_role("button", name="Record it"))
    it.sees(it.page.locator("#consent-rows tr").nth(before))


def _new_record(it: Officer, kind: str) -> Locator:
    it.click("#consent-add")
    form = it.dialog("Record a consent")
    it.choose(form.get_by_label("Who is shown?"), kind)
    return form


def record_sheet(it: Officer) -> None:
    """Record the event's sheet."""
    form = _new_record(it, "event")
    it.write(form.get_by_label("Name of the event"), "Open day")
    it.tick(_group(form, "Who signed", "Visitors"))
    it.write(form.get_by_label("How many people signed"), "40")
    it.write(form.get_by_label("Who must not be shown"), "three guests with a red badge")
    it.write(form.get_by_label("First day"), DAY)
    it.write(form.get_by_label("Last day"), DAY)
    it.tick(_group(form, "Do they agree to be recognised?", "Yes"))
    it.scan(form.get_by_label("Scan or photo of the signed event sheet"))
    it.write(form.get_by_label("Signed on"), DAY)
    _recorded(it, form)


def record_patient(it: Officer, code: str) -> None:
    """Record what one patient signed."""
    form = _new_record(it, "patient")
    it.write(form.get_by_label("Code for the person"), code)
    it.write(form.get_by_label("Who agreed (name)"), "The patient")
    it.tick(_group(form, "Could they decide for themselves?", "Yes"))
    it.tick(_group(form, "Is the person under 18?", "No"))
    it.tick(_group(form, "Do they agree to be recognised?", "Yes"))
    it.tick(_group(form, "Were they told", "Yes"))
    it.tick(_group(form, "How did they agree?", "In writing"))
    it.scan(form.get_by_label("Scan or photo of the signed form"))
    it.write(form.get_by_label("Signed on"), DAY)
    _recorded(it, form)


def record_place(it: Officer) -> None:
    """Record the clinic's permission."""
    form = _new_record(it, "place")
    it.write(form.get_by_label("Name of the place"), "Eye clinic")
    it.write(form.get_by_label("Office that may give the permission"), "the clinic's director")
    it.write(form.get_by_label("Who agreed (name)"), "The director")
    it.write(form.get_by_label("First day"), DAY)
    it.write(form.get_by_label("Last day"), DAY)
    it.write(form.get_by_label("Signed on"), DAY)
    _recorded(it, form)


def prepared(it: Officer, album: Album) -> None:
    """Give a name, and record what was signed."""
    named(it)
    if album.name == "c":
        return
    it.click('.bar [data-view="consents"]')
    if album.name == "a":
        record_sheet(it)
    else:
        record_patient(it, "W3-01")
        record_patient(it, "W3-02")
        record_place(it)


# --- the light table, and what is left for the review ---------------------------------------------

_MOVED = """(before) => scrollY !== before
    || scrollY + innerHeight >= document.documentElement.scrollHeight - 2"""
_ON_SCREEN = """() => {
    const bars = document.querySelector('#acts').getBoundingClientRect().top;
    const whole = [...document.querySelectorAll('#tiles [data-photo]')].filter((tile) => {
        const { top, bottom } = tile.getBoundingClientRect();
        return top >= 0 && bottom <= Math.min(innerHeight, bars) + 1;
    });
    return import('/static/shown.js').then(
        ({ shownAt }) => whole.length > 0 && whole.every((tile) => shownAt(tile.dataset.photo)));
}"""


def answer_on_the_table(it: Officer, album: Album) -> None:
    """Look at everything on the light table, and say for all at once what is true of all."""
    it.click('.bar [data-view="table"]')
    for ask in _ALBUMS[album.name]:
        ask(it, album)


def look_over(it: Officer, each: Callable[[str], None] | None = None) -> None:
    """Page through what is listed until all of it was whole on the screen."""
    names: set[str] = set()
    while True:
        it.until(_ON_SCREEN)
        shown = set(it.page.locator("#tiles [data-photo] .name").all_inner_texts())
        if each is not None:
            for name in sorted(shown - names):
                each(name)
        names |= shown
        seen, every = re.findall(r"\d+", it.page.locator("#table-count").inner_text())
        if seen == every:
            return
        before = it.page.evaluate("scrollY")
        it.key("f")
        it.until(_MOVED, before)


def say(it: Officer, what: str, dialog: str, *ticks: str) -> None:
    """Say something about what is chosen, and confirm what will be recorded."""
    number = it.page.locator(f"#say-{what} kbd").inner_text()
    it.key(number)
    ask = it.dialog(dialog)
    for tick in ticks:
        it.tick(ask.get_by_label(tick))
    it.click(ask.locator('button[type="submit"]:not([aria-disabled="true"])'))
    begun = time.perf_counter()
    expect(ask).to_be_hidden()
    it.waited("answer", begun)


def reason(it: Officer, name: str) -> None:
    """Show only what waits for one reason."""
    it.click(f'#reasons [data-key="reason-{name}"]')


def choose(it: Officer, names: Iterable[str]) -> None:
    """Press the photos of some names, each after the other."""
    for name in names:
        it.click(it.page.locator("#tiles [data-photo]", has_text=name).locator(".tick"))


def the_event(it: Officer, album: Album) -> None:
    def cover(name: str) -> None:
        if name in album.excluded:
            tile = it.page.locator("#tiles [data-photo]", has_text=name)
            it.click(tile.locator('[data-cover="face-1"]'))

    look_over(it, cover)
    it.key("q")
    say(it, "signed", "All of them signed a sheet", "I looked: none of the people")


def the_doubts(it: Officer, album: Album) -> None:
    del album
    reason(it, "doubt")
    look_over(it)
    it.key("q")
    say(it, "nothing-clinical", "Nothing clinical")


def the_place(it: Officer, album: Album) -> None:
    del album
    look_over(it)
    it.key("q")
    say(it, "place", "The place permits it")


def the_patients(it: Officer, album: Album) -> None:
    for code in sorted(set(album.patients.values())):
        choose(it, (name for name, shown in album.patients.items() if shown == code))
        say(it, "patients", "The patients agreed", code)
        it.key("x")


def the_credits(it: Officer, album: Album) -> None:
    reason(it, "credit")
    look_over(it)
    for first, last in (("mixed-01.jpg", "mixed-06.jpg"), ("mixed-07.jpg", "mixed-10.jpg")):
        choose(it, [first])
        it.range(it.page.locator("#tiles [data-photo]", has_text=last).locator(".tick"))
        say(it, "credit", "Credit line")
        it.key("x")
    del album


def the_codes(it: Officer, album: Album) -> None:
    reason(it, "code")
    look_over(it)
    first, *_, last = sorted(album.public)
    choose(it, [first])
    it.range(it.page.locator("#tiles [data-photo]", has_text=last).locator(".tick"))
    say(it, "dismiss", "False alarm", "Everybody may see it")
    it.key("x")
    it.key("q")
    say(it, "cover-codes", "Cover the codes")


def the_texts(it: Officer, album: Album) -> None:
    del album
    look_over(it)
    it.key("q")
    say(it, "cover-texts", "Cover the text")


_ALBUMS = {
    "a": (the_event,),
    "b": (the_doubts, the_place, the_patients),
    "c": (the_credits, the_codes, the_texts),
}


def last_look(it: Officer) -> None:
    """Look at every picture as it will be exported, and say that it is fine."""
    it.click('.bar [data-view="look"]')
    while it.page.locator("#look").is_visible():
        it.sees(it.page.locator('#look-fine[aria-disabled="false"]'))
        title = it.page.locator("#look-title").inner_text()
        it.key("f")
        it.until(
            "(title) => document.querySelector('#look').hidden"
            " || document.querySelector('#look-title').textContent !== title",
            title,
        )


def play(album: Album, folder: Path) -> Count:
    """One album from the drop to the last export."""
    files = album.write(folder / "photos")
    with serve(folder / "server", jobs=2) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        page = browser.new_page(
            viewport={"width": 1920, "height": 1000}, reduced_motion="reduce", locale="en-GB"
        )
        it = Officer(page)
        page.goto(server.link())
        page.wait_for_selector("body[data-ready]")
        page.set_input_files("#files-input", files)
        expect(page.locator("#clear")).to_be_visible()
        prepared(it, album)
        answer_on_the_table(it, album)
        last_look(it)
        it.until(RELEASED)
        states = {one["state"] for one in it.photos()}
        assert states == {"ready"}, states
        browser.close()
    return it.count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("albums", nargs="*", default=["a", "b", "c"])
    made = albums()
    for name in parser.parse_args().albums:
        album = made[name]
        begun = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            count = play(album, Path(folder))
        photos = len(album.photos)
        print(
            f"{name}: {photos} photos, {count.actions} actions ({count.actions / photos:.2f} each):"
            f" {count.clicks} clicks, {count.keys} keys, {count.fields} fields"
            f" ({count.letters} letters); waited {count.waited:.0f} s, at most"
            f" {', '.join(f'{most:.1f} s for {what}' for what, most in count.longest.items())};"
            f" {time.perf_counter() - begun:.0f} s in all",
            flush=True,
        )


if __name__ == "__main__":
    main()
