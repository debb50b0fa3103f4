"""An officer's hands and eyes at the page: what is pressed is counted, and what is waited for."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

ROOT = Path(__file__).resolve().parents[1]
SCAN = ROOT / "samples" / "notes.png"  # stands for the scan of a signed form
PATIENCE = 300_000  # milliseconds; only when to give up on a machine under load
expect.set_options(timeout=PATIENCE)

# A condition may be a promise, which is waited for.
_UNTIL = """async ([about, patience]) => {
    const holds = CONDITION;
    const end = performance.now() + patience;
    while (!(await holds(about))) {
        if (performance.now() > end) throw new Error("waited in vain");
        await new Promise((done) => setTimeout(done, 20));
    }
}"""


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
        self.page.evaluate(_UNTIL.replace("CONDITION", condition), [about, PATIENCE])
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
