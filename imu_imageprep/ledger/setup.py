"""Setting a database up for a ledger, by its administrator, and telling how it is set up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg

from imu_imageprep.domain.errors import OutputProblem
from imu_imageprep.ledger import links
from imu_imageprep.ledger import postgres_schema as schema
from imu_imageprep.ledger import server_words as words

if TYPE_CHECKING:
    from imu_imageprep.ledger.book import Ledger

_STATE = """
SELECT current_setting('server_version'), session_user::text,
  (SELECT t.version FROM pg_stat_ssl t WHERE t.pid = pg_backend_pid() AND t.ssl),
  (SELECT count(*) FROM events),
  pg_has_role('imageprep_writer', 'MEMBER'), pg_has_role('imageprep_eraser', 'MEMBER'),
  current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on'
"""


@dataclass(frozen=True, slots=True)
class State:
    """How a server keeps a ledger.

    Attributes:
        version: of PostgreSQL.
        user: the database's user.
        way: how it is reached: "TLSv1.3", "this computer" or "not encrypted".
        role: what the user may do: "reader", "writer" or "eraser".
        events: how many there are.
        safe: whether what was acknowledged outlives a power cut.
    """

    version: str
    user: str
    way: str
    role: str
    events: int
    safe: bool


def run(url: str) -> bool:
    """Set a database up, or bring it forward to this release; whether there was anything to do.

    Args:
        url: the address, with a user who may make schemas and roles.

    Raises:
        OutputProblem: the server cannot be used, the user may not, or a newer release was here.
    """
    try:
        with links.opened(url) as connection:
            version = links.version_of(connection)
            if version > schema.VERSION:
                raise words.newer()
            if version < schema.VERSION:
                connection.execute(schema.script(version).encode())
    except psycopg.errors.RaiseException as problem:
        raise OutputProblem(
            "The ledger needs a database whose encoding is UTF8.",
            "Make one: createdb --encoding=UTF8 --template=template0 NAME",
        ) from problem
    except psycopg.errors.InsufficientPrivilege as problem:
        raise OutputProblem(
            "This user may not make roles and schemas on the server.",
            "Without --run the command prints the SQL, for an administrator to run.",
        ) from problem
    except psycopg.Error as problem:
        raise words.unreachable(problem) from problem
    return version < schema.VERSION


def state(ledger: Ledger) -> State:
    """How a server keeps a ledger; only its number of events is looked at.

    Raises:
        OutputProblem: the ledger cannot be used.
    """
    with ledger.reading() as connection:
        assert isinstance(connection, links.Link)
        found: tuple[Any, ...] = connection.execute(_STATE).fetchone() or ()
        here = links.on_this_computer(connection.connection)
    version, user, encrypted, events, writer, eraser, safe = found
    way = encrypted or ("this computer" if here else "not encrypted")
    role = "eraser" if eraser else "writer" if writer else "reader"
    return State(version, user, way, role, events, safe)
