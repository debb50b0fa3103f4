"""Where configurations lie and how they add up: one file rules, a folder's may only tighten."""

from __future__ import annotations

import dataclasses
import functools
import os
import re
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep import storage
from imu_imageprep.domain import words
from imu_imageprep.domain.errors import AlreadyThere, OutputProblem, PolicyProblem, UsageProblem
from imu_imageprep.domain.policy import Policy
from imu_imageprep.domain.policy_file import keys, parse
from imu_imageprep.domain.rules import names_font_file
from imu_imageprep.domain.server import LEAVE_IT_OUT, holds_password, on_server
from imu_imageprep.domain.tightening import tightened
from imu_imageprep.domain.toml_text import Statements
from imu_imageprep.windows import reachable, real

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from imu_imageprep.storage import Place, Remote

FILE_NAME = "imageprep.toml"

# A line that is no comment and may set ledger.url.
_MAY_NAME = re.compile(r"^[^#\n]*url", re.MULTILINE)


def user_file() -> Path:
    """Where the user's own configuration lies, whether or not it is there."""
    import platformdirs  # noqa: PLC0415  (only a run needs it, not --help)

    return platformdirs.user_config_path("imageprep", appauthor=False) / FILE_NAME


def ledger_place(
    given: str | os.PathLike[str] | None = None, rules: Policy | None = None
) -> Path | str:
    """Where the ledger lies: a file, or the address of a server as it was written.

    As given, else ``IMAGEPREP_LEDGER``, else as a configuration says, else in the user's data
    folder.

    Args:
        given: named for this run.
        rules: the policy of the run; where it names no ledger, the user's own configuration does,
            so that every command works with the same one.

    Raises:
        UsageProblem: the address holds a password, or no ledger can be there.
        PolicyProblem: the user's own configuration is wrong.
    """
    named = given or os.environ.get("IMAGEPREP_LEDGER")
    if not named:
        named = (rules and rules.ledger.url) or _own_ledger()
    if not named:
        return _data_folder() / "ledger.db"
    if not storage.is_url(named):
        return Path(named)
    # Taken for a file, it would be a second ledger that nobody means. It is not repeated: it may
    # hold a password.
    if not on_server(named):
        raise UsageProblem(
            "No ledger can be at this address.",
            "Name a file, or a server in small letters: postgresql://HOST/DATABASE",
        )
    if holds_password(str(named)):
        raise UsageProblem("The address of the ledger must not hold a password.", LEAVE_IT_OUT)
    return str(named)


def beside_ledger(place: Path | str) -> Path:
    """The file beside which this computer keeps what belongs to a ledger but not into it.

    It is the ledger's own file, or one in the user's data folder that stands for a server's.
    """
    if isinstance(place, Path):
        return place
    import hashlib  # noqa: PLC0415  (a file needs none of it)

    name = f"server-{hashlib.sha256(place.encode(errors='surrogateescape')).hexdigest()[:12]}"
    return _data_folder() / name / "ledger"


def _own_ledger() -> str:
    """The ledger that the user's own configuration names; TOML is read only where it may."""
    path = user_file()
    return load().ledger.url if _is_there(path) and _MAY_NAME.search(_read(path)) else ""


def _data_folder() -> Path:
    import platformdirs  # noqa: PLC0415

    return platformdirs.user_data_path("imageprep", appauthor=False)


def load(given: Path | None = None) -> Policy:
    """The policy from a configuration file: the one given, else the user's own, else the defaults.

    Relative paths in the file begin at its folder.

    Raises:
        PolicyProblem: the file is missing although given, unreadable, or says something unknown.
    """
    path = given if given is not None else user_file()
    if given is None and not _is_there(path):
        return Policy()
    return _located(parse(_read(path), Policy(), str(path)), path.absolute().parent)


def _located(policy: Policy, folder: Path) -> Policy:
    """The policy of a file, with paths in it as seen from its folder."""
    rules, register, ledger = policy.watermark, policy.register, policy.ledger
    if ledger.url and not storage.is_url(ledger.url):
        url = str(folder / Path(ledger.url).expanduser())
        policy = policy.replace(ledger=dataclasses.replace(ledger, url=url))
    if register.key_file:
        key_file = str(folder / Path(register.key_file).expanduser())
        policy = policy.replace(register=dataclasses.replace(register, key_file=key_file))
    files = {
        "logo": rules.logo,
        "font": rules.font if names_font_file(rules.font) else "",
    }
    found = {key: str(folder / Path(path).expanduser()) for key, path in files.items() if path}
    if not found:
        return policy
    return policy.replace(watermark=dataclasses.replace(rules, **found))  # type: ignore[arg-type]


def folder_policy(folder: Place, base: Policy, given: Path | None = None) -> Policy:
    """The policy for photos in ``folder``: each file found in or above it tightens ``base``.

    Args:
        folder: where the photo lies.
        base: the policy of the run.
        given: the file that ``base`` came from, which is not read a second time.

    Raises:
        PolicyProblem: a file sets a key that cannot tighten, or would loosen the policy.
    """
    policy = base
    for path, text in _rules_beside(folder, given):
        policy = tightened(policy, text, str(path))
    return policy


def _rules_beside(folder: Place, given: Path | None) -> Iterator[tuple[Place, str]]:
    """The configuration files in and above a folder with their texts, the outermost first."""
    if isinstance(folder, Path):
        yield from ((path, _read(path)) for path in _beside(folder, given))
        return
    minute = int(time.monotonic() / _KNOWN_SECONDS)
    for place in (*reversed(folder.parents), folder):
        if place.scheme == "smb" and place.path == place.path.parent:
            continue  # a server of shares holds no files
        text = _in_store(place / FILE_NAME, minute)
        if text is not None:
            yield place / FILE_NAME, text


