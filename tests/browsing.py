"""A real headless Chromium in front of a real server."""

from __future__ import annotations

import importlib.util
import io
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Locator
    from running import Server

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# Conditions are waited for, never times; this is only when to give up on a machine under load.
PATIENCE = 120_000
expect.set_options(timeout=PATIENCE)

LOOKED = """async () => {
    const { busy } = await import("/static/intake.js");
    const { inState, watch } = await import("/static/store.js");
    await new Promise((done) => {
        const look = () => {
            if (!busy() && inState("waiting", "looking").length === 0) done();
        };
        watch(look);
        look();
    });
}"""

WEIGHT = """() => ["navigation", "resource"]
    .flatMap((kind) => performance.getEntriesByType(kind))
    .filter(({ name }) => !/[/](picture|export|preview)([?]|$)/.test(name))
    .reduce((sum, one) => sum + one.encodedBodySize, 0)"""

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed (Debian: apt-get install chromium)"
)


class Window:
    """A window of the page, and everything that went wrong in it."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server
        self.problems: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("dialog", lambda dialog: self._opened(dialog.message))
        page.on("console", self._said)
        page.on("request", lambda asked: self._outside(asked.url))

    def _said(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.problems.append(said.text)

    def _opened(self, message: str) -> None:
        self.problems.append(f"a dialog opened: {message}")

    def _outside(self, url: str) -> None:
        if not url.startswith((self.server.url, "blob:", "about:")):
            self.problems.append(f"asked for {url}")

    def weight(self) -> int:
        """The bytes of everything that the page has loaded so far, photos apart."""
        found: int = self.page.evaluate(WEIGHT)
        return found

    def enter(self) -> None:
        """Come in through a fresh link, and wait until the page is alive."""
        self.page.goto(self.server.link())
        self.page.wait_for_url(f"{self.server.url}/")
        self.alive()

    def alive(self) -> None:
        self.page.wait_for_selector("body[data-ready]")

    def view(self, name: str) -> None:
        """Go to a view by the bar."""
        self.page.click(f'.bar [data-view="{name}"]')
        expect(self.page.locator(f"#view-{name}")).to_be_visible()

    def choose(self, first: Path, *others: Path) -> None:
        """Choose files by the picker, and wait until they are looked at.

        The first is chosen alone: of two that are sent at once, either may come first.
        """
        for files in filter(None, ([first], list(others))):
            self.page.set_input_files("#files-input", files)
            self.looked()

    def drop(self, folder: Path) -> None:
        """Drop a folder onto the page, as a file manager does."""
        target = self.page.locator("#drop").bounding_box()
        assert target is not None
        x, y = target["x"] + target["width"] / 2, target["y"] + target["height"] / 2
        session = self.page.context.new_cdp_session(self.page)
        data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            session.send("Input.dispatchDragEvent", {"type": kind, "x": x, "y": y, "data": data})
        session.detach()

    def looked(self) -> None:
        """Wait until nothing is left to be looked at, and the page says so."""
        self.page.evaluate(LOOKED)  # what is drawn may still tell of the files before
        expect(self.page.locator("#clear")).to_be_visible()

    def listed(self, name: str) -> None:
        """See a photo in the list: only rows near the window are in the page."""
        row = self.page.locator("#files > li").filter(has_text=name)
        last = -1
        while not row.count() and (now := self.page.evaluate("scrollY")) != last:
            last = now
            self.page.evaluate("scrollBy(0, innerHeight); new Promise(requestAnimationFrame)")
        expect(row).to_be_attached()

    def name(self, name: str = "Tan") -> None:
        """Type the name that is asked for with the first answer."""
        dialog = self.dialog("Your name")
        dialog.get_by_label("Your name").fill(name)
        dialog.get_by_role("button", name="Save").click()

    def dialog(self, title: str) -> Locator:
        found = self.page.get_by_role("dialog", name=title, exact=True)
        expect(found).to_be_visible()
        return found

    def box(self, name: str) -> Locator:
        """A box over the photo, by its name and what became of it."""
        return self.page.locator("#boxes").get_by_role("button", name=name, exact=True)

    def finish(self, then: str | None) -> None:
        """Have a last look at the photo in review, and wait for the next one (None: no other)."""
        expect(self.page.locator("#let-go")).to_have_attribute("aria-disabled", "false")
        self.page.keyboard.press("e")
        self.fine()
        if then is None:
            self.released()
        else:
            expect(self.page.locator("#review-title")).to_have_text(then)

    def fine(self) -> None:
        """Say of the picture in the last look that it is fine, once it was seen for a moment."""
        expect(self.page.locator("#look-fine")).to_have_attribute("aria-disabled", "false")
        self.page.keyboard.press("f")

    def released(self) -> None:
        """Wait until all that was looked at has left; where it does not, what the server says."""
        try:
            expect(self.page.locator("#look-empty-text")).to_contain_text(
                "were looked at, and are ready"
            )
        except AssertionError as never:
            told = [(n, p["state"], p["stage"], p["error"]) for n, p in self.photos().items()]
            never.add_note(f"the server: {told}; the page's problems: {self.problems}")
            raise

    def photos(self) -> dict[str, dict[str, Any]]:
        """What the server's list holds, by name with folder."""
        told = self.page.evaluate("fetch('/api/state').then((answer) => answer.json())")
        return {"/".join(filter(None, (p["folder"], p["name"]))): p for p in told["photos"]}

    def send(self, method: str, path: str, values: Any) -> Any:
        """Ask the server for a change, as the page's scripts do."""
        return self.page.evaluate(
            "([method, path, values]) => fetch(path, {method, body: JSON.stringify(values), "
            "headers: {'Content-Type': 'application/json', 'X-CSRF-Token': "
            "document.querySelector('meta[name=csrf]').content}}).then((answer) => answer.json())",
            [method, path, values],
        )

    def zipped(self) -> bytes:
        """Everything that is ready, downloaded from the results."""
        ready = [one for one in self.photos().values() if one["state"] == "ready"]
        self.view("results")
        with self.page.expect_download() as download:
            self.page.click("#download-all")
            if not all(one["seen"] or one["looked"] for one in ready):
                self.dialog("A last look?").get_by_role("button", name="download").click()
        return Path(download.value.path()).read_bytes()

    def serious(self) -> list[str]:
        """What axe-core finds that is serious or critical: everything in light, colours in dark."""
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(_axe())
        found = []
        for scheme, rules in (("light", None), ("dark", ["color-contrast"])):
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
            told = self.page.evaluate("(options) => axe.run(document, options)", options)
            found += [
                f"{scheme}: {one['id']}: {[node['html'][:90] for node in one['nodes']][:3]}"
                for one in told["violations"]
                if one["impact"] in ("serious", "critical")
            ]
        self.page.emulate_media(color_scheme="light")
        return found

    def too_wide(self) -> list[str]:
        """The widths at which the page has to be moved sideways to be read."""
        before = self.page.viewport_size
        assert before is not None
        found = []
        for width in (1440, 720, 360, 320):  # 320: a window of 1280 at 400 %
            self.page.set_viewport_size({"width": width, "height": 800})
            wide = self.page.evaluate(
                "[document.documentElement, ...document.querySelectorAll('dialog')]"
                ".map((part) => part.scrollWidth - part.clientWidth)"
            )
            if any(over > 0 for over in wide):
                found.append(f"{wide} at {width}")
        self.page.set_viewport_size(before)
        return found


