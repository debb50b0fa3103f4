"""Take the pictures of the page that README and guide show, from the samples and an album.

python tools/page_pictures.py [FOLDER]

Needs Chromium on the system, and playwright (in the development group). Writes page-list.webp,
page-table.webp, page-review.webp and page-look.webp into the folder, docs/images by default.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from officer_albums import event
from PIL import Image
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[1]
SAMPLES = ("campus.jpg", "portrait.jpg", "clinical.jpg", "sourced.jpg", "notes.png")
GROUPS = ("event-10.jpg", "event-11.jpg", "event-22.jpg", "event-31.jpg")
SIZE = (1280, 860)
ALL_SHOWN = """() => {
    const tiles = [...document.querySelectorAll('#tiles [data-photo]')];
    const loaded = (image) => image && image.complete && image.naturalWidth > 0;
    return tiles.length > 2 && tiles.every((one) => loaded(one.querySelector('img')));
}"""
# Milliseconds after which a drop is whole, and what it changes in its photos is drawn.
AT_REST = 12_000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "images")
    folder: Path = options.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        server = subprocess.Popen(
            [sys.executable, "-m", "imu_imageprep", "app", "--no-browser"],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "HOME": home, "IMAGEPREP_LEDGER": f"{home}/ledger.db"},
        )
        try:
            assert server.stdout is not None
            made = event().photos
            groups = [Path(home) / name for name in GROUPS]
            for path in groups:
                path.write_bytes(made[path.name])
            take(server.stdout.readline().strip(), groups, folder)
        finally:
            server.terminate()
            server.wait()


def take(link: str, groups: list[Path], folder: Path) -> None:
    """Walk through the page and save what it looks like."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(
            viewport={"width": SIZE[0], "height": SIZE[1]}, reduced_motion="reduce"
        )
        page.set_default_timeout(300_000)  # milliseconds, for a machine under load
        page.goto(link)
        page.wait_for_selector("body[data-ready]")
        page.set_input_files("#files-input", [ROOT / "samples" / name for name in SAMPLES])
        page.wait_for_selector("#clear", state="visible")
        save(page, folder / "page-list.webp")
        page.set_input_files("#files-input", groups)
        page.wait_for_selector("#clear", state="hidden")
        page.wait_for_selector("#clear", state="visible")
        page.wait_for_timeout(AT_REST)
        page.click('.bar [data-view="table"]')
        page.wait_for_function(ALL_SHOWN)
        page.wait_for_timeout(AT_REST)
        page.wait_for_function(ALL_SHOWN)
        save(page, folder / "page-table.webp")
        page.locator("#tiles [data-photo]", has_text=GROUPS[2]).locator("a.open").click()
        page.wait_for_selector("#photo:not(.loading) .box")
        page.locator("#boxes .box").nth(2).click()
        page.wait_for_selector("#boxes .box.covered")
        page.evaluate("document.getElementById('told').replaceChildren()")
        save(page, folder / "page-review.webp")
        page.click("[data-key=cover-group-face]")
        page.wait_for_selector('#let-go[aria-disabled="false"]')
        page.click("#let-go")
        page.wait_for_selector('#look-fine[aria-disabled="false"]')
        page.evaluate("document.getElementById('told').replaceChildren()")
        save(page, folder / "page-look.webp")
        browser.close()


def save(page: Page, path: Path) -> None:
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        shot.convert("RGB").save(path, quality=82, method=6)
    print(f"{path} ({path.stat().st_size / 1000:.0f} KB)")


if __name__ == "__main__":
    main()
