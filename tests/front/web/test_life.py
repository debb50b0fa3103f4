"""From the first start to the last moment: links, second starts, idleness, deaths and floods."""

from __future__ import annotations

import asyncio
import io
import json
import os
import select
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from command import ROOT
from pictures import encoded, scene
from running import serve

from imu_imageprep.api import Desk
from imu_imageprep.front.web import instance
from imu_imageprep.front.web.settings import Bounds

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLES = ROOT / "samples"
PHOTO = encoded(scene(320, 240))


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    found = Path(f"/proc/{pid}/task/{pid}/children")
    tasks = found.parent.parent.glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def workers(pid: int) -> list[int]:
    return [
        child
        for child in children(pid)
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def wait_for(pid: int) -> None:
    """Until a process that is not ours has ended."""
    if sys.platform != "linux":
        pytest.skip("pidfd_open is Linux's")
    watched = os.pidfd_open(pid)
    with os.fdopen(watched) as file:
        assert select.select([file], [], [], 60)[0]


def start(home: Path, *options: str, extra: dict[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "imu_imageprep", "app", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={
            **os.environ,
            "XDG_STATE_HOME": str(home),
            "PYTHONPATH": str(ROOT),
            **(extra or {}),
        },
    )


@pytest.fixture
def command(home: Path) -> Iterator[subprocess.Popen[str]]:
    process = start(home, "--no-browser", "--allow", str(home))
    yield process
    process.kill()
    process.communicate()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_command_prints_a_link_that_works(command: subprocess.Popen[str]) -> None:
    link = first_line(command)
    assert link.startswith("http://127.0.0.1:")
    with httpx.Client(trust_env=False) as client:
        assert client.get(link).status_code == 200
        assert client.get(link.partition("/enter")[0]).status_code == 200


@pytest.mark.posix(reason="on Windows, Ctrl-C reaches whatever has the same console")
def test_ctrl_c_ends_it_quietly(command: subprocess.Popen[str]) -> None:
    first_line(command)
    command.send_signal(signal.SIGINT)
    _, told = command.communicate(timeout=60)
    assert command.returncode == 130
    assert "Traceback" not in told
    assert "leaked" not in told


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_it_listens_on_this_machine_alone(command: subprocess.Popen[str]) -> None:
    port = int(first_line(command).partition("/enter")[0].rpartition(":")[2])
    listening = [
        line.split()[1]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if line.split()[3] == "0A" and int(line.split()[1].partition(":")[2], 16) == port
    ]
    assert listening == [f"0100007F:{port:04X}"]
    v6 = Path("/proc/net/tcp6")
    assert not v6.exists() or f":{port:04X} " not in v6.read_text()


def test_a_second_start_finds_the_first(
    command: subprocess.Popen[str], home: Path, tmp_path: Path
) -> None:
    link = first_line(command)
    (home / "holiday").mkdir()
    (home / "holiday" / "a.jpg").write_bytes(PHOTO)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    second = start(home, "--no-browser", str(home / "holiday"), str(elsewhere))
    told, _ = second.communicate(timeout=60)
    assert second.returncode == 0
    fresh = told.strip()
    assert fresh.partition("/enter")[0] == link.partition("/enter")[0]
    assert fresh != link
    with httpx.Client(trust_env=False, base_url=fresh.partition("/enter")[0]) as client:
        client.get(fresh)
        state = client.get("/api/state").json()
    assert state["ready_paths"] == [str(home / "holiday"), str(elsewhere)]
    assert set(state["roots"]) > {str(home), str(elsewhere)}  # who named it may use it


def test_a_run_of_its_own_begins_where_the_first_died(
    command: subprocess.Popen[str], home: Path
) -> None:
    link = first_line(command)
    (note,) = home.rglob("app-*.json")
    if os.name == "posix":
        assert stat.S_IMODE(note.stat().st_mode) == 0o600
    command.kill()
    command.wait()
    assert note.exists()
    second = start(home, "--no-browser")
    try:
        fresh = first_line(second)
        assert fresh.startswith("http://127.0.0.1:")
        assert fresh.partition("?key=")[2] != link.partition("?key=")[2]
        with httpx.Client(trust_env=False) as client:
            assert client.get(fresh).status_code == 200
    finally:
        second.terminate()
        second.communicate(timeout=60)
    if os.name == "posix":  # Windows ends a process without asking it
        assert not note.exists()


def test_somebody_elses_server_on_the_port_of_a_dead_run_is_not_believed(tmp_path: Path) -> None:
    """It cannot prove that it knows the secret, and does not hear it."""
    file = instance.file_of(tmp_path / "ledger.db", None)
    heard: list[bytes] = []
    ports: list[int] = []
    up = threading.Event()
    over: list[asyncio.Event] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(65_536))
        body = json.dumps({"key": "evil", "proof": "0" * 64}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        writer.close()

    async def impostor() -> None:
        over.append(asyncio.Event())
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        ports.append(server.sockets[0].getsockname()[1])
        up.set()
        async with server:
            await over[0].wait()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(impostor(),))
    thread.start()
    assert up.wait(30)
    instance.note(file, ports[0], "the-secret")
    assert instance.running(file, []) is None
    loop.call_soon_threadsafe(over[0].set)
    thread.join()
    loop.close()
    assert heard
    assert b"the-secret" not in heard[0]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"port": "x"}', '{"port": 1, "control": "y"}'])
