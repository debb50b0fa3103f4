"""The address of a ledger on a server."""

from __future__ import annotations

import re

# The two spellings that libpq takes (PostgreSQL documentation, "Connection URIs").
_SERVER = re.compile(r"postgres(ql)?://")
# Without a user: to libpq an @ before the first / ends one, also behind a question mark.
_HOST = re.compile(r"[^@:/?]*(:\d+)?(\?[^@/]*(/|$)|/[^@]*(\?|$)|$)")
# What libpq takes as a secret among the parameters of an address, besides the one before the @.
_SECRETS = frozenset(
    {"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"}
)


LEAVE_IT_OUT = "Leave it out: it belongs into the file of PGPASSFILE, or into a service file."


def on_server(place: object) -> bool:
    """Whether a place names a server and not a file."""
    return isinstance(place, str) and _SERVER.match(place) is not None


def holds_password(url: str) -> bool:
    """Whether the address of a server holds a secret, which everybody could read who sees it."""
    from urllib.parse import parse_qsl, unquote  # noqa: PLC0415  (a file needs none of it)

    rest = url.partition("://")[2]
    # A password that nobody encoded may hold any sign, so a user is whatever stands before an @.
    user = "" if _HOST.match(rest) else unquote(rest.rpartition("@")[0])
    parameters = rest.partition("?")[2]
    named = {name.strip().lower() for name, _ in parse_qsl(parameters, keep_blank_values=True)}
    return ":" in user or bool(named & _SECRETS)
