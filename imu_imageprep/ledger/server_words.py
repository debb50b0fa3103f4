"""What went wrong with a server, in plain words; its own may hold values and stay unsaid."""

from __future__ import annotations

import logging

import psycopg
from psycopg import errors

from imu_imageprep.domain.errors import OutputProblem
from imu_imageprep.ledger.store import DamagedLedger

_log = logging.getLogger("imu_imageprep")

_ROLES = (
    "Ask the administrator for the role imageprep_reader, imageprep_writer, or imageprep_eraser "
    "to erase."
)

_NO_SERVICE = (
    "The service of the address is in no service file.",
    "Check PGSERVICEFILE, or ~/.pg_service.conf.",
)

# How libpq and the server say why nobody was let in: these have no code (libpq, PQconnectPoll). The
# first that fits; what passes by itself comes after what does not.
_CONNECTING = (
    (
        "no password supplied",
        "The ledger's server asks for a password, and there is none.",
        "Put it into the file that PGPASSFILE names (~/.pgpass), or into a service file.",
    ),
    (
        "authentication failed",
        "The ledger's server did not accept the user or the password.",
        "Check the user in the address, and the password in the file of PGPASSFILE (~/.pgpass).",
    ),
    (
        "does not support SSL",
        "TLS is required, and the ledger's server does not offer it.",
        "The administrator switches TLS on at the server (ssl = on).",
    ),
    (
        "no encryption",
        "The ledger's server lets nobody in without TLS.",
        "Leave sslmode out of the address, or write sslmode=verify-full.",
    ),
    (
        "certificate",
        "The certificate of the ledger's server is not the one that was expected.",
        "Check sslrootcert and the host's name in the address.",
    ),
    (
        "no pg_hba.conf entry",
        "The ledger's server does not let this computer or user in.",
        "The administrator adds them to pg_hba.conf.",
    ),
    (
        "is not permitted to log in",
        "This user may not log in at the ledger's server.",
        "Name another user in the address: postgresql://USER@HOST/DATABASE",
    ),
    (
        "does not exist",
        "The ledger's server has no such database or user.",
        "Check the address: postgresql://USER@HOST/DATABASE",
    ),
    ("definition of service", *_NO_SERVICE),
    ('service file "', *_NO_SERVICE),
    (
        "permission denied for database",
        "This user may not connect to the database of the ledger.",
        _ROLES,
    ),
)

# By the code of the error (PostgreSQL documentation, appendix A), the first that fits.
_CODES = (
    (
        errors.InsufficientPrivilege,
        "This user may not do this in the ledger on the server.",
        _ROLES,
    ),
    (
        errors.LockNotAvailable,
        "The ledger is in use by another program.",
        "Wait a moment and try again.",
    ),
    (
        errors.ReadOnlySqlTransaction,
        "The ledger's server takes no writing: it is a copy, or set so.",
        "Name the server that takes writing in the address.",
    ),
    (
        errors.DiskFull,
        "The disk of the ledger's server is full, so nothing was recorded.",
        "The administrator makes room; then try again.",
    ),
    (
        errors.QueryCanceled,
        "The ledger's server broke off what took too long.",
        "Try again, or ask the administrator about statement_timeout.",
    ),
)
_DAMAGE = (
    *(errors.UndefinedTable, errors.UndefinedColumn, errors.UndefinedFunction),
    *(errors.DataCorrupted, errors.IndexCorrupted, errors.InternalError_),
)

_LOST = "The connection to the ledger's server was lost."
_WAIT = "Try again when the server is back. Nothing leaves unrecorded."


def passing(problem: psycopg.Error) -> bool:
    """Whether what kept somebody out may be over in a moment."""
    return not isinstance(problem, psycopg.ProgrammingError) and _kept_out(problem) is None


def unreachable(problem: psycopg.Error) -> OutputProblem:
    """Why there is no connection."""
    if problem.sqlstate is not None:
        return told(problem)
    _log.debug("no connection to the ledger's server: %s", type(problem).__name__)
    usual = ("The ledger's server cannot be reached.", "Check the address, and that it runs.")
    return OutputProblem(*(_kept_out(problem) or usual))


def told(problem: psycopg.Error) -> OutputProblem:
    """What a statement failed for."""
    _log.debug("the ledger's server refused: %s", problem.sqlstate or type(problem).__name__)
    for kind, message, advice in _CODES:
        if isinstance(problem, kind):
            return OutputProblem(message, advice)
    if isinstance(problem, _DAMAGE):
        return damaged()
    if isinstance(problem, psycopg.OperationalError):
        return OutputProblem(_LOST, _WAIT)
    return OutputProblem("The ledger's server could not do what was asked.", _WAIT)


def newer() -> OutputProblem:
    """What is said where a later release was here before."""
    return OutputProblem("The ledger was written by a newer imageprep.", "Update imageprep.")


def damaged() -> DamagedLedger:
    """What is said where the events cannot be read."""
    return DamagedLedger("The ledger on the server is damaged, or it is not a ledger.")


def _kept_out(problem: psycopg.Error) -> tuple[str, str] | None:
    said = str(problem)
    return next(((what, help_) for sign, what, help_ in _CONNECTING if sign in said), None)
