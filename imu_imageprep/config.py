"""Reading ``imageprep.toml``: every key known, every value checked, folders may only tighten."""

from __future__ import annotations

import dataclasses
import os
import tomllib
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain.errors import PolicyProblem
from imu_imageprep.domain.photo import Size
from imu_imageprep.domain.policy import (
    ExportRules,
    Flags,
    Level,
    Limits,
    Names,
    Official,
    Owner,
    Place,
    Policy,
    WatermarkRules,
    strictest,
)

if TYPE_CHECKING:
    from collections.abc import Callable

FILE_NAME = "imageprep.toml"

_SECTIONS: dict[str, type] = {
    "owner": Owner,
    "export": ExportRules,
    "watermark": WatermarkRules,
    "flags": Flags,
    "limits": Limits,
    "official": Official,
}


def user_file() -> Path:
    """Where the user's own configuration lies, whether or not it is there."""
    import platformdirs  # noqa: PLC0415  (only a run needs it, not --help)

    return platformdirs.user_config_path("imageprep", appauthor=False) / FILE_NAME


def ledger_file(given: Path | None = None) -> Path:
    """Where the ledger lies: as given, else ``IMAGEPREP_LEDGER``, else the user's data folder."""
    if given is not None:
        return given
    if named := os.environ.get("IMAGEPREP_LEDGER"):
        return Path(named)
    import platformdirs  # noqa: PLC0415

    return platformdirs.user_data_path("imageprep", appauthor=False) / "ledger.db"


def load(given: Path | None = None) -> Policy:
    """The policy from a configuration file: the one given, else the user's own, else the defaults.

    Raises:
        PolicyProblem: the file is missing although given, unreadable, or says something unknown.
    """
    path = given if given is not None else user_file()
    if given is None and not path.is_file():
        return Policy()
    return parse(_read(path), Policy(), str(path))


def parse(text: str, base: Policy, origin: str) -> Policy:
    """A policy from TOML text over the values of ``base``.

    Args:
        text: TOML.
        base: gives the values that the text does not set.
        origin: named in messages.

    Raises:
        PolicyProblem: not TOML, an unknown key, or a value that does not fit.
    """
    table = _table(text, origin)
    changes: dict[str, Any] = {}
    try:
        for key, value in table.items():
            if key in _SECTIONS:
                changes[key] = _section(key, value, getattr(base, key))
            elif key == "places":
                changes[key] = _places(value)
            elif key in ("profile", "channel"):
                changes[key] = _converted(key, value, getattr(base, key))
            else:
                raise _unknown(key, [*_SECTIONS, "profile", "channel", "places"])
        return base.replace(**changes)
    except PolicyProblem as problem:
        raise PolicyProblem(f"{origin}: {problem.message}", problem.advice) from None


def folder_policy(folder: Path, base: Policy, given: Path | None = None) -> Policy:
    """The policy for photos in ``folder``: each file found in or above it tightens ``base``.

    Args:
        folder: where the photo lies.
        base: the policy of the run.
        given: the file that ``base`` came from, which is not read a second time.

    Raises:
        PolicyProblem: a file sets a key that cannot tighten, or would loosen the policy.
    """
    own = {path.resolve() for path in (given, user_file()) if path is not None}
    policy = base
    here = folder.resolve()
    for place in (*reversed(here.parents), here):
        path = place / FILE_NAME
        if _is_file(path) and path.resolve() not in own:
            policy = tightened(policy, _read(path), str(path))
    return policy


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder above that may not be entered
        return False


