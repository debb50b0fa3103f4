"""Where a photo or an export lies: a path of this computer, or an address of a store."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath
from typing import TypeAlias

from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.lines import one_line

# memory:// is fsspec's own, gone with the process: for tests.
SCHEMES = frozenset({"s3", "sftp", "smb", "memory"})
TAKEN = "Use s3://, sftp://, smb:// or file://"

# Compiled when the first address comes: most runs have none. A drive of Windows has one letter.
_URL = r"(?is)\s*([a-z][a-z0-9+.-]+)://(.*)"
_HOST = r"(?:[A-Za-z0-9._-]+@)?(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?"
# "me:12345" of "me:12345/6@server" is who somebody is and the beginning of a password.
_USER_OR_SERVER = r"[^@\[]+:\d+"
_BUCKET = r"[A-Za-z0-9][A-Za-z0-9._-]*"
# What is signed for somebody ends so; a "?" alone may be part of a name.
_QUERY = r"\?[^/]*="


@dataclass(frozen=True, slots=True)
class Remote:
    """A file or folder in a store, named as ``Path`` names one of this computer.

    It is no ``os.PathLike``, so that nothing takes it for a path by mistake. It never holds a
    password or a key.

    Attributes:
        scheme: which kind of store ("s3").
        host: a bucket's name, or a server's: ``user@host:port``.
        path: below it, from the root on.
    """

    scheme: str
    host: str
    path: PurePosixPath

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}{'' if self.path == self.path.parent else self.path}"

    @property
    def name(self) -> str:
        """The last part; empty for the whole store."""
        return self.path.name

    @property
    def stem(self) -> str:
        """The name without its suffix."""
        return self.path.stem

    @property
    def suffix(self) -> str:
        """How the name ends, with the dot."""
        return self.path.suffix

    @property
    def key(self) -> str:
        """The path without the slash in front: an object's name in its bucket."""
        return str(self.path)[1:]

    @property
    def parent(self) -> Remote:
        """The folder that it lies in; of a whole store itself."""
        return Remote(self.scheme, self.host, self.path.parent)

    @property
    def parents(self) -> tuple[Remote, ...]:
        """The folders above, the nearest first."""
        return tuple(Remote(self.scheme, self.host, path) for path in self.path.parents)

    def __truediv__(self, below: str | PurePath) -> Remote:
        inner = below if isinstance(below, str) else below.as_posix()
        return Remote(self.scheme, self.host, self.path / inner)

    def with_name(self, name: str) -> Remote:
        """What lies beside it under another name."""
        return Remote(self.scheme, self.host, self.path.with_name(name))

    def with_suffix(self, suffix: str) -> Remote:
        """What lies beside it and ends otherwise."""
        return Remote(self.scheme, self.host, self.path.with_suffix(suffix))

    def absolute(self) -> Remote:
        """Itself: an address is whole."""
        return self

    def is_relative_to(self, folder: Remote) -> bool:
        """Whether it is a folder, or lies in it."""
        same = (self.scheme, self.host) == (folder.scheme, folder.host)
        return same and self.path.is_relative_to(folder.path)

    def relative_to(self, folder: Remote) -> PurePosixPath:
        """The way from a folder that it lies in."""
        return self.path.relative_to(folder.path)


Place: TypeAlias = Path | Remote


def is_url(text: object) -> bool:
    """Whether a text is an address and no path; a file really called so is written ``./a://b``."""
    return isinstance(text, str) and _match(text) is not None


def _match(text: str) -> re.Match[str] | None:
    return re.match(_URL, text) if "://" in text else None


def place(typed: str | os.PathLike[str] | Remote) -> Place:
    """The place that a person names.

    What is wrong with an address is told without it: it may hold a password.

    Raises:
        UsageProblem: an address of an unknown kind, with a password, key or query in it, or one
            that no file or folder can have.
    """
    if isinstance(typed, Remote):
        return typed
    text = os.fspath(typed)
    match = _match(text)
    if match is None:
        return Path(text)
    scheme, rest = match[1].lower(), match[2]
    host, _, below = rest.partition("/")
    if scheme == "file":
        return _file(host, below)
    if scheme not in SCHEMES:
        raise UsageProblem(f"imageprep cannot use addresses that begin with {scheme}://.", TAKEN)
    known = re.fullmatch(_BUCKET if scheme in {"s3", "memory"} else _HOST, host) is not None
    # An "@" of a name stands behind the first "/", where a server's name has ended (RFC 3986); one
    # of a password does not, as what is in front of that "/" is no server's name then. Only a
    # password of digits and a "/" looks like a port.
    if "@" in rest and (not known or re.fullmatch(_USER_OR_SERVER, host)):
        raise UsageProblem(
            "An address must hold no password and no key.",
            "Leave it out: the store's own ways of saying who you are hold (docs/archive.md)."
            + (" Where the @ belongs to a name, say who you are: me@server:port" if known else ""),
        )
    if "?" in host or re.search(_QUERY, below):
        raise UsageProblem(
            "An address must hold no ? with values after it: it may hold a key.", "Leave that out."
        )
    if not known:
        raise UsageProblem(
            "The address names no bucket or server that there can be.",
            "Write it like s3://bucket/folder, sftp://user@server/folder or smb://server/share",
        )
    if not usable(below.removesuffix("/")):
        raise UsageProblem(
            f"No file or folder can have this address: {scheme}://{host}/...",
            'It has an empty part, a "." or "..", a backslash, or a control character.',
        )
    return Remote(scheme, host, PurePosixPath(f"/{below}"))


def here(where: Place, what: str = "This") -> Path:
    """A path of this computer, where no address will do.

    Args:
        where: what was named.
        what: begins the sentence: "The page".

    Raises:
        UsageProblem: it is an address.
    """
    if isinstance(where, Remote):
        raise UsageProblem(
            f"{what} takes files and folders of this computer, and {where} is in a store.",
            "Prepare what is in a store with: imageprep URL -o URL",
        )
    return where


def usable(below: str) -> bool:
    """Whether a path below a store's root can be a path on every system; the root can.

    An object may be called ``../x`` or ``a//b``: neither may decide where something is written. Nor
    is one taken whose address would be taken for one that somebody signed.
    """
    if not below:
        return True
    return (
        below == one_line(below)
        and re.search(_QUERY, below) is None
        and all(part not in {"", ".", ".."} and "\\" not in part for part in below.split("/"))
    )


def recorded(text: str) -> Place:
    """The place that a receipt tells, which was one when it was written down."""
    match = _match(text)
    if match is None or match[1] not in SCHEMES:
        return Path(text)
    host, _, below = match[2].partition("/")
    return Remote(match[1], host, PurePosixPath(f"/{below}"))


def _file(host: str, below: str) -> Path:
    """The path of a ``file://`` address (RFC 8089).

    Raises:
        UsageProblem: it is another computer's, or no file can have it.
    """
    if host not in {"", "localhost"}:
        raise UsageProblem(
            "A file:// address is of this computer: it begins with three slashes.",
            "Write it like file:///home/me/photos",
        )
    from urllib.parse import unquote  # noqa: PLC0415  (seldom)

    below = unquote(below)
    if "\0" in below:
        raise UsageProblem("No file or folder can have this address.", "Check the spelling.")
    return Path(below if re.match(r"[A-Za-z]:", below) and os.name == "nt" else f"/{below}")