def test_a_damaged_note_of_a_run_is_no_run(tmp_path: Path, text: str) -> None:
    file = tmp_path / "app.json"
    file.write_text(text)
    assert instance.running(file, []) is None


def test_a_taken_port_is_said_in_plain_words(tmp_path: Path, home: Path) -> None:
    with serve(tmp_path) as server:
        other = start(home, "--no-browser", "--port", str(server.port))
        _, told = other.communicate(timeout=60)
    assert other.returncode == 2
    assert "cannot be used" in told
    assert "Traceback" not in told


def test_without_its_packages_the_command_says_how_to_get_them(home: Path) -> None:
    missing = home / "missing"
    missing.mkdir()
    (missing / "starlette.py").write_text("raise ImportError")
    path = os.pathsep.join((str(missing), str(ROOT)))
    process = start(home, "--no-browser", extra={"PYTHONPATH": path})
    _, told = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "imageprep doctor" in told


def test_help_loads_no_server() -> None:
    code = "import sys; sys.argv = ['imageprep', '--help']\n"
    code += "from imu_imageprep.front.cli import main\n"
    code += "try: main()\nexcept SystemExit: pass\n"
    code += "print([n for n in ('starlette', 'uvicorn', 'jinja2', 'numpy') if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_nobody_there_ends_it(tmp_path: Path) -> None:
    with serve(tmp_path, bounds=Bounds(idle_seconds=3)) as server:
        browser = server.browser()
        with browser.client.stream("GET", "/api/events") as stream:
            told = [line for line in stream.iter_lines() if line.startswith(("event", "data"))]
        server.process.wait(60)
    assert server.process.returncode == 0
    assert told[-2:] == ["event: bye", 'data: {"reason": "idle"}']
    assert "event: idle" in told


def test_it_can_be_ended_at_the_page(tmp_path: Path) -> None:
    with serve(tmp_path) as server:
        assert server.browser().post("/api/stop").status_code == 202
        server.process.wait(60)
        assert server.process.returncode == 0
        assert server.said() == ""


# --- deaths ---------------------------------------------------------------------------------------


def test_a_worker_that_dies_costs_nobody_else(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("looks at /proc")
    with serve(tmp_path) as server:
        browser = server.browser()
        assert browser.dropped(PHOTO)["state"] == "ready"
        for worker in workers(server.process.pid):
            os.kill(worker, signal.SIGKILL)
            wait_for(worker)
        assert browser.dropped(PHOTO)["state"] == "ready"


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_killed_in_the_middle_it_leaves_nothing(tmp_path: Path) -> None:
    """No picture on the disk, no half export, no worker, and a ledger that is whole."""
    needle = b"needle-in-the-original"
    portrait = (SAMPLES / "portrait.jpg").read_bytes() + needle
    with serve(tmp_path, jobs=2) as server:
        browser = server.browser()
        held = browser.dropped(portrait)
        assert held["state"] == "held"
        big = encoded(scene(4000, 3000)) + needle
        for _ in range(6):
            assert browser.drop(big).status_code == 201
        busy = workers(server.process.pid)
        assert len(busy) == 2
        server.kill()
        for worker in busy:
            try:
                wait_for(worker)
            except ProcessLookupError:
                continue
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name.partition(".")[0].partition("-")[0] for path in left} <= {"ledger", "app"}
    for path in left:
        data = path.read_bytes()
        assert needle not in data
        assert b"JFIF" not in data
    assert Desk.at(server.ledger).audit().damage is None
    with serve(tmp_path) as again:
        browser = again.browser()
        assert browser.get("/api/state").json()["photos"] == []
        assert browser.dropped(portrait)["state"] == "held"  # nothing was answered by dying


