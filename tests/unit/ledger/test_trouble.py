from __future__ import annotations

import contextlib
import multiprocessing
import os
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FixedClock
from unit.ledger import office

from imu_imageprep.domain.errors import ImageprepError, OutputProblem
from imu_imageprep.ledger import sqlite_schema as schema
from imu_imageprep.ledger.chain import GENESIS, Event
from imu_imageprep.ledger.sqlite import SqliteLedger, network_share

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
//server/share /mnt/the\\040share cifs rw 0 0
/dev/sdb1 /home/local ext4 rw 0 0
tmpfs /tmp tmpfs rw 0 0
short line
"""


@pytest.fixture
def ledger(tmp_path: Path) -> SqliteLedger:
    return SqliteLedger(tmp_path / "deep" / "ledger.db", FixedClock())


@pytest.mark.posix(reason="a list of mounted file systems names POSIX paths")
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/a/ledger.db", "nfs4"),
        ("/home/local/ledger.db", None),
        ("/home2/ledger.db", None),
        ("/mnt/the share/ledger.db", "cifs"),
        ("/var/ledger.db", None),
    ],
)
def test_network_shares_are_known(tmp_path: Path, path: str, kind: str | None) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert network_share(Path(path), mounts) == kind
    assert network_share(Path(path), tmp_path / "none") is None


@pytest.mark.posix(reason="a list of mounted file systems names POSIX paths")
def test_a_network_share_is_refused(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/x {os.path.realpath(tmp_path)} nfs rw 0 0\n")
    ledger = SqliteLedger(tmp_path / "ledger.db", FixedClock(), mounts)
    with pytest.raises(OutputProblem, match="network share"):
        ledger.begin(office.receipt())
    assert not ledger.path.exists()


@pytest.mark.posix(reason="Windows has no modes: a folder says who may read")
def test_every_file_is_its_owners_alone(ledger: SqliteLedger) -> None:
    before = os.umask(0)
    try:
        ledger.add(office.PATIENT)
        open_one = sqlite3.connect(ledger.path)
        open_one.execute("SELECT * FROM events").fetchall()
        ledger.add(office.PATIENT)
        files = list(ledger.path.parent.iterdir())
        assert {path.name for path in files} == {"ledger.db", "ledger.db-wal", "ledger.db-shm"}
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
        open_one.close()
    finally:
        os.umask(before)


def test_an_erasure_that_a_reader_holds_up_is_said(ledger: SqliteLedger) -> None:
    """Another program that reads an older state keeps copies alive; erasing again removes them."""
    (made,) = ledger.add(office.PATIENT)
    reader = sqlite3.connect(ledger.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM keys").fetchall()
    impatient = SqliteLedger(ledger.path, FixedClock(), patience=0.1)
    with pytest.raises(OutputProblem, match="erasure is recorded"):
        impatient.erase(made.ref)
    reader.close()
    ledger.erase(made.ref)
    assert not [needle for needle in office.NEEDLES if needle.encode() in office.raw(ledger)]
    assert ledger.audit().damage is None


def test_a_writer_that_never_ends_is_said(ledger: SqliteLedger) -> None:
    ledger.begin(office.receipt())
    other = sqlite3.connect(ledger.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OutputProblem, match="in use"):
        SqliteLedger(ledger.path, FixedClock(), patience=0.1).begin(office.receipt())
    other.close()


@pytest.mark.posix(reason="Windows has no limits on the size of a file (RLIMIT_FSIZE)")
def test_a_full_disk_is_said_and_loses_nothing(ledger: SqliteLedger) -> None:
    """A limit on the size of files stands in for a full disk; it holds for a child alone."""
    head = ledger.begin(office.receipt())
    code = (
        "import sys, resource; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path\n"
        "from fakes import FixedClock\n"
        "from unit.ledger import office\n"
        "from imu_imageprep.domain.errors import OutputProblem\n"
        "from imu_imageprep.ledger.sqlite import SqliteLedger\n"
        "ledger = SqliteLedger(Path(sys.argv[1]), FixedClock())\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n"
        "    while True: print(ledger.begin(office.receipt()), flush=True)\n"
        "except OutputProblem as problem: sys.exit(0 if problem.advice else 1)\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code, ledger.path, root, root / "tests"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    told = done.stdout.split()
    assert told
    found = ledger.audit(told[-1])
    assert found.damage is None
    assert found.events == len(told) + 1
    assert ledger.audit(head).damage is None
    ledger.begin(office.receipt())


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path, tmp_path / "file" / "ledger.db"):
        with pytest.raises(OutputProblem):
            SqliteLedger(path, FixedClock()).begin(office.receipt())


def test_a_read_only_ledger_is_said(ordinary: Path) -> None:
    ledger = SqliteLedger(ordinary / "ledger.db", FixedClock())
    ledger.begin(office.receipt())
    ledger.path.chmod(0o400)
    with pytest.raises(OutputProblem):
        ledger.begin(office.receipt())


def test_damage_anywhere_is_a_clear_error_or_harmless(ledger: SqliteLedger) -> None:
    ref = ledger.new_reference("C")
    ledger.add(replace(office.PATIENT, ref=ref), office.bound(ref))
    with sqlite3.connect(ledger.path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    whole = ledger.path.read_bytes()
    for at in range(0, len(whole), 499):
        ledger.path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        for end in ("-wal", "-shm"):
            Path(f"{ledger.path}{end}").unlink(missing_ok=True)
        with contextlib.suppress(ImageprepError):
            ledger.answers_for(office.PHOTO)
            ledger.begin(office.receipt())


def test_a_ledger_of_the_first_release_is_brought_forward(ledger: SqliteLedger) -> None:
    event = Event("2026-01-01T00:00:00.000+00:00", "export-begun", "{}", GENESIS)
    ledger.path.parent.mkdir()
    with sqlite3.connect(ledger.path) as connection:
        connection.executescript(schema.STEPS[0])
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(
            "INSERT INTO events (at, kind, body, prev, hash) VALUES (?, ?, ?, ?, ?)",
            (event.at, event.kind, event.body, event.prev, event.hash),
        )
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    ledger.add(office.PATIENT)
    found = ledger.audit(event.hash)
    assert (found.events, found.damage) == (2, None)


def test_many_may_make_the_ledger_at_once(ledger: SqliteLedger) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: ledger.add(office.PATIENT), range(24)))
    found = ledger.audit()
    assert (found.events, found.damage) == (24, None)


def test_a_thread_takes_no_locks_from_another(ledger: SqliteLedger) -> None:
    """The last connection of another process would clear away the log of a thread that writes."""
    ledger.begin(office.receipt())
    others = (
        "import sqlite3, sys\n"
        "for statement in ('SELECT * FROM events', 'BEGIN IMMEDIATE'):\n"
        "    one = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)\n"
        "    one.execute(statement).fetchall()\n"
        "    one.close()\n"
    )
    with ledger.writing() as writer:
        event = writer.append("export-done", {"begun": "a" * 64})
        with ThreadPoolExecutor(1) as pool:
            pool.submit(ledger.head).result()
        done = subprocess.run(
            [sys.executable, "-c", others, ledger.path], check=False, capture_output=True, text=True
        )
    assert "database is locked" in done.stderr
    assert ledger.audit(event.hash).damage is None


def test_an_erasure_waits_for_the_threads_that_have_the_ledger_open(ledger: SqliteLedger) -> None:
    """It reads the files at last, and closing them would give up the locks of those threads."""
    (made,) = ledger.add(office.PATIENT)
    impatient = SqliteLedger(ledger.path, FixedClock(), patience=0.1)
    with sqlite3.connect(ledger.path) as keeps_the_log:
        ledger.erase(made.ref)
        with ledger.reading(), pytest.raises(OutputProblem, match="erasure is recorded"):
            impatient.forget([b"a key"])
        impatient.forget([b"a key"])
    keeps_the_log.close()


def test_many_begin_a_new_ledger_at_once(tmp_path: Path) -> None:
    """The workers of a first batch all find no ledger, and none may fail for that."""
    paths = [tmp_path / str(number) / "ledger.db" for number in range(60)]
    spawn = multiprocessing.get_context("spawn")
    everybody = spawn.Barrier(3)
    workers = [spawn.Process(target=office.begin_each, args=(paths, everybody)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=100)
        if worker.exitcode != 0:
            everybody.abort()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]


@pytest.mark.parametrize("statement", ["DELETE FROM events", "UPDATE events SET kind = 'x'"])
def test_events_are_never_changed(ledger: SqliteLedger, statement: str) -> None:
    ledger.begin(office.receipt())
    with sqlite3.connect(ledger.path) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement)


@pytest.mark.posix(reason="Windows has no modes: a folder says who may read")
def test_the_file_is_its_owners_alone(ledger: SqliteLedger) -> None:
    ledger.begin(office.receipt())
    assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o600


def test_looking_makes_no_file(ledger: SqliteLedger) -> None:
    ledger.exports_of("5" * 64, "p" * 64, "r" * 64)
    assert not ledger.path.parent.exists()


def test_a_newer_ledger_is_refused(ledger: SqliteLedger) -> None:
    ledger.begin(office.receipt())
    with sqlite3.connect(ledger.path) as connection:
        connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    with pytest.raises(OutputProblem, match="newer"):
        ledger.begin(office.receipt())


def test_a_file_that_is_no_ledger_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"this is a letter, not a database, and long enough to be sure of it" * 9)
    before = path.read_bytes()
    with pytest.raises(OutputProblem):
        SqliteLedger(path, FixedClock()).begin(office.receipt())
    assert path.read_bytes() == before
