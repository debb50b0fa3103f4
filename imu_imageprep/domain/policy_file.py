"""A policy from the text of ``imageprep.toml``: every key known, every value checked."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import tomllib
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from imu_imageprep.domain.errors import PolicyProblem
from imu_imageprep.domain.photo import Size
from imu_imageprep.domain.rules import Place
from imu_imageprep.domain.toml_text import Statements, table
from imu_imageprep.domain.words import meant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from _typeshed import DataclassInstance

    from imu_imageprep.domain.toml_text import Key

P = TypeVar("P", bound="DataclassInstance")

_PLACES = "places"
_SYNTAX = "Write texts in double quotes, sections in [brackets], and each key on its own line."


def parse(text: str, base: P, origin: str) -> P:
    """A policy from TOML text over the values of ``base``.

    Args:
        text: TOML.
        base: gives the values that the text does not set.
        origin: named in messages, with the line of the mistake where it has one: "office.toml:12".

    Raises:
        PolicyProblem: not TOML, an unknown key, or a value that does not fit.
    """
    stated = read(text, origin)
    with located(text, origin):
        return dataclasses.replace(base, **dict(_changes(stated, base)))


@contextlib.contextmanager
def located(text: str, origin: str) -> Iterator[None]:
    """Make problems inside point at the line of ``text`` that they are about.

    Raises:
        PolicyProblem: the one that was raised inside, with its place.
    """
    try:
        yield
    except PolicyProblem as problem:
        line = _line(problem, Statements.of(text).lines)
        where = origin if line is None else f"{origin}:{line}"
        raise PolicyProblem(f"{where}: {problem.message}", problem.advice) from None


def read(text: str, origin: str) -> dict[str, Any]:
    """The tables of TOML text.

    Raises:
        PolicyProblem: it is no TOML; the message names ``origin`` and the line.
    """
    try:
        return table(text)
    except tomllib.TOMLDecodeError as problem:
        what, _, place = str(problem).partition(" (at ")
        stated = re.match(r"line (\d+), column (\d+)", place)
        found = Statements.of(text)
        line = int(stated[1]) if stated else found.broken or found.last
        at = f", at column {stated[2]}" if stated else ""
        raise PolicyProblem(
            f"{origin}{'' if line is None else f':{line}'}: this is not valid TOML"
            f" ({what[:1].lower()}{what[1:]}{at}).",
            _SYNTAX,
        ) from problem


def mistake(key: Key, message: str, advice: str | None = None) -> PolicyProblem:
    """A problem with a key, before it is known on which line that stands."""
    problem = PolicyProblem(message, advice)
    problem.key = key
    return problem


def keys(policy: DataclassInstance) -> Mapping[str, object]:
    """Every key of a policy with its value: "export.size"; the places are one key."""
    values: dict[str, object] = {}
    for part in dataclasses.fields(policy):
        value = getattr(policy, part.name)
        if dataclasses.is_dataclass(value):
            for key in dataclasses.fields(value):
                values[f"{part.name}.{key.name}"] = getattr(value, key.name)
        else:
            values[part.name] = value
    return values


def _changes(stated: Mapping[str, Any], base: DataclassInstance) -> Iterator[tuple[str, object]]:
    known = [field.name for field in dataclasses.fields(base)]
    every = tuple(keys(base))
    for name, value in stated.items():
        if name not in known:
            raise _unknown((name,), known, every)
        before = getattr(base, name)
        if name == _PLACES:
            yield name, _places(value, every)
        elif dataclasses.is_dataclass(before):
            yield name, _section(name, value, before, every)
        else:
            yield name, _converted((name,), value, before)


def _section(name: str, value: object, base: Any, every: Iterable[str]) -> Any:
    if not isinstance(value, dict):
        raise mistake((name,), f"{name} must be a section: write [{name}] on a line of its own.")
    known = [field.name for field in dataclasses.fields(base)]
    changes = {}
    for key, entry in value.items():
        if key not in known:
            raise _unknown((name, key), known, every)
        changes[key] = _converted((name, key), entry, getattr(base, key))
    return dataclasses.replace(base, **changes)


def _places(value: object, every: Iterable[str]) -> tuple[Place, ...]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise mistake((_PLACES,), "places must be sections: write [[places]] for each.")
    return tuple(_place((_PLACES, number), entry, every) for number, entry in enumerate(value))


def _place(at: Key, entry: Mapping[str, Any], every: Iterable[str]) -> Place:
    known = [field.name for field in dataclasses.fields(Place)]
    for key, value in entry.items():
        if key not in known:
            raise _unknown((*at, key), known, every)
        wanted = str if key in ("name", "authority") else (int, float)
        if not isinstance(value, wanted) or isinstance(value, bool):
            kind = "a text" if wanted is str else "a number"
            raise mistake((*at, key), f"places.{key} must be {kind}.")
    if "name" not in entry:
        raise mistake(at, "places.name is missing.")
    try:
        return Place(**entry)
    except PolicyProblem as problem:
        named = next((key for key in known if key in problem.message), "")
        raise mistake((*at, named) if named in entry else at, problem.message) from None


def _converted(key: Key, value: object, default: object) -> object:
    """``value`` as the type of ``default``, or a problem that says what would fit."""
    if isinstance(default, Enum):
        kind = type(default)
        choices = [str(member.value) for member in kind]
        if value in choices:
            return kind(value)
        wanted = f"one of {', '.join(choices)}.{_meant(str(value).lower(), choices, quote=True)}"
        raise mistake(key, f"{_dotted(key)} must be {wanted}")
    if isinstance(default, Size):
        if isinstance(value, list) and len(value) == 2 and all(type(n) is int for n in value):  # noqa: PLR2004
            return Size(*value)
        wanted = "two whole numbers, like [800, 600]"
    elif isinstance(default, tuple):
        if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            return tuple(value)
        wanted = 'a list of texts, like ["one", "two"]'
    elif isinstance(default, (bool, str)):
        if type(value) is type(default):
            return value
        wanted = "true or false" if isinstance(default, bool) else "a text in double quotes"
    elif type(value) is int or (type(value) is float and type(default) is float):
        return value
    else:
        wanted = "a whole number" if type(default) is int else "a number"
    raise mistake(key, f"{_dotted(key)} must be {wanted}.")


def _unknown(key: Key, siblings: list[str], every: Iterable[str]) -> PolicyProblem:
    """An unknown key: the one that was meant, the section where it belongs, or all that there are.

    Args:
        key: what was written.
        siblings: the keys that its section has.
        every: each key of a configuration: "export.size".
    """
    *section, name = (str(part) for part in key if not isinstance(part, int))
    hint = _meant(name, siblings, prefix="".join(f"{part}." for part in section))
    homes = [known for known in every if known.split(".")[-1] == name]
    if not hint and homes:
        home = homes[0].rpartition(".")[0]
        hint = f" Write it {f'under [{home}]' if home else 'above the first [section]'}."
    if not hint:
        where = f" of [{'.'.join(section)}]" if section else ""
        hint = f" The keys{where} are: {', '.join(siblings)}."
    return mistake(key, f"{_dotted(key)} is not a key of the configuration.{hint}")


def _meant(written: str, known: list[str], *, prefix: str = "", quote: bool = False) -> str:
    close = meant(written, known)
    if not close:
        return ""
    return f' Did you mean "{close}"?' if quote else f" Did you mean {prefix}{close}?"


def _dotted(key: Key) -> str:
    return ".".join(part for part in key if isinstance(part, str))


def _line(problem: PolicyProblem, lines: Mapping[Key, int]) -> int | None:
    """The line of the key that a problem is about: its own, else that of one that it names."""
    key = problem.key
    while key:
        if key in lines:
            return lines[key]
        key = key[:-1]
    # A rule of the policy names the keys that it is about, in its message.
    named = [tuple(name.split(".")) for name in re.findall(r"[a-z_]+\.[a-z_0-9]+", problem.message)]
    whole = [(name,) for name in re.findall(r"profile|channel", problem.message)]
    places = [*named, *whole, *((section,) for section, *_ in named)]
    return next((lines[place] for place in places if place in lines), None)