# --- floods ---------------------------------------------------------------------------------------


def test_the_list_has_an_end(tmp_path: Path) -> None:
    with serve(tmp_path, bounds=Bounds(photos=40)) as server:
        browser = server.browser()
        answers = [browser.drop(b"no picture", f"{n}.jpg") for n in range(40)]
        # Large ones are still being sent when they are refused, and must hear it all the same.
        answers += [browser.drop(bytes(5_000_000), f"{n}.jpg") for n in range(20)]
        assert [one.status_code for one in answers] == [201] * 40 + [507] * 20
        assert answers[-1].json()["error"]["code"] == "count"
        browser.settled()
        assert browser.delete("/api/photos?state=failed").json() == {"removed": 40}
        assert browser.drop(PHOTO).status_code == 201


def test_memory_has_an_end_and_answers_make_room(tmp_path: Path) -> None:
    portrait = (SAMPLES / "portrait.jpg").read_bytes()
    small = 20_000  # bytes at most, beside each photo
    most = 3 * (len(portrait) + small)
    bounds = Bounds(held_bytes=most, waiting_bytes=len(portrait), room_seconds=30)
    with serve(tmp_path, bounds=bounds) as server:
        browser = server.browser()
        held = [browser.dropped(portrait) for _ in range(3)]
        refused = browser.drop(portrait)
        assert refused.status_code == 507
        assert refused.json()["error"]["code"] == "full"
        assert browser.get("/api/state").json()["counts"]["held_bytes"] <= bounds.held_bytes
        assert browser.delete(f"/api/photos/{held[0]['id']}").status_code == 204
        assert browser.drop(portrait).status_code == 201


def test_uploads_wait_for_their_turn(tmp_path: Path) -> None:
    """More than may wait at a time: the rest is left with the browser until there is room."""
    big = encoded(scene(2000, 1500))
    bounds = Bounds(waiting_bytes=2 * len(big))
    with serve(tmp_path, bounds=bounds) as server:
        browser = server.browser()
        for _ in range(8):
            assert browser.drop(big).status_code == 201
            waiting = [
                one["bytes"]
                for one in browser.get("/api/state").json()["photos"]
                if one["state"] in ("waiting", "looking")
            ]
            assert sum(waiting) <= bounds.waiting_bytes
        browser.settled()
        assert browser.get("/api/state").json()["counts"]["ready"] == 8


def test_waiting_photos_can_be_dropped(tmp_path: Path) -> None:
    with serve(tmp_path) as server:
        browser = server.browser()
        for _ in range(10):
            browser.drop(PHOTO)
        removed = browser.post("/api/cancel").json()["removed"]
        browser.settled()
        counts = browser.get("/api/state").json()["counts"]
        assert counts["total"] == 10 - removed
        assert counts["waiting"] == 0


def test_a_window_that_falls_behind_is_told_to_start_over() -> None:
    from imu_imageprep.front.web.events import Events  # noqa: PLC0415

    async def told() -> list[str]:
        events = Events()
        stream = events.stream({})
        first = await anext(stream)
        for n in range(5000):
            events.tell("photo", {"n": n})
        events.close()
        rest = [message async for message in stream]
        return [first, *rest]

    messages = asyncio.run(told())
    assert len(messages) <= 1001
    assert any("event: reload" in message for message in messages)
    assert '"n": 4999' in messages[-1]


def test_what_came_out_is_what_the_command_line_makes(tmp_path: Path) -> None:
    from imu_imageprep import Policy, prepare  # noqa: PLC0415

    out = io.BytesIO()
    receipt = prepare(PHOTO, policy=Policy(), out=out, ledger=tmp_path / "other.db")
    assert receipt.export is not None
    with serve(tmp_path) as server:
        browser = server.browser()
        photo = browser.dropped(PHOTO)
        data = browser.get(f"/api/photos/{photo['id']}/export").content
    assert data == out.getvalue()
