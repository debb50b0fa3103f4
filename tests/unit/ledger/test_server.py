"""What only a ledger on a server can meet: networks, passwords, roles, other releases."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from command import ROOT, imageprep
from fakes import FixedClock
from postgres import ADMIN, PASSWORD, Cut, Server
from unit.ledger import office

from imu_imageprep.domain.errors import OutputProblem, UsageProblem
from imu_imageprep.ledger import opened, postgres_schema
from imu_imageprep.ledger.postgres import PostgresLedger


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    name = server.database()
    yield name
    server.drop(name)


@pytest.fixture
def ledger(server: Server, database: str) -> PostgresLedger:
    return PostgresLedger(server.url(database), FixedClock())


# A server that goes away.


def test_a_restart_between_two_calls_is_not_noticed(server: Server, ledger: PostgresLedger) -> None:
    begun = ledger.begin(office.receipt())
    server.stop("immediate")
    server.start()
    ledger.finish(begun)
    server.stop()
    server.start()
    (made,) = ledger.add(office.PATIENT)
    assert ledger.record(made.ref) is not None
    assert ledger.audit(begun).events == 3


def test_a_server_that_is_gone_is_said_and_used_again(
    server: Server, ledger: PostgresLedger
) -> None:
    impatient = PostgresLedger(ledger.url, FixedClock(), patience=0.1)
    impatient.begin(office.receipt())
    server.stop()
    try:
        for call in (impatient.head, impatient.audit, lambda: impatient.begin(office.receipt())):
            with pytest.raises(OutputProblem, match="cannot be reached"):
                call()
    finally:
        server.start()
    impatient.begin(office.receipt())
    assert impatient.audit().events == 2


def test_a_server_that_comes_back_is_waited_for(server: Server, ledger: PostgresLedger) -> None:
    begun = ledger.begin(office.receipt())
    server.stop()
    back = threading.Thread(target=server.start)
    back.start()
    ledger.finish(begun)
    back.join()
    assert ledger.audit().events == 2


@pytest.mark.parametrize("heard", [True, False])
def test_an_export_whose_answer_was_lost_is_recorded_once(
    server: Server, database: str, *, heard: bool
) -> None:
    way = Cut(server, b"unnest", heard=heard)
    ledger = PostgresLedger(f"postgresql://writer_1@127.0.0.1:{way.port}/{database}", FixedClock())
    heads = ledger.begin_many([office.receipt(), office.receipt(export="d" * 64)])
    way.close()
    found = ledger.audit()
    assert way.cuts == 1
    assert (found.events, found.head, found.damage) == (2, heads[1], None)
    assert len(set(heads)) == 2


@pytest.mark.parametrize("heard", [True, False])
def test_an_answer_of_a_person_is_recorded_once_or_said_not_to_be(
    server: Server, database: str, *, heard: bool
) -> None:
    way = Cut(server, b"COMMIT", heard=heard)
    ledger = PostgresLedger(f"postgresql://writer_1@127.0.0.1:{way.port}/{database}", FixedClock())
    if heard:
        (made,) = ledger.add(office.PATIENT)
        assert [one.ref for one in ledger.records()] == [made.ref]
    else:
        with pytest.raises(OutputProblem, match="was lost"):
            ledger.add(office.PATIENT)
        assert ledger.records() == ()
    assert way.cuts == 1
    assert ledger.audit().damage is None


def test_a_writer_that_never_ends_is_said(ledger: PostgresLedger) -> None:
    impatient = PostgresLedger(ledger.url, FixedClock(), patience=0.1)
    with psycopg.connect(ledger.url) as other:
        other.execute("SELECT imageprep.take_turn()")
        for call in (
            lambda: impatient.add(office.PATIENT),
            lambda: impatient.begin(office.receipt()),
        ):
            with pytest.raises(OutputProblem, match="in use"):
                call()
        assert impatient.head() is None  # reading waits for nobody
    impatient.begin(office.receipt())


@pytest.mark.parametrize("table", ["keys", "version"])
def test_an_erasure_that_a_reader_holds_up_is_said(ledger: PostgresLedger, table: str) -> None:
    """Also one who reads an older state of something else, and could come to the keys."""
    (made,) = ledger.add(office.PATIENT)
    ((key,),) = office.sql(ledger, "SELECT key FROM keys")
    impatient = PostgresLedger(ledger.url, FixedClock(), patience=0.1)
    with psycopg.connect(ledger.url) as other:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        other.execute(f"SELECT * FROM imageprep.{table}".encode())
        with pytest.raises(OutputProblem, match="erasure is recorded"):
            impatient.erase(made.ref)
    assert key in office.raw(ledger)
    ledger.erase(made.ref)
    assert key not in office.raw(ledger)
    assert ledger.audit().damage is None


# What the server itself refuses, whatever program asks.

_OWN = "INSERT INTO imageprep.events (at, kind, body, token, nth) VALUES ('x', {}, '{{}}', {}, 1)"
_TOKEN = "'00000000-0000-0000-0000-000000000001'"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE imageprep.events SET kind = 'x'",
        "DELETE FROM imageprep.events",
        "TRUNCATE imageprep.events",
        "UPDATE imageprep.keys SET key = 'x'",
        "TRUNCATE imageprep.keys",
        "INSERT INTO imageprep.events (seq, at, kind, body) VALUES (9, 'x', 'x', '{}')",
        "INSERT INTO imageprep.events (at, kind, body, prev) VALUES ('x', 'x', '{}', 'x')",
        "UPDATE imageprep.version SET version = 9",
        "ALTER TABLE imageprep.events DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "DROP SCHEMA imageprep CASCADE",
    ],
)
@pytest.mark.parametrize("user", ["writer_1", "eraser_1"])
def test_no_role_of_ours_changes_what_is_recorded(
    ledger: PostgresLedger, user: str, statement: str
) -> None:
    (made,) = ledger.add(office.PATIENT)
    url = ledger.url.replace("eraser_1", user)
    with psycopg.connect(url) as own, pytest.raises(psycopg.errors.InsufficientPrivilege):
        own.execute(statement.encode())
    assert ledger.audit().damage is None
    assert ledger.record(made.ref) is not None


def test_nobody_empties_the_tables(ledger: PostgresLedger) -> None:
    ledger.add(office.PATIENT)
    for table in ("events", "keys"):
        with pytest.raises(psycopg.IntegrityError):
            office.sql(ledger, f"TRUNCATE {table}")


def test_whatever_a_writer_adds_is_chained(ledger: PostgresLedger) -> None:
    head = ledger.begin(office.receipt())
    with psycopg.connect(ledger.url.replace("eraser_1", "writer_1"), autocommit=True) as own:
        own.execute(_OWN.format("'other'", _TOKEN).encode())
        with pytest.raises(psycopg.errors.UniqueViolation):
            own.execute(_OWN.format("'other'", _TOKEN).encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            own.execute(_OWN.format("'erasure'", _TOKEN).encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            own.execute("DELETE FROM imageprep.keys")
    found = ledger.audit(head)
    assert (found.events, found.damage) == (2, None)


def test_triggers_that_were_switched_off_are_named(ledger: PostgresLedger) -> None:
    ledger.begin(office.receipt())
    office.sql(ledger, "ALTER TABLE events DISABLE TRIGGER events_never_change")
    damage = ledger.audit().damage
    assert damage is not None
    assert damage.event is None


def test_who_did_it_is_told_with_the_databases_user(ledger: PostgresLedger) -> None:
    assert ledger.account().endswith(", in the database eraser_1")


# What somebody is told who is not let in. Each is one sentence, and exit code 5.


def told(url: str, *command: str, **env: str) -> str:
    """What a command says about a ledger that cannot be used."""
    done = imageprep(*(command or ("consent", "list")), "--ledger", url, env=env)
    assert done.returncode == 5, done
    first, second, *more = done.stderr.splitlines()
    assert not more
    assert PASSWORD not in done.stderr + done.stdout
    return f"{first} {second.strip()}"


def test_passwords(server: Server, database: str, tmp_path: Path) -> None:
    url = server.by_network(database, "careful_1")
    assert "asks for a password" in told(url)
    assert "did not accept the user or the password" in told(url, PGPASSWORD="wrong")
    file = tmp_path / "pgpass"
    file.write_text(f"127.0.0.1:{server.port}:*:careful_1:{PASSWORD}\n")
    file.chmod(0o600)
    assert (
        imageprep("consent", "list", "--ledger", url, env={"PGPASSFILE": str(file)}).returncode == 0
    )
    services = tmp_path / "services"
    services.write_text(
        f"[office]\nhost=127.0.0.1\nport={server.port}\ndbname={database}\nuser=careful_1\n"
        f"password={PASSWORD}\n"
    )
    by_service = "postgresql:///?service=office"
    env = {"PGSERVICEFILE": str(services)}
    done = imageprep("doctor", "--json", "--ledger", by_service, env=env)
    assert "user careful_1, who may read and write; 0 events" in done.stdout
    assert PASSWORD not in done.stdout + done.stderr
    assert "in no service file" in told(by_service, PGSERVICEFILE=str(tmp_path / "none"))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:needle@host/db",
        "postgres://user:nee/dle@host/db",
        "postgresql://user%3Aneedle@host/db",
        "postgresql://host/db?password=needle",
        "postgresql://host/db?user=a&pass%77ord=needle",
        "postgresql:///db?sslpassword=needle",
    ],
)
@pytest.mark.parametrize("how", ["option", "environment", "configuration"])
def test_a_password_in_the_address_is_refused(home: Path, url: str, how: str) -> None:
    arguments, env = ["consent", "list"], {}
    if how == "option":
        arguments += ["--ledger", url]
    if how == "environment":
        env = {"IMAGEPREP_LEDGER": url}
    if how == "configuration":
        config = home / "imageprep" / "imageprep.toml"
        config.parent.mkdir(exist_ok=True)
        config.write_text(f'[ledger]\nurl = "{url}"\n')
        env = {"IMAGEPREP_LEDGER": ""}
    done = imageprep(*arguments, env=env)
    assert done.returncode == (7 if how == "configuration" else 2)
    assert "PGPASSFILE" in done.stderr
    assert "needle" not in done.stderr + done.stdout


def test_tls(server: Server, database: str) -> None:
    plain = server.by_network(database)
    assert "TLS is required" in told(f"{plain}?sslmode=require")
    others = server.by_network(database, host="0.0.0.0")
    assert "is not encrypted" in told(others)
    assert imageprep("consent", "list", "--ledger", f"{others}?sslmode=disable").returncode == 0
    strict = server.by_network(database, "tls_only", host="localhost")
    right = {"PGPASSWORD": PASSWORD}
    assert "lets nobody in without TLS" in told(f"{strict}?sslmode=disable", **right)
    with server.encrypted() as certificate:
        assert "certificate" in told(f"{strict}?sslmode=verify-full&sslrootcert=/none", **right)
        checked = f"{strict}?sslmode=verify-full&sslrootcert={certificate}"
        done = imageprep("doctor", "--ledger", checked, env=right)
        assert "; TLSv1" in done.stdout
        assert imageprep("consent", "list", "--ledger", others).returncode == 0


def test_who_may_do_what(server: Server, database: str) -> None:
    reader, writer = server.url(database, "reader_1"), server.url(database, "writer_1")
    ledger = opened(writer, FixedClock())
    (made,) = ledger.add(office.PATIENT)
    assert "imageprep_writer" in told(reader, "consent", "withdraw", made.ref, "--by", "A Clerk")
    assert "imageprep_eraser" in told(writer, "consent", "erase", made.ref, "--yes")
    assert "may not do this" in told(server.url(database, "nobody_1"))
    assert ledger.audit().events == 1
    done = imageprep("consent", "show", made.ref, "--ledger", reader)
    assert "P-0417" in done.stdout


def test_connections_are_closed_at_the_end_of_a_program(server: Server, database: str) -> None:
    program = (
        "from imu_imageprep.clock import SystemClock\n"
        "from imu_imageprep.ledger import opened\n"
        f"opened({server.url(database)!r}, SystemClock()).head()\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stderr == ""


def test_an_import_that_this_user_may_not_make_is_said(
    server: Server, ledger: PostgresLedger
) -> None:
    (made,) = ledger.add(office.PATIENT)
    ledger.erase(made.ref)
    lines = list(ledger.export_lines())
    other = server.database()
    for role in ("reader", "writer"):
        here = PostgresLedger(server.url(other, f"{role}_1"), FixedClock())
        with pytest.raises(OutputProblem, match="may not do this"):
            here.import_lines(lines)
        assert here.head() is None
    assert PostgresLedger(server.url(other), FixedClock()).import_lines(lines) == 2
    server.drop(other)


def test_what_is_not_a_ledger_of_this_release(server: Server) -> None:
    empty = server.database(empty=True)
    url, admin = server.url(empty), server.url(empty, ADMIN)
    assert "not set up" in told(url)
    assert "may not make roles and schemas" in told(url, "ledger", "init", "--run")
    for what in ("is set up", "was set up before"):
        done = imageprep("ledger", "init", "--run", "--ledger", admin)
        assert (done.returncode, what in done.stdout) == (0, True)
    assert imageprep("consent", "list", "--ledger", url).returncode == 0
    server.sql(empty, f"UPDATE imageprep.version SET version = {postgres_schema.VERSION + 1}")
    assert "newer imageprep" in told(url)
    assert "newer imageprep" in told(admin, "ledger", "init", "--run")
    server.drop(empty)
    assert "no such database" in told(url)
    assert "cannot be reached" in told("postgresql://127.0.0.1:1/ledger")


def test_the_printed_script_sets_a_database_up(server: Server) -> None:
    empty = server.database(empty=True)
    server.sql(empty, imageprep("ledger", "init").stdout)
    ledger = opened(server.url(empty), FixedClock())
    ledger.begin(office.receipt())
    assert ledger.audit().events == 1
    server.drop(empty)


def test_what_is_no_address_is_said() -> None:
    with pytest.raises(UsageProblem, match="not one of PostgreSQL"):
        opened("postgresql://[::1/db", FixedClock()).head()


def test_what_is_sent_to_other_processes_holds_the_address_alone(
    server: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    ledger = opened(server.by_network(database, "careful_1"), FixedClock())
    ledger.begin(office.receipt())
    assert PASSWORD.encode() not in pickle.dumps(ledger)
    assert pickle.loads(pickle.dumps(ledger)).head() == ledger.head()
    assert ledger.shared
