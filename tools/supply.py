"""What imageprep is made of: packages, networks and fonts, under what terms; made on Linux.

    uv run python tools/supply.py

Writes ``docs/licences.md`` and ``docs/sbom.cdx.json`` (CycloneDX 1.6). Read are the tested set in
pyproject.toml, what is installed of it, models.toml and the fonts. Where a package states its
licence as an expression of SPDX, that is told; for the others somebody read its licence file, and
the answer stands here. What is not installed here (for another Python, or only for the fuzzer) is
told as it was told before. A test says when either page is old.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from imu_imageprep.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "assets"
LICENCES = ROOT / "docs" / "licences.md"
BILL = ROOT / "docs" / "sbom.cdx.json"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

# Read in the licence files of packages that state no expression, and of those not for Linux.
READ = {
    "aiosignal": "Apache-2.0",
    "atheris": "Apache-2.0",
    "axe-playwright-python": "MIT AND MPL-2.0",  # the second is axe-core's
    "backports-tarfile": "MIT",
    "blinker": "MIT",
    "colorama": "BSD-3-Clause",
    "coloredlogs": "MIT",
    "defusedxml": "PSF-2.0",
    "dlib-bin": "BSL-1.0",
    # Most of it is in the public domain; the GPL is of an Emacs mode that is not installed.
    "docutils": "BSD-2-Clause AND Python-2.0.1",
    "exifread": "BSD-3-Clause",
    "face-recognition": "MIT",
    "face-recognition-models": "MIT",
    "flatbuffers": "Apache-2.0",
    "ghp-import": "Apache-2.0",
    "grimp": "BSD-2-Clause",
    "humanfriendly": "MIT",
    "id": "Apache-2.0",
    "import-linter": "BSD-2-Clause",
    "itsdangerous": "BSD-3-Clause",
    "jaraco-classes": "MIT",
    "jinja2": "BSD-3-Clause",
    "markdown-it-py": "MIT",
    "mdurl": "MIT",
    "mergedeep": "MIT",
    "mpmath": "BSD-3-Clause",
    "onnxruntime": "MIT",
    "opencv-python-headless": "Apache-2.0 AND LGPL-2.1-or-later",  # the second is FFmpeg's
    "partd": "BSD-3-Clause",
    "pathspec": "MPL-2.0",
    "pi-heif": "BSD-3-Clause AND LGPL-3.0-or-later",  # the second: libheif and libde265
    "protobuf": "BSD-3-Clause",
    "python-dateutil": "Apache-2.0 AND BSD-3-Clause",
    "pywin32-ctypes": "BSD-3-Clause",
    "requests-toolbelt": "Apache-2.0",
    "rfc3986": "Apache-2.0",
    "s3fs": "BSD-3-Clause",
    "s3transfer": "Apache-2.0",
    "segno": "BSD-3-Clause",
    "shellingham": "ISC",
    "sortedcontainers": "Apache-2.0",
    "sspilib": "MIT",
    "sympy": "BSD-3-Clause",
    "trove-classifiers": "Apache-2.0",
    "zict": "BSD-3-Clause",
}

_HASH = re.compile(r"(_?-[0-9a-f]{8}|-r0-[0-9a-f]{8})?[-.].*")

# Fonts below assets/: licence, and where each is from.
FONTS = {
    "watermark/Inter-SemiBold.otf": (
        "OFL-1.1",
        "Debian package fonts-inter 4.0~beta7+ds-1, unchanged",
    )
}
_IN_MODELS = re.compile(r"\b(?:MIT|Apache-2\.0)\b")  # licences that models.toml names

# What a package is there for, and the word of CycloneDX.
NEEDED, DEVELOPMENT = "always", "development"
SCOPES = {NEEDED: "required", DEVELOPMENT: "excluded"}  # an extra is "optional"


@dataclass(frozen=True, slots=True)
class Package:
    """A package of the tested set.

    Attributes:
        name: as it is spelled in the registry.
        version: the tested one; numpy has one for each Python.
        licence: an SPDX expression.
        use: why it is there: always, the name of an extra, or development.
        needs: names of the packages of the set that it asks for.
        inside: libraries of others that its wheel for Linux holds.
    """

    name: str
    version: str
    licence: str
    use: str
    needs: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()

    @property
    def purl(self) -> str:
        """Its address as a package URL, which also is its name within the SBOM."""
        return f"pkg:pypi/{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class Shipped:
    """A file of somebody else that ships with imageprep: a network, a list, a font."""

    file: str
    licence: str
    source: str
    kind: str
    sha256: str = field(repr=False)


# --- packages -------------------------------------------------------------------------------------


def pinned() -> Iterator[tuple[str, str]]:
    """Name and version of the tested set, without what is overridden never to be installed."""
    table = PROJECT["tool"]["uv"]
    never = {Requirement(one).name for one in table["override-dependencies"]}
    for line in table["constraint-dependencies"]:
        wanted = Requirement(line)
        if wanted.name not in never:
            yield wanted.name, next(iter(wanted.specifier)).version


def _asked(lines: Iterable[str], extras: Iterable[str]) -> Iterator[Requirement]:
    """What requirements ask for with some extras, on any system and Python."""
    wanted = tuple(extras)
    for line in lines:
        found = Requirement(line)
        of_extra = re.findall(r"extra == ['\"]([^'\"]+)", str(found.marker or ""))
        if not of_extra or set(of_extra) & set(wanted):
            yield found


@dataclass(frozen=True, slots=True)
class _Told:
    """What a package says of itself: requirements, an SPDX expression, libraries inside."""

    requires: tuple[str, ...]
    licence: str
    inside: tuple[str, ...]


@cache
def _told(name: str) -> _Told:
    try:
        stated = metadata.metadata(name).json
    except metadata.PackageNotFoundError:
        return _before().get(name, _Told((), "", ()))
    files = metadata.files(name) or []
    # As auditwheel lays them: NAME-HASH.so...
    there = (file.name for file in files if file.parts[0].endswith(".libs") and ".so" in file.name)
    return _Told(
        tuple(metadata.requires(name) or ()),
        str(stated.get("license_expression") or stated.get("license") or ""),
        tuple(sorted({_HASH.sub("", file) for file in there})),
    )


@cache
def _before() -> dict[str, _Told]:
    """What the bill of materials that lies in the docs says, by package."""
    bill = json.loads(BILL.read_text("utf-8")) if BILL.exists() else {}
    needs = {one["ref"]: one["dependsOn"] for one in bill.get("dependencies", ())}
    return {
        one["name"]: _Told(
            tuple(ref.rpartition("/")[2].partition("@")[0] for ref in needs[one["bom-ref"]]),
            next(iter(one["licenses"])).get("expression") or one["licenses"][0]["license"]["id"],
            tuple(inner["name"] for inner in one.get("components", ())),
        )
        for one in bill.get("components", ())
        if "purl" in one
    }


def _needs(name: str, extras: Iterable[str] = ()) -> Iterator[Requirement]:
    yield from _asked(_told(name).requires, extras)


def _closure(begin: Iterable[Requirement], known: set[str]) -> set[str]:
    """The packages of the tested set that requirements lead to."""
    found: set[str] = set()
    waiting = list(begin)
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        if name in known and name not in found:
            found.add(name)
            waiting += _needs(name, one.extras)
    return found


def _uses(known: set[str]) -> dict[str, str]:
    """Why each package is there; the first reason counts."""
    project = PROJECT["project"]
    asked = {NEEDED: project["dependencies"], **project["optional-dependencies"]}
    found: dict[str, str] = {}
    for use, lines in asked.items():
        for name in _closure(_asked(lines, ()), known):
            found.setdefault(name, use)
    return {name: found.get(name, DEVELOPMENT) for name in known}


def _licence(name: str) -> str:
    try:
        return canonicalize_license_expression(READ.get(name) or _told(name).licence)
    except InvalidLicenseExpression:
        raise SystemExit(
            f"{name} states no licence: read it, and enter it in tools/supply.py"
        ) from None


def packages() -> list[Package]:
    """The tested set, by name."""
    pins = sorted(pinned())
    known = {name for name, _ in pins}
    uses = _uses(known)
    return [
        Package(
            name,
            version,
            _licence(name),
            uses[name],
            tuple(sorted({canonicalize_name(one.name) for one in _needs(name)} & known)),
            _told(name).inside,
        )
        for name, version in pins
    ]


# --- files ----------------------------------------------------------------------------------------


def shipped() -> list[Shipped]:
    """Every network, list and font that others made or that was trained, with its fingerprint."""
    table = tomllib.loads((ASSETS / "models" / "models.toml").read_text("utf-8"))
    models = [
        Shipped(
            f"models/{row['file']}",
            " AND ".join(dict.fromkeys(_IN_MODELS.findall(row["licence"]))),
            row["source"],
            "data" if row["file"].endswith(".txt") else "machine-learning-model",
            row["sha256"],
        )
        for row in table.values()
    ]
    fonts = [
        Shipped(
            file, licence, source, "file", hashlib.sha256((ASSETS / file).read_bytes()).hexdigest()
        )
        for file, (licence, source) in FONTS.items()
    ]
    return models + fonts


# --- the page -------------------------------------------------------------------------------------

_PAGE = """\
# What it is made of, and under what terms

