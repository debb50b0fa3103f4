"""Take the pictures of the page that the README shows, from the samples.

python tools/page_pictures.py [FOLDER]

Needs Chromium on the system, and playwright (in the development group). Writes page-list.webp and
page-review.webp into the folder, docs/images by default.
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

from PIL import Image
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[1]
SAMPLES = ("campus.jpg", "portrait.jpg", "clinical.jpg", "sourced.jpg", "notes.png")
SIZE = (1280, 860)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "images")
    folder: Path = options.parse_args().folder
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
            take(server.stdout.readline().strip(), folder)
        finally:
            server.terminate()
            server.wait()


def take(link: str, folder: Path) -> None:
    """Walk through the page and save what it looks like."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(
            viewport={"width": SIZE[0], "height": SIZE[1]}, reduced_motion="reduce"
        )
        page.goto(link)
        page.wait_for_selector("body[data-ready]")
        page.set_input_files("#files-input", [ROOT / "samples" / name for name in SAMPLES])
        page.wait_for_selector("#clear", state="visible")
        save(page, folder / "page-list.webp")
        page.click("#go-review")
        page.wait_for_selector("#photo:not(.loading) .box")
        save(page, folder / "page-review.webp")
        browser.close()


def save(page: Page, path: Path) -> None:
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        shot.convert("RGB").save(path, quality=82, method=6)
    print(f"{path} ({path.stat().st_size / 1000:.0f} KB)")


if __name__ == "__main__":
    main()
