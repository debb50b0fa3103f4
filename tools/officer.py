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
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from officer_albums import DAY, albums
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from running import serve  # noqa: E402

if TYPE_CHECKING:
    from officer_albums import Album
    from playwright.sync_api import Locator, Page

PATIENCE = 180_000
SCAN = ROOT / "samples" / "notes.png"  # stands for the scan of a signed form
expect.set_options(timeout=PATIENCE)


@dataclass
class Count:
    """What an album cost its officer."""

    clicks: int = 0
    keys: int = 0
    fields: int = 0
    letters: int = 0
    waits: int = 0
    waited: float = 0.0
    longest: float = 0.0

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
        self._waited(begun)
        return what

    def dialog(self, title: str) -> Locator:
        return self.sees(self.page.get_by_role("dialog", name=title, exact=True))

    def photos(self) -> list[dict[str, Any]]:
        """What the server's list holds; nobody's action."""
        told = self.page.evaluate("fetch('/api/state').then((answer) => answer.json())")
        return list(told["photos"])

    def _acts(self, act: Any) -> None:
        begun = time.perf_counter()
        act()  # waits until it can be pressed
        self._waited(begun)

    def _waited(self, begun: float) -> None:
        passed = time.perf_counter() - begun
        self.count.waits += 1
        self.count.waited += passed
        self.count.longest = max(self.count.longest, passed)


def named(it: Officer) -> None:
    """Say who answers, before the first answer."""
    it.click("#me-button")
    form = it.dialog("Your name")
    it.write(form.get_by_label("Your name"), "Tan")
    it.click(form.get_by_role("button", name="Save"))
    it.sees(it.page.locator("#me"), "Tan")


def _group(form: Locator, question: str, answer: str) -> Locator:
    return form.get_by_role("group", name=question).get_by_label(answer, exact=True)


def _recorded(it: Officer, form: Locator) -> str:
    before = it.page.locator("#consent-rows tr").count()
    it.click(form.get_by_role("button", name="Record it"))
    it.sees(it.page.locator("#consent-rows tr").nth(before))
    text = it.page.locator("#consent-rows").inner_text()
    return max(re.findall(r"[CEL]-\w{3}-\w{3}-\w{3}", text), key=lambda ref: text.count(ref))


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


# --- the photos one at a time ------------------------------------------------------------------


def one_by_one(it: Officer, album: Album) -> None:
    """Answer every photo in the review, as it comes."""
    it.click('.bar [data-view="review"]')
    while it.page.locator("#review").is_visible():
        title = it.page.locator("#review-title").inner_text()
        photo = next(one for one in it.photos() if title.endswith(one["name"]))
        it.sees(it.page.locator("#photo:not(.loading) #picture"))
        for kind in [finding["kind"] for finding in photo["findings"]][:1]:
            _ANSWERS[kind](it, album, photo)
        it.sees(it.page.locator("#left"), "Tick that you have looked")
        it.tick(it.page.locator("#looked"))
        it.key("e")
        begun = time.perf_counter()
        it.page.wait_for_function(
            "(title) => document.querySelector('#review').hidden"
            " || document.querySelector('#review-title').textContent !== title",
            arg=title,
        )
        it._waited(begun)  # noqa: SLF001


def _box(it: Officer, name: str) -> Locator:
    return it.page.locator("#boxes").get_by_role("button", name=name, exact=True)


def _faces(it: Officer, album: Album, photo: dict[str, Any]) -> None:
    left = sum(finding["kind"] == "face" for finding in photo["findings"])
    if photo["name"] in album.excluded:
        it.click(_box(it, "Face 1, not answered"))
        it.sees(_box(it, "Face 1, will be covered"))
        left -= 1
    if not left:
        return
    it.key("c")
    ask = it.dialog("Who agreed?")
    others = ask.get_by_role("group", name="The answer is also for these faces").locator("label")
    for label in others.all():
        if not (photo["name"] in album.excluded and label.inner_text().strip() == "Face 1"):
            it.tick(label.get_by_role("checkbox"))
    it.tick(ask.get_by_label("I looked: none of the people"))
    it.click(ask.get_by_role("button", name="Use it"))
    it.sees(it.page.locator("#left"), "Tick that you have looked")


def _doubt(it: Officer, album: Album, photo: dict[str, Any]) -> None:
    del album, photo
    it.key("d")


def _clinical(it: Officer, album: Album, photo: dict[str, Any]) -> None:
    if any(need["needs"] == "patient-consent" for need in photo["needs"]):
        it.click(it.page.get_by_role("button", name="The patient agreed"))
        ask = it.dialog("Which patients agreed?")
        patient = ask.get_by_label(re.compile(album.patients[photo["name"]]))
        for other in ask.get_by_role("checkbox", checked=True).all():
            if other.get_attribute("value") != patient.get_attribute("value"):
                other.uncheck()
                it.count.clicks += 1
        if not patient.is_checked():
            it.tick(patient)
        it.write(ask.get_by_label("How many patients can be seen?"), "1")
        it.click(ask.get_by_role("button", name="Use it"))
        expect(ask).to_be_hidden()
    if any(need["needs"] == "place-permission" for need in photo["needs"]):
        it.click(it.page.get_by_role("button", name="The place permits it"))
        ask = it.dialog("Who permits this place?")
        others = ask.locator("details")
        if others.count():
            it.click(others.locator("summary"))
            for one in others.get_by_role("checkbox").all():
                it.tick(one)
        it.click(ask.get_by_role("button", name="Use it"))
        expect(ask).to_be_hidden()


def _source(it: Officer, album: Album, photo: dict[str, Any]) -> None:
    del album, photo
    it.click(it.page.get_by_role("button", name="Draw this line"))


def _code(it: Officer, album: Album, photo: dict[str, Any]) -> None:
    if photo["name"] not in album.public:
        it.key("r")
        return
    it.key("d")
    ask = it.dialog("False alarm")
    it.tick(ask.get_by_label("Everybody may see it"))
    it.click(ask.get_by_role("button", name="Confirm"))


def _text(it: Officer, album: Album, photo: dict[str, Any]) -> None:
    del album, photo
    it.key("r")


_ANSWERS = {
    "face": _faces,
    "doubt": _doubt,
    "clinical": _clinical,
    "source": _source,
    "code": _code,
    "text": _text,
}


def play(album: Album, folder: Path) -> Count:
    """One album from the drop to the last export."""
    files = album.write(folder / "photos")
    with serve(folder / "server", jobs=2) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        page = browser.new_page(
            viewport={"width": 1440, "height": 900}, reduced_motion="reduce", locale="en-GB"
        )
        it = Officer(page)
        page.goto(server.link())
        page.wait_for_selector("body[data-ready]")
        page.set_input_files("#files-input", files)
        expect(page.locator("#clear")).to_be_visible()
        prepared(it, album)
        one_by_one(it, album)
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
            f" {count.longest:.1f} s; {time.perf_counter() - begun:.0f} s in all",
            flush=True,
        )


if __name__ == "__main__":
    main()