def tightened(policy: Policy, text: str, origin: str) -> Policy:
    """The policy with the flags, limits, size and names of a folder's file, none of them looser.

    Raises:
        PolicyProblem: it sets anything else, or a looser value.
    """
    asked = parse(text, policy, origin)
    table = _table(text, origin)
    for section, keys in table.items():
        allowed = _MAY_TIGHTEN.get(section, {})
        for key in keys if isinstance(keys, dict) else [section]:
            name = f"{section}.{key}" if isinstance(keys, dict) else section
            if key not in allowed:
                raise PolicyProblem(
                    f"{origin}: {name} cannot be set in a photo folder.",
                    "A file beside the photos may only tighten flags, limits, export.size and "
                    "export.names; give the rest with --config or in your own configuration.",
                )
            before = getattr(getattr(policy, section), key)
            after = getattr(getattr(asked, section), key)
            if not allowed[key](before, after):
                raise PolicyProblem(
                    f"{origin}: {name} would loosen the policy in force.",
                    "A file beside the photos may only make the policy stricter.",
                )
    return asked


def _no_looser(before: Level, after: Level) -> bool:
    return strictest((before, after)) is after


def _no_larger(before: Any, after: Any) -> bool:
    return bool(after <= before)


_MAY_TIGHTEN: dict[str, dict[str, Callable[[Any, Any], bool]]] = {
    "flags": {field.name: _no_looser for field in dataclasses.fields(Flags)},
    "limits": {field.name: _no_larger for field in dataclasses.fields(Limits)},
    "export": {
        "size": lambda before, after: after[0] <= before[0] and after[1] <= before[1],
        "names": lambda before, after: after in (before, Names.NEUTRAL),
    },
}


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise PolicyProblem(f"There is no configuration file {path}.") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise PolicyProblem(f"The configuration file {path} could not be read.") from problem


def _table(text: str, origin: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise PolicyProblem(f"{origin} is not valid TOML: {problem}.") from problem


def _places(value: object) -> tuple[Place, ...]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise PolicyProblem("places must be sections: write [[places]] for each.")
    known = {field.name: field for field in dataclasses.fields(Place)}
    places = []
    for entry in value:
        for key, text in entry.items():
            if key not in known:
                raise _unknown(f"places.{key}", [f"places.{name}" for name in known])
            wanted = str if key in ("name", "authority") else (int, float)
            if not isinstance(text, wanted) or isinstance(text, bool):
                kind = "a text" if wanted is str else "a number"
                raise PolicyProblem(f"places.{key} must be {kind}.")
        if "name" not in entry:
            raise PolicyProblem("places.name is missing.")
        places.append(Place(**entry))
    return tuple(places)


def _section(name: str, value: object, base: Any) -> Any:
    if not isinstance(value, dict):
        raise PolicyProblem(f"{name} must be a section: write [{name}] on a line of its own.")
    known = [field.name for field in dataclasses.fields(base)]
    changes = {}
    for key, entry in value.items():
        if key not in known:
            raise _unknown(f"{name}.{key}", [f"{name}.{k}" for k in known])
        changes[key] = _converted(f"{name}.{key}", entry, getattr(base, key))
    return dataclasses.replace(base, **changes)


def _converted(name: str, value: object, default: object) -> object:
    """``value`` as the type of ``default``, or a problem that says what would fit."""
    if isinstance(default, Enum):
        kind = type(default)
        choices = [member.value for member in kind]
        if value in choices:
            return kind(value)
        wanted = "one of " + ", ".join(choices)
    elif isinstance(default, Size):
        if isinstance(value, list) and len(value) == 2 and all(type(n) is int for n in value):  # noqa: PLR2004
            return Size(*value)
        wanted = "two whole numbers, like [800, 600]"
    elif isinstance(default, tuple):
        if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            return tuple(value)
        wanted = "a list of texts"
    elif isinstance(default, str):
        if isinstance(value, str):
            return value
        wanted = "a text"
    elif type(value) is int or (type(value) is float and type(default) is float):
        return value
    else:
        wanted = "a whole number" if type(default) is int else "a number"
    raise PolicyProblem(f"{name} must be {wanted}.")


def _unknown(name: str, known: list[str]) -> PolicyProblem:
    from difflib import get_close_matches  # noqa: PLC0415  (only a mistake needs it)

    close = get_close_matches(name, known, 1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return PolicyProblem(f"{name} is not a key of the configuration.{hint}")
