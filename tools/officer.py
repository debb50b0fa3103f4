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
from pathlib import Path
from typing import TYPE_CHECKING

from officer_albums import DAY, albums
from officer_hands import Officer
from officer_ledger import entries, one_by_one
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from running import serve  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from officer_albums import Album
    from officer_hands import Count
    from playwright.sync_api import Locator

RELEASED = """() => import('/static/store.js').then(
    ({ inState }) => inState('held').every((photo) => photo.stage === 'answer'))"""


def named(it: Officer) -> None:
    """Say who answers, where it is asked."""
    form = it.dialog("Your name")
    it.write(form.get_by_label("Your name"), "Tan")
    it.click(form.get_by_role("button", name="Save"))
    it.sees(it.page.locator("#me"), "Tan")


def _named_first(it: Officer) -> None:
    if it.page.locator("#me").inner_text() != "Tan":
        named(it)


def _group(form: Locator, question: str, answer: str) -> Locator:
    return form.get_by_role("group", name=question).get_by_label(answer, exact=True)


def _recorded(it: Officer, form: Locator) -> None:
    before = it.page.locator("#consent-rows tr").count()
    it.click(form.get_by_role("button", name="Record it"))
    it.sees(it.page.locator("#consent-rows tr").nth(before))


def _new_record(it: Officer, kind: str) -> Locator:
    it.click("#consent-add")
    _named_first(it)
    form = it.dialog("Record a consent")
    it.choose(form.get_by_label("Who is shown?"), kind)
    return form


def record_sheet(it: Officer, form: Locator) -> None:
    """Record the event's sheet in a form."""
    it.write(form.get_by_label("Name of the event"), "Open day")
    it.tick(_group(form, "Who signed", "Visitors"))
    it.write(form.get_by_label("How many people signed"), "40")
    it.write(form.get_by_label("Who must not be shown"), "three guests with a red badge")
    it.write(form.get_by_label("First day"), DAY)
    it.write(form.get_by_label("Last day"), DAY)
    it.tick(_group(form, "Do they agree to be recognised?", "Yes"))
    it.scan(form.get_by_label("Scan or photo of the signed event sheet"))
    it.write(form.get_by_label("Signed on"), DAY)
    it.click(form.get_by_role("button", name="Record it"))
    expect(form).to_be_hidden()


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
    """Record what was signed, where nothing asks for it in a form of its own kind."""
    if album.name != "b":
        return
    it.click('.bar [data-view="consents"]')
    record_patient(it, "W3-01")
    record_patient(it, "W3-02")
    record_place(it)


# --- the light table, and what is left for the review ---------------------------------------------

_DRAWN = """() => new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"""
# The photos that are whole between the two bars.
_WHOLE = """(() => {
    const bar = document.querySelector('.bar').getBoundingClientRect().bottom;
    const acts = document.querySelector('#acts').getBoundingClientRect().top;
    return [...document.querySelectorAll('#tiles [data-photo]')].filter((tile) => {
        const { top, bottom } = tile.getBoundingClientRect();
        return top >= Math.max(0, bar) - 1 && bottom <= Math.min(innerHeight, acts) + 1;
    });
})()"""
_ON_SCREEN = f"""async () => {{
    const {{ shownAt }} = await import('/static/shown.js');
    const whole = {_WHOLE};
    return whole.length > 0 && whole.every((tile) => shownAt(tile.dataset.photo));
}}"""
_NAMES = f"() => {_WHOLE}.map((tile) => tile.querySelector('.name').textContent)"


def answer_on_the_table(it: Officer, album: Album) -> None:
    """Look at everything on the light table, and say for all at once what is true of all."""
    it.click('.bar [data-view="table"]')
    for ask in _ALBUMS[album.name]:
        ask(it, album)


def look_over(it: Officer, each: Callable[[str], None] | None = None) -> None:
    """Page through what is listed until all of it was whole on the screen."""
    names: set[str] = set()
    way = "f"
    while True:
        it.until(_ON_SCREEN)
        shown = set(it.page.evaluate(_NAMES))
        if each is not None:
            for name in sorted(shown - names):
                each(name)
        names |= shown
        seen, every = re.findall(r"\d+", it.page.locator("#table-count").inner_text())
        if seen == every:
            return
        before = it.page.evaluate("scrollY")
        it.key(way)
        it.until(_DRAWN)
        if it.page.evaluate("scrollY") == before:  # this is the end
            way = "v" if way == "f" else "f"


def say(
    it: Officer,
    what: str,
    dialog: str,
    *ticks: str,
    first: Callable[[Locator], None] | None = None,
) -> None:
    """Say something about what is chosen, and confirm what will be recorded."""
    number = it.page.locator(f"#say-{what} kbd").inner_text()
    it.key(number)
    _named_first(it)
    ask = it.dialog(dialog)
    if first is not None:
        first(ask)
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

    def record(ask: Locator) -> None:
        it.click(ask.get_by_role("button", name="Record an event sheet"))
        record_sheet(it, it.dialog("Record an event sheet"))

    look_over(it, cover)
    it.key("q")
    ticks = "I looked: none of the people"
    say(it, "signed", "All of them signed a sheet", ticks, first=record)


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


def play(album: Album, folder: Path) -> tuple[Count, Path]:
    """One album from the drop to the last export; what it cost, and the ledger."""
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
        return it.count, server.ledger


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("albums", nargs="*", default=["a", "b", "c"])
    made = albums()
    for name in parser.parse_args().albums:
        album = made[name]
        begun = time.perf_counter()
        photos = len(album.photos)
        with tempfile.TemporaryDirectory() as folder:
            here = Path(folder)
            count, ledger = play(album, here)
            seconds = time.perf_counter() - begun
            print(
                f"{name}: {photos} photos, {count.actions} actions"
                f" ({count.actions / photos:.2f} each): {count.clicks} clicks, {count.keys} keys,"
                f" {count.fields} fields ({count.letters} letters); waited {count.waited:.0f} s, at"
                " most"
                f" {', '.join(f'{most:.1f} s for {what}' for what, most in count.longest.items())};"
                f" {seconds:.0f} s in all",
                flush=True,
            )
            files = sorted((here / "photos").iterdir())
            ours = entries(ledger, files)
            theirs = entries(one_by_one(album, here / "again"), files)
        same = "equal those" if ours == theirs else "DIFFER from those"
        print(f"   {ours.total()} entries of the ledger {same} of one by one", flush=True)
        for more, fewer in ((ours, theirs), (theirs, ours)):
            for entry in sorted(more - fewer):
                print(f"  only {'here' if more is ours else 'one by one'}: {entry}")


if __name__ == "__main__":
    main()
