"""Compare the tested set of packages with a copy of the OSV database, without asking anybody.

    uv run python tools/known_faults.py all.zip

The copy is the archive of all advisories about PyPI that osv.dev offers (``PyPI/all.zip``); fetch
it wherever there is a network, and bring it along. Printed are the advisories that hold for a
pinned version, and how old the newest one in the copy is, so that an old copy is seen. Exit code 1
where there are any, 2 where the file is no such copy.
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import supply
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Advisory = dict[str, Any]


class Fault(NamedTuple):
    """An advisory that holds for a pinned package."""

    name: str
    version: str
    ident: str
    use: str
    summary: str


def advisories(archive: Path) -> Iterator[Advisory]:
    """Every advisory of a copy that was not withdrawn."""
    with zipfile.ZipFile(archive) as copy:
        for name in copy.namelist():
            told = json.loads(copy.read(name))
            if "withdrawn" not in told:
                yield told


def holds(affected: Mapping[str, Any], version: str) -> bool:
    """Whether an entry of an advisory holds for a version, as the OSV schema says."""
    if version in affected.get("versions", ()):
        return True
    ranges = (one for one in affected.get("ranges", ()) if one.get("type") == "ECOSYSTEM")
    return any(_within(one["events"], Version(version)) for one in ranges)


def _within(events: Iterable[Mapping[str, str]], version: Version) -> bool:
    inside = False
    steps = [(_version(at), kind) for event in events for kind, at in event.items()]
    for at, kind in sorted(steps, key=lambda step: step[0]):
        if kind == "introduced" and version >= at:
            inside = True
        elif (kind == "fixed" and version >= at) or (kind == "last_affected" and version > at):
            inside = False
    return inside


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:  # "0" is one; what no release was ever called is before all
        return Version("0.dev0")


def faults(told: Iterable[Advisory], pinned: Iterable[tuple[str, str, str]]) -> list[Fault]:
    """The advisories that hold for pinned packages, given as name, version and use."""
    known: dict[str, list[tuple[str, str]]] = {}
    for name, version, use in pinned:
        known.setdefault(canonicalize_name(name), []).append((version, use))
    return sorted(
        {
            Fault(name, version, one["id"], use, one.get("summary", ""))
            for one in told
            for affected in one.get("affected", ())
            if affected.get("package", {}).get("ecosystem") == "PyPI"
            for name in (canonicalize_name(affected["package"]["name"]),)
            for version, use in known.get(name, ())
            if holds(affected, version)
        }
    )


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        told = list(advisories(Path(arguments[0])))
    except (OSError, ValueError, zipfile.BadZipFile) as problem:
        print(f"no copy of the database: {problem}", file=sys.stderr)
        return 2
    found = faults(told, ((one.name, one.version, one.use) for one in supply.packages()))
    for one in found:
        print(f"{one.name} {one.version} ({one.use}): {one.ident} {one.summary}")
    newest = max((one.get("modified", "") for one in told), default="never")
    print(f"{len(told)} advisories, the newest of {newest}: {len(found)} hold")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
