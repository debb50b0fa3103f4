"""Processes that decode: one that misbehaves takes only its own photo with it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from pictures import encoded, scene
from PIL import Image

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.photo import Format, Frame, Size
from imu_imageprep.domain.policy import Limits
from imu_imageprep.sandbox import processes
from imu_imageprep.sandbox.isolation import COMMAND, Isolation
from imu_imageprep.sandbox.wire import Request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REQUEST = Request(Format.TIFF, Limits(), 960)

# A decoder that misbehaves on pictures that ask it to, and answers others with one red pixel.
FAKE = """
import os, sys, signal, json, threading
answered = 0
sys.stdout.buffer.write(b'{"files": true, "network": true}\\n')
sys.stdout.buffer.flush()
metadata = {"present": [], "credits": [], "values": [], "captured": None, "taken": None,
            "positions": [], "orientation": 1, "colour": None, "notes": []}
while line := sys.stdin.buffer.readline():
    data = sys.stdin.buffer.read(json.loads(line)["bytes"])
    if data == b"crash": os.kill(os.getpid(), signal.SIGSEGV)
    if data == b"out of memory": os.kill(os.getpid(), signal.SIGKILL)
    if data == b"alarm": os.kill(os.getpid(), signal.SIGALRM)
    if data == b"hang": threading.Event().wait()
    if data == b"exit": sys.exit(3)
    out, size, pixels = sys.stdout.buffer, [1, 1], b"\\xff\\0\\0"
    if data == b"nonsense": out.write(b"what?\\n")
    if data == b"no end": out.write(b"x" * 100_000)
    if data == b"too many": size = [100_000, 100_000]
    if data == b"negative": size = [-1, -1]
    if data == b"too few": size = [2, 2]
    answered += 1
    notes = [str(answered), str(os.getpid())]
    head = {"metadata": metadata, "listing": [[], []], "frame": [size, size, notes]}
    out.write(json.dumps(head).encode() + b"\\n" + pixels)
    out.flush()
    if data == b"too few": sys.exit()
"""


@pytest.fixture
def fake() -> Iterator[Isolation]:
    isolation = Isolation((sys.executable, "-c", FAKE))
    yield isolation
    isolation.close()


@pytest.fixture
def real() -> Iterator[Isolation]:
    isolation = Isolation()
    yield isolation
    isolation.close()


def decoded(isolation: Isolation, data: bytes, request: Request = REQUEST) -> Frame:
    answer, _ = isolation.ask(request, data)
    assert answer.frame is not None
    return answer.frame


def started() -> subprocess.Popen[bytes]:
    """The real child, with the packages of this process."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)


def tiff(width: int = 40, height: int = 30) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 40)).save(out, "TIFF", compression="tiff_lzw")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"crash", "crashed"),
        (b"exit", "crashed"),
        pytest.param(
            *(b"out of memory", "needed too much memory"),
            marks=pytest.mark.posix(reason="SIGKILL is what Linux ends a hungry process with"),
        ),
        pytest.param(
            *(b"alarm", "took longer"),
            marks=pytest.mark.posix(reason="Windows has no SIGALRM"),
        ),
        (b"nonsense", "crashed"),
        (b"no end", "crashed"),
        (b"too many", "crashed"),
        (b"negative", "crashed"),
        (b"too few", "crashed"),
    ],
)
def test_trouble_is_one_photos_alone(fake: Isolation, data: bytes, words: str) -> None:
    decoded(fake, b"good")
    with pytest.raises(InputProblem, match=words):
        decoded(fake, data)
    after = decoded(fake, b"good")
    assert after.rgb == b"\xff\0\0"
    assert after.notes[0] == "1"  # a new child: the one in trouble is not asked again


def test_a_decoder_that_hangs_is_stopped(fake: Isolation) -> None:
    impatient = Request(Format.TIFF, Limits(seconds=0.2), 960)
    with pytest.raises(InputProblem, match=r"longer than 0\.2 seconds"):
        decoded(fake, b"hang", impatient)
    assert decoded(fake, b"good").rgb == b"\xff\0\0"


def test_a_large_file_to_a_child_that_dies_at_once() -> None:
    isolation = Isolation((sys.executable, "-c", ""))
    with pytest.raises(InputProblem, match="crashed"):
        decoded(isolation, bytes(5_000_000))


def test_one_child_serves_many_photos(fake: Isolation) -> None:
    frames = [decoded(fake, b"good") for _ in range(3)]
    assert [frame.notes[0] for frame in frames] == ["1", "2", "3"]
    assert len({frame.notes[1] for frame in frames}) == 1


def test_a_child_that_died_while_idle_is_replaced(fake: Isolation) -> None:
    if sys.platform != "linux":
        pytest.skip("waitid is asked, which is not on macOS either")
    pid = int(decoded(fake, b"good").notes[1])
    os.kill(pid, 9)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # until it is dead, without reaping it
    assert decoded(fake, b"good").notes[0] == "1"


def test_threads_have_a_child_each(fake: Isolation) -> None:
    together = threading.Barrier(4)
    frames = []

    def work() -> None:
        together.wait()
        frames.append(decoded(fake, b"good"))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [frame.rgb for frame in frames] == [b"\xff\0\0"] * 4