@contextmanager
def window(
    chromium: Browser,
    server: Server,
    *,
    size: tuple[int, int] = (1280, 900),
    scheme: Literal["light", "dark"] = "light",
    touch: bool = False,
) -> Iterator[Window]:
    """A window that came in; at the end nothing may have gone wrong in it.

    With ``touch`` it is that of a phone: for fingers, and three pixels for each.
    """
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        reduced_motion="reduce",
        has_touch=touch,
        is_mobile=touch,
        device_scale_factor=3 if touch else 1,
    )
    try:
        opened = Window(context.new_page(), server)
        opened.enter()
        yield opened
        assert opened.problems == []
    finally:
        context.close()


def _axe() -> str:
    found = importlib.util.find_spec("axe_playwright_python")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).with_name("axe.min.js").read_text("utf-8")


def group() -> bytes:
    """Three people side by side, made of the portrait in the samples."""
    with Image.open(SAMPLES / "portrait.jpg") as portrait:
        face = portrait.convert("RGB").crop((270, 40, 590, 380)).resize((400, 425))
    out = Image.new("RGB", (1600, 900), (90, 120, 110))
    for place, person in enumerate((face, face.transpose(Image.Transpose.FLIP_LEFT_RIGHT), face)):
        out.paste(person, (80 + 520 * place, 250))
    buffer = io.BytesIO()
    out.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
