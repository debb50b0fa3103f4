"""Measure the local page: memory with many photos, time against the command line, a flood.

    python tools/measure_app.py memory --photos 2000
    python tools/measure_app.py memory --typed --photos 2000
    python tools/measure_app.py time --photos 40 --rounds 3
    python tools/measure_app.py flood --photos 10000
    python tools/measure_app.py album --photos 200

Pictures are an enlarged sample with grain; for the memory one in ten is the sample portrait, which
waits for a person. CPU seconds are those of the server with its workers, and of the command with
its workers; what a browser costs is not in them. With ``--typed`` the photos lie in a folder whose
path is typed, the portraits are as large as the others, and Chromium shows the page meanwhile: the
list, and then the light table from its first photo to its last.
"""

from __future__ import annotations

import argparse
import io
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Window

if sys.platform == "win32":
    raise SystemExit("This measures with what only POSIX systems have.")


ROOT = Path(__file__).resolve().parents[1]
PORTRAIT = ROOT / "samples" / "portrait.jpg"
CAMPUS = ROOT / "samples" / "campus.jpg"
TICKS = os.sysconf("SC_CLK_TCK")
UPLOADS = 3  # at a time, as the page does
_STILL, _PAUSE = 0.02, 3.0  # CPU seconds in so many seconds: nothing is being loaded any more