def test_closing_ends_the_children(fake: Isolation) -> None:
    decoded(fake, b"good")
    (child,) = fake._idle
    fake.close()
    assert not child.alive


def test_the_real_child_decodes_and_is_used_again(real: Isolation) -> None:
    for _ in range(2):
        frame = decoded(real, tiff())
        assert frame.size == frame.source_size == Size(40, 30)
        assert frame.rgb == bytes((200, 30, 40)) * 1200


def test_a_bad_picture_leaves_the_real_child_working(real: Isolation) -> None:
    for data in (b"II*\0", tiff()[:100], b""):
        with pytest.raises(InputProblem, match=r"damaged|cut off"):
            decoded(real, data)
    assert decoded(real, tiff()).size == Size(40, 30)


def test_the_real_child_has_the_same_limits(real: Isolation) -> None:
    small = Request(Format.TIFF, Limits(megapixels=0.001), 960)
    with pytest.raises(InputProblem, match="megapixels"):
        decoded(real, tiff(), small)


def test_the_real_child_ends_with_its_input() -> None:
    with started() as child:
        out, _ = child.communicate(REQUEST.to_line(len(tiff())) + tiff(), timeout=30)
    assert child.returncode == 0
    assert out.endswith(bytes((200, 30, 40)))


@pytest.mark.posix(reason="Windows has no alarm; there the child ends with its input")
def test_the_real_child_ends_itself_when_nobody_else_can() -> None:
    """Its parent gone, a child that waits for a picture's rest is ended by its own alarm."""
    hurried = Request(Format.TIFF, Limits(seconds=0.01), 960)
    with started() as child:
        assert child.stdin is not None
        child.stdin.write(hurried.to_line(1000) + b"the rest never comes")
        child.stdin.flush()
        assert child.wait(timeout=30) == -14  # SIGALRM


def test_the_folder_one_works_in_cannot_slip_code_into_the_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "PIL.py").write_text("raise SystemExit('trapped')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    isolation = Isolation()
    try:
        assert decoded(isolation, tiff()).size == Size(40, 30)
    finally:
        isolation.close()


@pytest.mark.posix(reason="Windows does not fork")
def test_a_forked_worker_forgets_its_parents_children(fake: Isolation) -> None:
    pid = int(decoded(fake, b"good").notes[1])
    fake.forget()  # what runs in the worker after a fork
    other = int(decoded(fake, b"good").notes[1])
    assert other != pid
    os.kill(pid, 0)  # the parent's child lives on
    os.kill(pid, 9)


# A process that is ours alone: it forks what decodes, and what is lost is begun afresh.
FORKS = """
import json, os, sys
import hostile
hostile.taken_over()
from pathlib import Path
from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.photo import Format
from imu_imageprep.domain.policy import Limits
from imu_imageprep.sandbox import processes
from imu_imageprep.sandbox.isolation import Isolation
from imu_imageprep.sandbox.processes import Forked
from imu_imageprep.sandbox.wire import Request

def open_files():
    return sorted(os.listdir("/proc/self/fd"))

picture = Path(sys.argv[1]).read_bytes()
request = Request(Format.JPEG, Limits(), 960)
before = open_files()
isolation = Isolation()
isolation.begin()
told = {"forked": [isinstance(one._process, Forked) for one in isolation._idle]}
told["sizes"] = [isolation.ask(request, picture)[0].frame.size for _ in range(2)]
told["shut"] = str(isolation.shut_in())
try:
    isolation.ask(request, hostile.photo(picture, sys.argv[2]))
except InputProblem as problem:
    told["problem"] = problem.message
told["after"] = isolation.ask(request, picture)[0].frame.size
told["forked after"] = [isinstance(one._process, Forked) for one in isolation._idle]
isolation.close()
told["leaked"] = open_files() != before
try:
    os.waitpid(-1, os.WNOHANG)
    told["zombies"] = True
except ChildProcessError:
    told["zombies"] = False
print(json.dumps(told))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks it")
def test_a_forked_decoder_leaves_nothing_behind(tmp_path: Path) -> None:
    picture = tmp_path / "photo.jpg"
    picture.write_bytes(encoded(scene(40, 30)))
    path = os.pathsep.join(entry for entry in sys.path if entry)
    done = subprocess.run(
        [sys.executable, "-c", FORKS, picture, "inherited"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.stderr == b""
    assert json.loads(done.stdout) == {
        "forked": [True],
        "sizes": [[40, 30]] * 2,
        "shut": "files yes, network and programs yes",
        "problem": "The picture's decoder crashed; only this photo is affected.",
        "after": [40, 30],
        "forked after": [False],
        "leaked": False,
        "zombies": False,
    }


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks it")
def test_a_process_with_threads_forks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "may_fork", lambda: False)
    isolation = Isolation()
    isolation.begin()
    assert isolation._idle == []
    go = threading.Event()
    thread = threading.Thread(target=go.wait)
    thread.start()
    monkeypatch.undo()
    assert not processes.may_fork()
    go.set()
    thread.join()
