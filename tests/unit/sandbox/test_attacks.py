"""What a decoder that was taken over tries: each attempt is refused, and costs its photo alone.

The same attempts succeed where nothing is shut in, so a test that could not fail would be seen.
docs/threat-model.md has the table.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hostile
import pytest
from hostile import ATTACKS, photo
from pictures import encoded, scene

from imu_imageprep.domain.errors import InputProblem, PolicyProblem
from imu_imageprep.domain.photo import Format
from imu_imageprep.domain.policy import Limits
from imu_imageprep.domain.sandbox import Sandbox, ShutIn
from imu_imageprep.sandbox import kernel
from imu_imageprep.sandbox.isolation import Isolation
from imu_imageprep.sandbox.wire import Request

if sys.platform != "linux":
    pytest.skip("only Linux shuts a process in", allow_module_level=True)

PICTURE = encoded(scene(64, 48))
REQUEST = Request(Format.JPEG, Limits(), 960)
PROGRAM = (sys.executable, "-P", str(Path(hostile.__file__)), "decoder")
SHUT = ShutIn(files=True, network=True)


@pytest.fixture(scope="module")
def shut() -> Iterator[Isolation]:
    with contextlib.closing(Isolation(PROGRAM)) as isolation:
        yield isolation


@pytest.fixture(scope="module")
def left_open() -> Iterator[Isolation]:
    with contextlib.closing(Isolation((*PROGRAM, "--open"))) as isolation:
        yield isolation


class World:
    """What there is to take: a home, exports, photos, and somebody who listens."""

    def __init__(self, tmp_path: Path) -> None:
        self.home = tmp_path / "home"
        for path, text in (
            (".ssh/id_ed25519", "a key"),
            ("ledger.db", "a ledger"),
            ("photos/other.jpg", "a photo"),
            ("photos/exports/one.jpg", "an export"),
        ):
            (self.home / path).parent.mkdir(parents=True, exist_ok=True)
            (self.home / path).write_text(text, "utf-8")
        self.before = self.files()
        self.tcp, self.udp = socket.create_server(("127.0.0.1", 0)), socket.socket(type=2)
        self.udp.bind(("127.0.0.1", 0))
        self.unix = socket.socket(socket.AF_UNIX)
        self.name = f"imageprep-test-{os.getpid()}-{self.port(self.tcp)}"
        self.unix.bind("\0" + self.name)
        self.unix.listen()
        self.ears = (self.tcp, self.udp, self.unix)
        for ear in self.ears:
            ear.setblocking(False)

    def files(self) -> dict[str, tuple[str, int]]:
        return {
            str(path): (path.read_text("utf-8") if path.is_file() else "", path.stat().st_mode)
            for path in sorted(self.home.rglob("*"))
        }

    @staticmethod
    def port(ear: socket.socket) -> int:
        return int(ear.getsockname()[1])

    def heard(self) -> bool:
        for ear in self.ears:
            with contextlib.suppress(BlockingIOError):
                ear.recv(1) if ear is self.udp else ear.accept()[0].close()
                return True
        return False


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    for ear in made.ears:
        ear.close()


Wanted = Callable[[World], tuple[object, ...]]
ATTEMPTS: dict[str, Wanted] = {
    "read the ledger": lambda w: ("read", w.home / "ledger.db"),
    "read a key": lambda w: ("read", w.home / ".ssh/id_ed25519"),
    "read another photo": lambda w: ("read", w.home / "photos/other.jpg"),
    "list the photos": lambda w: ("list", w.home / "photos"),
    "read what the command was told": lambda _: ("read", f"/proc/{os.getpid()}/cmdline"),
    "write an export": lambda w: ("write", w.home / "photos/exports/two.jpg"),
    "write over an export": lambda w: ("write", w.home / "photos/exports/one.jpg"),
    "write into the home folder": lambda w: ("write", w.home / ".profile"),
    "move a photo over an export": lambda w: (
        "replace",
        w.home / "photos/other.jpg",
        w.home / "photos/exports/one.jpg",
    ),
    "delete a photo": lambda w: ("delete", w.home / "photos/other.jpg"),
    "make a folder": lambda w: ("make", w.home / "folder"),
    "make a link": lambda w: ("link", "/etc/passwd", w.home / "photos/link.jpg"),
    "let everybody read the key": lambda w: ("mode", w.home / ".ssh/id_ed25519"),
    "connect": lambda w: ("connect", w.port(w.tcp)),
    "send a datagram": lambda w: ("send", w.port(w.udp)),
    "reach a service of the desktop": lambda w: ("abstract", w.name),
    "fork": lambda _: ("fork",),
    "run a shell": lambda w: ("exec", w.home / "shell"),
    "signal its parent": lambda _: ("signal",),
    "debug its parent": lambda _: ("trace",),
    "read its parent's memory": lambda _: ("peek",),
    "lift its limit of memory": lambda _: ("unlimit",),
}
# Done, they leave no decoder behind, or change nothing that could be seen from here.
_NOT_DONE_OPEN = {"run a shell", "debug its parent"}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_each_attempt_is_refused(shut: Isolation, world: World, attempt: str) -> None:
    with pytest.raises(InputProblem, match="decoder crashed; only this photo"):
        shut.ask(REQUEST, photo(PICTURE, *_wanted(attempt, world)))
    assert world.files() == world.before
    assert not world.heard()
    answer, told = shut.ask(REQUEST, PICTURE)  # the next one works
    assert answer.frame is not None
    assert told == SHUT


@pytest.mark.parametrize("attempt", sorted(ATTEMPTS.keys() - _NOT_DONE_OPEN))
def test_each_attempt_succeeds_where_nothing_is_shut_in(
    left_open: Isolation, world: World, attempt: str
) -> None:
    answer, told = left_open.ask(REQUEST, photo(PICTURE, *_wanted(attempt, world)))
    assert answer.frame is not None
    assert told == ShutIn()


def test_a_shell_runs_where_nothing_is_shut_in(left_open: Isolation, world: World) -> None:
    with pytest.raises(InputProblem, match="crashed"):  # the shell took the decoder's place
        left_open.ask(REQUEST, photo(PICTURE, *_wanted("run a shell", world)))
    assert (world.home / "shell").read_text("utf-8") == "taken\n"


def _wanted(attempt: str, world: World) -> tuple[Any, ...]:
    return tuple(ATTEMPTS[attempt](world))


def test_memory_is_not_filled(shut: Isolation) -> None:
    small = Request(Format.JPEG, Limits(megapixels=1), 960)
    with pytest.raises(InputProblem, match=r"too much memory|crashed"):
        shut.ask(small, photo(PICTURE, "memory"))
    assert shut.ask(small, PICTURE)[0].frame is not None


def test_a_decoder_that_spins_is_stopped(shut: Isolation) -> None:
    with pytest.raises(InputProblem, match="took longer than"):
        shut.ask(Request(Format.JPEG, Limits(seconds=0.5), 960), photo(PICTURE, "spin"))
    assert shut.ask(REQUEST, PICTURE)[0].frame is not None


@pytest.mark.parametrize("size", ["more", "huge", "none"])
def test_a_picture_that_lies_about_its_size_fails(shut: Isolation, size: str) -> None:
    hurried = Request(Format.JPEG, Limits(seconds=2), 960)
    with pytest.raises(InputProblem, match=r"crashed|took longer"):
        shut.ask(hurried, photo(PICTURE, "lie", size))
    assert shut.ask(REQUEST, PICTURE)[0].frame is not None


def test_pixels_that_are_left_over_do_not_become_the_next_answer(shut: Isolation) -> None:
    answer, _ = shut.ask(REQUEST, photo(PICTURE, "lie", "less"))
    assert answer.frame is not None
    assert answer.frame.size == (1, 1)
    with pytest.raises(InputProblem, match="crashed"):
        shut.ask(REQUEST, PICTURE)
    assert shut.ask(REQUEST, PICTURE)[0].frame is not None


def test_every_attempt_of_the_list_is_made() -> None:
    nowhere: Any = _Nowhere()
    made = {str(wanted(nowhere)[0]) for wanted in ATTEMPTS.values()}
    assert made | {"memory", "spin", "inherited"} == ATTACKS.keys()


class _Nowhere:
    home, name, tcp, udp = Path("/nowhere"), "", None, None

    @staticmethod
    def port(ear: object) -> int:
        del ear
        return 0


# --- what a system lacks -------------------------------------------------------------------------


def without(what: str) -> tuple[str, ...]:
    """A decoder on a system that lacks something."""
    code = (
        "from imu_imageprep.sandbox import child, kernel\n"
        "def lacks(*_): raise OSError(38, 'Function not implemented')\n"
        f"kernel.{what} = lacks\n"
        "child.main()"
    )
    return sys.executable, "-P", "-c", code


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("landlock", ShutIn(files=False, network=True)),
        ("_filter", ShutIn(files=True, network=False)),
        ("_prctl", ShutIn()),
    ],
)
def test_what_the_system_lacks_is_told_and_may_be_required(what: str, told: ShutIn) -> None:
    with contextlib.closing(Isolation(without(what))) as isolation:
        assert isolation.shut_in() == told
        answer, shut = isolation.ask(REQUEST, PICTURE)
        assert answer.frame is not None
        assert shut == told
        strict = Request(Format.JPEG, Limits(sandbox=Sandbox.REQUIRE), 960)
        with pytest.raises(PolicyProblem, match="cannot be shut in on this system") as raised:
            isolation.ask(strict, PICTURE)
        assert str(told) in raised.value.message


def test_a_decoder_that_is_shut_in_satisfies_who_requires_it(shut: Isolation) -> None:
    strict = Request(Format.JPEG, Limits(sandbox=Sandbox.REQUIRE), 960)
    assert shut.ask(strict, PICTURE)[0].frame is not None


def test_an_unknown_processor_has_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "MACHINES", {})
    with pytest.raises(OSError, match="processor"):
        kernel._filter()


def test_only_libraries_may_be_read() -> None:
    assert Path.home() not in kernel.libraries()
    assert all(path.is_dir() or path.name == "ld.so.cache" for path in kernel.libraries())
