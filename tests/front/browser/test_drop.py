"""A folder is dropped onto the page, and a ZIP is taken away."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import containers
from browsing import ROOT, SAMPLES, needs_chromium, window
from pictures import encoded, exif, scene
from playwright.sync_api import expect
from running import serve

from imu_imageprep import verify

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needs_chromium

SMALL = scene(320, 240)
PHOTO = encoded(SMALL, exif=exif(6))
# Names that would be code, paths or options if anybody took them for that.
NAMES = (
    "<img src=x onerror=alert(1)>.jpg",
    "%2e%2e%2f..%2fetc%2fpasswd.jpg",
    "..%2fhidden.jpg",
    "-rf.jpg",
    "a 'quoted' \"name\" & more.jpg",
    "\u202egpj.jpg",
    "gambar 📷 wad.jpg",
    "n" * 100 + ".jpg",
    "100%.jpg",
)


def folder_of_everything(folder: Path) -> Path:
    """Sixty files in nested folders: every kind that people have, and some that nobody should."""
    kinds = {"png": "PNG", "webp": "WEBP", "gif": "GIF", "tiff": "TIFF", "bmp": "BMP"}
    kinds |= {"jp2": "JPEG2000", "avif": "AVIF"}
    files: dict[str, bytes] = {
        **{f"day 1/IMG_{n}.jpg": encoded(scene(320, 240 + n), exif=exif(1)) for n in range(19)},
        **{f"day 1/other/picture.{ending}": encoded(SMALL, kind) for ending, kind in kinds.items()},
        **{f"day 2/<b>odd</b>/{name}": PHOTO + bytes([n]) for n, name in enumerate(NAMES)},
        **{
            f"day 2/a/b/c/d/{name}": (SAMPLES / name).read_bytes()
            for name in ("portrait.jpg", "clinical.jpg", "sourced.jpg", "campus.jpg", "notes.png")
        },
        "hostile/empty.jpg": b"",
        "hostile/text.jpg": b"this is no picture",
        "hostile/page.png": b"<html><script>alert(1)</script></html>",
        "hostile/drawing.jpg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "hostile/cut.jpg": PHOTO[: len(PHOTO) // 3],
        "hostile/head.jpg": PHOTO[:40],
        "hostile/shell.jpg": containers.jpeg(containers.segment(0xE1, b"Exif\0\0" + b"\xff" * 900)),
        "hostile/bomb.png": _bomb(),
        "hostile/archive.jpg": PHOTO + _archive(),
        "hostile/wrong.png": PHOTO,
        "hostile/pixel.gif": containers.gif(after=b"GPS 3.05 101.69"),
        "hostile/box.heic": containers.box(b"ftyp", b"heic" + bytes(8)),
        "hostile/riff.webp": b"RIFF\xff\xff\xff\xffWEBPVP8 " + b"\xff" * 64,
        "notes.txt": b"no photo",
        "day 1/Thumbs.db": b"no photo",
        "day 1/.DS_Store": b"no photo",
        "day 2/film.mp4": b"no photo",
        "day 2/page.html": b"<script>alert(1)</script>",
        "day 2/list.csv": b"a,b",
        "empty": b"",
    }
    for name, data in files.items():
        path = folder / "drop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    assert len(files) == 60
    return folder / "drop"


def _bomb() -> bytes:
    """A PNG that says it is 60,000 pixels wide and high."""
    head = (60_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + containers.chunk(b"IHDR", head) + containers.chunk(b"IEND", b"")


def _archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("inside.txt", "hidden")
    return out.getvalue()


def on_the_command_line(folder: Path, home: Path) -> dict[str, dict[str, Any]]:
    """What ``imageprep check`` says of the same folder, by path inside of it."""
    done = subprocess.run(
        [sys.executable, "-m", "imu_imageprep", "check", "--json", "-j", "1", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "IMAGEPREP_LEDGER": str(home / "other.db")},
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    paths = (Path(one["path"]).relative_to(folder.parent) for one in told)
    # The page drops what cannot be printed from the names that it shows.
    names = ("".join(filter(str.isprintable, str(path))) for path in paths)
    return dict(zip(names, told, strict=True))


def test_a_dropped_folder_of_everything_becomes_a_zip(chromium: Browser, tmp_path: Path) -> None:
    folder = folder_of_everything(tmp_path)
    before = _digests(folder)
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        it.drop(folder)
        it.looked()
        expect(it.page.locator("#work-notes")).to_contain_text("8 other files")
        photos = it.photos()
        # A browser shows the last part of a path alone; the folders are told beside it.
        page = {name: (p["state"], _kinds(p), p["hidden"]) for name, p in photos.items()}
        expected = {
            name: (_state(one["outcome"]), _kinds(one), _hidden(one))
            for name, one in on_the_command_line(folder, tmp_path).items()
        }
        assert page.keys() == expected.keys()
        assert page == expected
        counts = [state for state, _, _ in page.values()]
        assert len(page) == 52
        assert counts.count("held") == 3
        assert counts.count("failed") >= 9

        # A name is shown as it is, and is nothing but text.
        it.page.select_option("#filter", "ready")
        it.listed(NAMES[0])

        # A reload forgets nothing.
        it.page.reload()
        it.alive()
        expect(it.page.locator("#n-held")).to_have_text("3")
        assert it.photos().keys() == photos.keys()

        archive = zipfile.ZipFile(io.BytesIO(it.zipped()))
        ready = counts.count("ready")
        assert len(archive.namelist()) == ready
        for member in archive.infolist():
            assert verify(archive.read(member)) == (), member.filename
            assert not member.comment
            assert not member.extra
        assert all(".." not in Path(name).parts and name[0] != "/" for name in archive.namelist())
        assert list((tmp_path / "server/tmp").iterdir()) == []
    assert _digests(folder) == before


def test_many_photos_stay_usable_and_can_be_stopped(chromium: Browser, tmp_path: Path) -> None:
    # Not worth a look each: cut files are refused quickly, and the list is what is tried here.
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(3000):
        (folder / f"{number}.jpg").write_bytes(PHOTO[:200] + number.to_bytes(2, "big"))
    with serve(tmp_path / "server") as server, window(chromium, server) as it:
        it.drop(folder)
        expect(it.page.locator("#cancel")).to_be_visible()
        expect(it.page.locator("#files li").first).to_be_visible()
        it.page.click("#cancel")
        it.looked()
        listed = it.photos()
        assert 0 < len(listed) < 3000
        assert it.page.locator("#files li").count() <= 100
        it.page.click("#clear")
        it.dialog("Start again?").get_by_role("button", name="Empty the list").click()
        expect(it.page.locator("#intro")).to_be_visible()
        assert it.photos() == {}


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _state(outcome: str) -> str:
    return {"clear": "ready"}.get(outcome, outcome)


def _kinds(photo: dict[str, Any]) -> list[str]:
    return [finding["id"] for finding in photo["findings"]]


def _hidden(photo: dict[str, Any]) -> list[str]:
    return [name for name, there in (photo["metadata"] or {}).items() if there]