# Of how many folders of a store it is known, and how long (seconds), what their rules are: asking
# for each photo would cost more than the photo.
_KNOWN, _KNOWN_SECONDS = 256, 60


@functools.lru_cache(_KNOWN)
def _in_store(path: Remote, _minute: int) -> str | None:
    """The text of a configuration file in a store; None where there is none."""
    from imu_imageprep import files  # noqa: PLC0415  (few runs have a configuration)
    from imu_imageprep.domain.texts import MOST_BYTES  # noqa: PLC0415

    what = f"The configuration file {path}"

    def fits(size: int) -> None:
        if size > MOST_BYTES:
            raise files.too_large(what, PolicyProblem)

    try:
        data = storage.store_of(path).read(path, fits)
    except FileNotFoundError:
        return None
    return files.text_of(data, what, PolicyProblem)


def _beside(folder: Path, given: Path | None) -> Iterator[Path]:
    """The configuration files in and above a folder, the outermost first."""
    own = {real(path) for path in (given, user_file()) if path is not None}
    here = real(folder)
    for place in (*reversed(here.parents), here):
        path = place / FILE_NAME
        if _is_file(path) and real(path) not in own:
            yield path


def _is_there(path: Path) -> bool:
    """Whether the user has a configuration; one that cannot be looked at counts, and is refused."""
    try:
        return path.is_file()
    except OSError:
        return True


def _is_file(path: Path) -> bool:
    try:
        return reachable(path).is_file()
    except OSError:  # a folder above that may not be entered
        return False


def _read(path: Path) -> str:
    from imu_imageprep import files  # noqa: PLC0415  (few runs have a configuration)

    name = words.printable(str(path))
    try:
        reachable(path).stat()
    except FileNotFoundError:
        raise PolicyProblem(f"There is no configuration file {name}.", files.SPELLING) from None
    except (OSError, ValueError):
        pass  # reading it says why
    return files.text(path, f"The configuration file {name}", PolicyProblem)


def begin(given: Path | None = None, *, replace: bool = False) -> Path:
    """Write a configuration that explains every key and changes none; returns its path.

    Args:
        given: where to; by default where the user's own configuration lies.
        replace: whether a file that is there may be replaced.

    Raises:
        AlreadyThere: there is one already.
        OutputProblem: it could not be written.
    """
    from imu_imageprep import atomic  # noqa: PLC0415  (most runs only read a configuration)
    from imu_imageprep.domain.policy_form import template  # noqa: PLC0415

    path = user_file() if given is None else given
    try:
        if given is None:
            path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(path, template().encode(), replace=replace)
    except FileExistsError:
        raise AlreadyThere(
            f"There is a configuration {path} already.",
            "Use --force to replace it, or name another file.",
        ) from None
    except OSError as problem:
        raise OutputProblem(
            f"The configuration {path} could not be written ({atomic.reason(problem)}).",
            "Name a file in a folder that is there and may be written.",
        ) from problem
    return path


class From(StrEnum):
    """What a value of the policy comes from."""

    DEFAULT = "default"
    USER = "user"
    CONFIG = "config"
    FOLDER = "folder"
    FLAG = "flag"


@dataclasses.dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from; ``line`` counts from 1, None where it cannot be told."""

    kind: From
    path: Path | None = None
    line: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class InForce:
    """A policy, and where each value of it comes from.

    Attributes:
        policy: the rules.
        origins: by key ("export.size"), every key once.
        files: the configuration files that were read, the later over the earlier.
    """

    policy: Policy
    origins: Mapping[str, Origin]
    files: tuple[Origin, ...]


def in_force(
    policy: Policy, given: Path | None, folder: Path, flagged: Collection[str] = ()
) -> InForce:
    """The policy for the photos of a folder, and where its values come from.

    Args:
        policy: the policy of the run, flags included.
        given: the file that it came from; None for the user's own.
        folder: where the photos lie.
        flagged: the keys that flags set.

    Raises:
        PolicyProblem: a file is unreadable, or one beside the photos is wrong or would loosen it.
    """
    origins = dict.fromkeys(keys(policy), Origin(From.DEFAULT))
    files = []
    base = given if given is not None else user_file()
    if given is not None or _is_there(base):
        origin = Origin(From.USER if given is None else From.CONFIG, base)
        files.append(origin)
        origins |= {key: dataclasses.replace(origin, line=n) for key, n in settings(base).items()}
    origins |= dict.fromkeys(flagged, Origin(From.FLAG))
    for path in _beside(folder, given):
        before = keys(policy)
        policy = tightened(policy, _read(path), str(path))
        origin = Origin(From.FOLDER, path)
        files.append(origin)
        for key, n in settings(path).items():
            if keys(policy)[key] != before[key]:
                origins[key] = dataclasses.replace(origin, line=n)
    return InForce(policy, origins, tuple(files))


def settings(path: Path) -> dict[str, int]:
    """The line of each key that a sound configuration file sets.

    Raises:
        PolicyProblem: it could not be read.
    """
    known = keys(Policy())
    lines = Statements.of(_read(path)).lines
    # The line of the first of [[places]] stands for all of them.
    named = {".".join(str(part) for part in key if part != 0): n for key, n in lines.items()}
    return {key: n for key, n in named.items() if key in known}