def enlarged(megapixels: float, seed: int, sample: Path = CAMPUS) -> bytes:
    """A sample as large as a phone's photo, with grain; nothing holds the cup of coffee."""
    with Image.open(sample) as small:
        scale = (megapixels * 1e6 / (small.width * small.height)) ** 0.5
        size = round(small.width * scale), round(small.height * scale)
        soft = np.asarray(small.convert("RGB").resize(size, Image.Resampling.BICUBIC))
    rng = np.random.default_rng(seed)
    grain = rng.integers(-8, 9, (*soft.shape[:2], 1), dtype=np.int16)
    buffer = io.BytesIO()
    Image.fromarray((soft + grain).clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def photos(count: int, megapixels: float, *, held: int = 10) -> Iterator[bytes]:
    """Photos that differ in their last bytes; one in ``held`` shows a face."""
    bases = [enlarged(megapixels, seed) for seed in range(min(count, 8))]
    portrait = PORTRAIT.read_bytes()
    for number in range(count):
        base = portrait if held and number % held == 0 else bases[number % len(bases)]
        yield base + number.to_bytes(8, "big")


class Page:
    """A running page and a client that uploads as a browser would."""

    def __init__(self, home: Path, jobs: int) -> None:
        names = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
        env = {**os.environ, **dict.fromkeys(names, str(home)), "PYTHONPATH": str(ROOT)}
        env["IMAGEPREP_LEDGER"] = str(home / "page.db")
        command = [sys.executable, "-m", "imu_imageprep", "app", "--no-browser", "-j", str(jobs)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
        assert self.process.stdout is not None
        link = self.process.stdout.readline().strip()
        self.url = link.partition("/enter")[0]
        self.client = httpx.Client(base_url=self.url, timeout=600, trust_env=False)
        self.client.get(link)
        found = re.search(r'name="csrf" content="([^"]+)"', self.client.get("/").text)
        assert found
        self.headers = {"Origin": self.url, "X-CSRF-Token": found[1]}

    def upload(self, data: Iterable[bytes]) -> dict[int, int]:
        """Send photos; returns how often each status came back."""
        waiting: queue.Queue[bytes | None] = queue.Queue(UPLOADS)
        statuses: dict[int, int] = {}

        def send() -> None:
            while (one := waiting.get()) is not None:
                headers = {**self.headers, "X-Photo-Name": "a.jpg"}
                status = self.client.post("/api/photos", content=one, headers=headers).status_code
                statuses[status] = statuses.get(status, 0) + 1

        senders = [threading.Thread(target=send) for _ in range(UPLOADS)]
        for sender in senders:
            sender.start()
        for one in data:
            waiting.put(one)
        for _ in senders:
            waiting.put(None)
        for sender in senders:
            sender.join()
        return statuses

    def finished(self, count: int = 0) -> dict[str, int]:
        """The counts, once nothing waits and so many photos are in the list."""
        with self.client.stream("GET", "/api/events") as stream:
            lines = stream.iter_lines()
            while True:
                counts: dict[str, int] = self.client.get("/api/state").json()["counts"]
                if counts["done"] == counts["total"] >= count:
                    return counts
                next(line for line in lines if line.startswith("event: counts"))

    def processes(self) -> list[int]:
        """The server and its workers."""
        return [self.process.pid, *children(self.process.pid)]

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait()


def children(pid: int) -> list[int]:
    """The processes that a process began."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def cpu(pids: list[int]) -> float:
    """CPU seconds of processes so far."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def memory(pid: int, name: str) -> float:
    """A line of a process's status in MB."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition(f"{name}:")[2].split()[0]) / 1000


def measure_memory(count: int, megapixels: float, home: Path) -> None:
    page = Page(home, 2)
    before = memory(page.process.pid, "VmRSS")
    begun = time.perf_counter()
    statuses = page.upload(photos(count, megapixels))
    counts = page.finished()
    seconds = time.perf_counter() - begun
    server, *workers = page.processes()
    print(f"{count} photos of {megapixels:g} MP: {counts}, statuses {statuses}, {seconds:.0f} s")
    print(f"server: {before:.0f} MB idle, {memory(server, 'VmRSS'):.0f} MB with all of them,")
    print(f"        {memory(server, 'VmHWM'):.0f} MB at most")
    most = [f"{memory(pid, 'VmHWM'):.0f} MB" for pid in workers]
    print(f"workers at most: {', '.join(most)}")
    state = page.client.get("/api/state").content
    print(f"list of all photos as JSON: {len(state) / 1e6:.2f} MB")
    page.close()


def measure_typed(count: int, megapixels: float, home: Path) -> None:
    """Memory of server, workers and browser with a folder whose path was typed."""
    folder = home / "in"
    folder.mkdir()
    faces = [enlarged(megapixels, seed, PORTRAIT) for seed in range(2)]
    for number, data in enumerate(photos(count, megapixels, held=0)):
        held = number % 10 == 0
        kept = faces[number // 10 % 2] + number.to_bytes(8, "big") if held else data
        (folder / f"{number:05}.jpg").write_bytes(kept)
    size = sum(file.stat().st_size for file in folder.iterdir())
    page = Page(home, 2)
    before = memory(page.process.pid, "VmRSS")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        context = browser.new_context(
            viewport={"width": 1920, "height": 1000}, reduced_motion="reduce"
        )
        context.add_cookies(
            [
                {"name": one.name, "value": one.value or "", "url": page.url}
                for one in page.client.cookies.jar
            ]
        )
        window = context.new_page()
        window.set_default_timeout(120_000)  # milliseconds, for a machine under load
        window.goto(page.url)
        window.wait_for_selector("body[data-ready]")
        begun = time.perf_counter()
        page.client.post("/api/runs", json={"path": str(folder)}, headers=page.headers)
        counts = page.finished(count)
        seconds = time.perf_counter() - begun
        list_shown = _renderers(browser)
        window.click('.bar [data-view="table"]')
        window.wait_for_selector("#tiles img")
        seen = _paged(window)
        server, *workers = page.processes()
        decoders = [child for worker in workers for child in children(worker)]
        print(f"{count} photos of {megapixels:g} MP, {size / 1e9:.1f} GB: {counts}")
        print(f"checked in {seconds:.0f} s; light table: {seen}")
        print(f"server: {before:.0f} MB idle, {memory(server, 'VmRSS'):.0f} MB with all of them,")
        print(f"        {memory(server, 'VmHWM'):.0f} MB at most")
        most = [f"{memory(pid, 'VmHWM'):.0f} MB" for pid in workers]
        print(f"workers at most: {', '.join(most)}")
        most = [f"{memory(pid, 'VmHWM'):.0f} MB" for pid in decoders]
        print(f"where they decode at most: {', '.join(most)}")
        print(f"page: {list_shown:.0f} MB at most with the list,")
        print(f"      {_renderers(browser):.0f} MB at most after the whole light table")
        state = page.client.get("/api/state").content
        print(f"list of all photos as JSON: {len(state) / 1e6:.2f} MB")
        browser.close()
    page.close()


def _renderers(browser: Browser) -> float:
    """The most that the largest of a browser's pages took so far, in MB."""
    told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
    pids = [one["id"] for one in told["processInfo"] if one["type"] == "renderer"]
    return max(memory(pid, "VmHWM") for pid in pids)


_SHOWN = """async () => {
    const { shownAt } = await import('/static/shown.js');
    const bar = document.querySelector('.bar').getBoundingClientRect().bottom;
    const whole = () => {
        const acts = document.querySelector('#acts').getBoundingClientRect().top;
        return [...document.querySelectorAll('#tiles [data-photo]')].filter((tile) => {
            const { top, bottom } = tile.getBoundingClientRect();
            return top >= Math.max(0, bar) - 1 && bottom <= Math.min(innerHeight, acts) + 1;
        });
    };
    while (!whole().length || !whole().every((tile) => shownAt(tile.dataset.photo)))
        await new Promise((go) => setTimeout(go, 50));
}"""
_DRAWN = """() => new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"""


def _paged(window: Window) -> str:
    """Page through the light table, down and up; how many photos were on the screen."""
    for way in "fv":
        before = -1
        while (now := window.evaluate("scrollY")) != before:
            window.evaluate(_SHOWN)
            before = now
            window.keyboard.press(way)
            window.evaluate(_DRAWN)
    return window.locator("#table-count").inner_text()


def measure_flood(count: int, home: Path) -> None:
    page = Page(home, 2)
    small = enlarged(0.03, 1)
    before = memory(page.process.pid, "VmRSS")
    # One in fifty is a picture; the rest looks like one until it is read.
    sent = (small if n % 50 == 0 else small[:400] + bytes(30_000) for n in range(count + 500))
    statuses = page.upload(sent)
    counts = page.finished()
    print(f"{count + 500} uploads: statuses {statuses}; {counts}")
    print(f"server: {before:.0f} MB idle, {memory(page.process.pid, 'VmHWM'):.0f} MB at most")
    page.close()


def measure_time(count: int, megapixels: float, rounds: int, home: Path) -> None:
    folder = home / "in"
    folder.mkdir()
    for number, data in enumerate(photos(count, megapixels, held=0)):
        (folder / f"{number}.jpg").write_bytes(data)
    files = sorted(folder.iterdir())
    ways: dict[str, Callable[[Path], tuple[float, float]]] = {
        "command": lambda place: _by_command(folder, place),
        "dropped": lambda place: _by_drop(files, place),
        "typed": lambda place: _by_path(folder, place),
    }
    for number in range(rounds):
        told = []
        for name, way in ways.items():
            place = home / f"{name}{number}"
            place.mkdir()
            wall, cpu_seconds = way(place)
            told.append((name, wall, cpu_seconds))
        _, wall, cpu_seconds = told[0]
        for name, mine, my_cpu in told:
            print(
                f"{name:8} {mine:6.1f} s, {my_cpu:6.1f} CPU s;"
                f" {mine / wall:.2f} and {my_cpu / cpu_seconds:.2f} of the command"
            )


def measure_album(count: int, megapixels: float, home: Path) -> None:
    """How long a person waits: for the first small picture, and for an answer to many photos."""
    page = Page(home, 2)
    page.client.put("/api/me", json={"name": "A. Clerk"}, headers=page.headers)
    _at_rest(page)  # nobody drops photos in the second in which the page opens
    ready = threading.Event()
    first: list[float] = []
    made = list(photos(count, megapixels, held=4))  # before the time is taken
    sending = threading.Thread(target=lambda: page.upload(made))

    def watch() -> None:
        with page.client.stream("GET", "/api/events") as stream:
            for line in stream.iter_lines():
                ready.set()
                if line.startswith("data:") and '"small": true' in line:
                    first.append(time.perf_counter())
                    return

    watching = threading.Thread(target=watch)
    watching.start()
    ready.wait()
    begun = time.perf_counter()
    sending.start()
    watching.join()
    print(f"first small picture of {count} photos: {first[0] - begun:.2f} s")
    sending.join()
    page.finished()
    told = page.client.get("/api/state").json()["photos"]
    held = [one["id"] for one in told if one["state"] == "held"][:50]
    for ident in held:
        page.client.get(f"/api/photos/{ident}/picture", params={"side": 480})
    _asked(page, "POST", "/api/shown", {"photos": held, "side": 480})
    reason = {"need": "person-consent", "reason": "picture or statue"}
    says = {
        "answer": {"what": "dismiss", "kind": "face", **reason},
        "cover": {"what": "cover-faces"},
    }
    for name, say in says.items():
        values = {"photos": held, "say": say, "side": 480}
        done = _asked(page, "POST", "/api/selections", values, name)
        _asked(page, "DELETE", f"/api/selections/{done['selection']}", None, "undo")
    page.close()


def _at_rest(page: Page) -> None:
    """Wait until the workers have loaded what they need."""
    used = -1.0
    while (now := cpu(page.processes())) - used > _STILL:
        used = now
        time.sleep(_PAUSE)


def _asked(page: Page, method: str, path: str, values: object, name: str = "") -> Any:
    begun, before = time.perf_counter(), cpu([page.process.pid])
    done = page.client.request(method, path, json=values, headers=page.headers).json()
    seconds, used = time.perf_counter() - begun, cpu([page.process.pid]) - before
    if name:
        print(f"{name} of {len(done['photos'])}: {seconds:.2f} s, {used:.2f} CPU s of the server")
    return done


def _by_command(folder: Path, place: Path) -> tuple[float, float]:
    env = {**os.environ, "IMAGEPREP_LEDGER": str(place / "l.db"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "imu_imageprep", "-q", "-j", "2", "-o", str(place / "out")]
    before, begun = os.times(), time.perf_counter()
    subprocess.run([*command, str(folder)], env=env, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    return time.perf_counter() - begun, used


def _by_drop(files: list[Path], place: Path) -> tuple[float, float]:
    begun = time.perf_counter()
    page = Page(place, 2)
    page.upload(file.read_bytes() for file in files)
    return _over(page, begun, len(files))


def _by_path(folder: Path, place: Path) -> tuple[float, float]:
    mine = place / "mine"
    mine.mkdir()
    for file in folder.iterdir():
        (mine / file.name).hardlink_to(file)
    begun = time.perf_counter()
    page = Page(place, 2)
    page.client.post("/api/runs", json={"path": str(mine)}, headers=page.headers)
    return _over(page, begun, len(list(folder.iterdir())))


def _over(page: Page, begun: float, count: int) -> tuple[float, float]:
    counts = page.finished()
    assert counts["ready"] == count, counts
    wall, used = time.perf_counter() - begun, cpu(page.processes())
    page.close()
    return wall, used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=["memory", "time", "flood", "album"])
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--megapixels", type=float, default=12.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--typed", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        if asked.what == "memory" and asked.typed:
            measure_typed(asked.photos, asked.megapixels, home)
        elif asked.what == "memory":
            measure_memory(asked.photos, asked.megapixels, home)
        elif asked.what == "flood":
            measure_flood(asked.photos, home)
        elif asked.what == "album":
            measure_album(asked.photos, asked.megapixels, home)
        else:
            measure_time(asked.photos, asked.megapixels, asked.rounds, home)


if __name__ == "__main__":
    main()
