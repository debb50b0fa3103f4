"""Records as plain values (of TOML and JSON), and back."""

from __future__ import annotations

import contextlib
import dataclasses
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from imu_imageprep.domain.answers import Anchor
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.consent import Form, Kind, Known, Purpose, Relation
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.needs import Need, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")


def to_values(entry: Any) -> dict[str, Any]:
    """A record as plain values: days as ISO 8601, choices as words, boxes as four numbers."""
    return {field.name: _plain(getattr(entry, field.name)) for field in dataclasses.fields(entry)}


def from_values(kind: type[T], values: Mapping[str, Any]) -> T:
    """A record from plain values; fields that are not given keep their defaults.

    Args:
        kind: the record's class.
        values: field names with texts, numbers, lists and dates (ISO 8601 texts will do).

    Raises:
        UsageProblem: a field that the record does not have, one that it needs, or a value that
            does not fit.
    """
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for name in values:
        if name not in fields:
            raise UsageProblem(f"There is no field {name}; there are: {', '.join(fields)}.")
    read = {name: _read(name, str(fields[name].type), value) for name, value in values.items()}
    for name, field in fields.items():
        if field.default is dataclasses.MISSING and name not in read:
            raise UsageProblem(f"The field {name} is missing.")
    return kind(**read)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Box):
        return [value.x, value.y, value.w, value.h]
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return to_values(value) if dataclasses.is_dataclass(value) else value


def _read(name: str, annotation: str, value: Any) -> Any:
    wanted, _, optional = annotation.partition(" | ")
    if value is None and optional:
        return None
    if wanted.startswith("tuple["):
        if not isinstance(value, (list, tuple)):
            raise UsageProblem(f"{name} must be a list.")
        inner = wanted.removeprefix("tuple[").partition(",")[0]
        return tuple(_read(name, inner, one) for one in value)
    return _READERS[wanted](name, value)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise UsageProblem(f"{name} must be a text.")
    return value


def _number(name: str, value: Any) -> int:
    if type(value) is not int:
        raise UsageProblem(f"{name} must be a whole number.")
    return value


def _truth(name: str, value: Any) -> bool:
    if type(value) is not bool:
        raise UsageProblem(f"{name} must be true or false.")
    return value


def _day(name: str, value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    with contextlib.suppress(ValueError, TypeError):
        return date.fromisoformat(value)
    raise UsageProblem(f"{name} must be a day, like 2026-03-04.")


def _box(name: str, value: Any) -> Box:
    if isinstance(value, (list, tuple)) and len(value) == 4:  # noqa: PLR2004
        with contextlib.suppress(ValueError, TypeError):
            return Box(*(float(number) for number in value))
    raise UsageProblem(f"{name} must be four numbers.")


def _anchor(name: str, value: Any) -> Anchor:
    if not isinstance(value, dict):
        raise UsageProblem(f"{name} must be a section.")
    return from_values(Anchor, value)


def _one_of(choices: type[Enum]) -> Callable[[str, Any], Enum]:
    def read(name: str, value: Any) -> Enum:
        with contextlib.suppress(ValueError):
            return choices(value)
        words = ", ".join(str(choice.value) for choice in choices)
        raise UsageProblem(f"{name} must be one of: {words}.")

    return read


# By the annotation as it is written in the records.
_READERS: dict[str, Callable[[str, Any], Any]] = {
    "str": _text,
    "int": _number,
    "bool": _truth,
    "date": _day,
    "Box": _box,
    "Anchor": _anchor,
    **{
        kind.__name__: _one_of(kind)
        for kind in (Kind, Known, Relation, Form, Purpose, Need, Reason)
    },
}