imageprep itself is under the MIT licence. `tools/supply.py` makes this page from the tested set of
packages and the list of networks. The same as a software bill of materials (CycloneDX) is
[sbom.cdx.json](sbom.cdx.json); each wheel of imageprep carries it in `.dist-info/sboms`.

## Networks, lists and fonts

A network or list whose sha256 differs is not loaded ([the model card](models.md)).

| file | licence | where it is from | sha256 |
|---|---|---|---|
{files}

## Packages

There: *always*; with an extra (`app`, `register`); only for *development*, which nobody who uses
imageprep installs. Inside: libraries of others that the package's wheel for Linux holds.

| package | version | licence | there | inside |
|---|---|---|---|---|
{packages}
"""


def page() -> str:
    """The page of the docs."""
    order = {NEEDED: 0, DEVELOPMENT: 2}
    listed = sorted(packages(), key=lambda one: (order.get(one.use, 1), one.use, one.name))
    return _PAGE.format(
        files="\n".join(
            f"| `{one.file}` | {one.licence} | {one.source} | `{one.sha256}` |" for one in shipped()
        ),
        packages="\n".join(
            f"| {one.name} | {one.version} | {one.licence} | {one.use} | {', '.join(one.inside)} |"
            for one in listed
        ),
    )


# --- the bill of materials ------------------------------------------------------------------------


def sbom() -> dict[str, Any]:
    """The bill of materials; no date and no number in it, so that the same set gives the same."""
    listed = packages()
    refs: dict[str, list[str]] = {}
    for one in listed:
        refs.setdefault(one.name, []).append(one.purl)
    root = f"pkg:pypi/imu-imageprep@{__version__}"
    direct = {
        canonicalize_name(one.name)
        for lines in (
            PROJECT["project"]["dependencies"],
            *PROJECT["project"]["optional-dependencies"].values(),
        )
        for one in _asked(lines, ())
    }
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": "imu-imageprep",
                "version": __version__,
                "licenses": [{"license": {"id": "MIT"}}],
                "purl": root,
            },
        },
        "components": [*map(_package, listed), *map(_file, shipped())],
        "dependencies": [
            {"ref": root, "dependsOn": _refs(direct, refs)},
            *({"ref": one.purl, "dependsOn": _refs(one.needs, refs)} for one in listed),
        ],
    }


def _refs(names: Iterable[str], refs: Mapping[str, list[str]]) -> list[str]:
    return sorted(ref for name in names for ref in refs.get(name, ()))


def _licences(expression: str) -> list[dict[str, Any]]:
    if " " in expression:
        return [{"expression": expression}]
    return [{"license": {"id": expression}}]


def _package(one: Package) -> dict[str, Any]:
    inside = [
        {"type": "library", "bom-ref": f"{one.purl}#{name}", "name": name} for name in one.inside
    ]
    return {
        "type": "library",
        "bom-ref": one.purl,
        "name": one.name,
        "version": one.version,
        "scope": SCOPES.get(one.use, "optional"),
        "licenses": _licences(one.licence),
        "purl": one.purl,
        **({"components": inside} if inside else {}),
    }


def _file(one: Shipped) -> dict[str, Any]:
    return {
        "type": one.kind,
        "bom-ref": f"file:{one.file}",
        "name": one.file,
        "version": one.sha256[:12],
        "description": one.source,
        "scope": "required",
        "hashes": [{"alg": "SHA-256", "content": one.sha256}],
        "licenses": _licences(one.licence),
    }


def written() -> dict[Path, str]:
    """Both pages as they are written."""
    return {LICENCES: page(), BILL: json.dumps(sbom(), indent=1, ensure_ascii=False) + "\n"}


if __name__ == "__main__":
    # All is read before anything is written: the bill tells what was told before.
    for target, text in written().items():
        target.write_text(text, "utf-8", newline="\n")
