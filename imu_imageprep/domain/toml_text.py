"""TOML as text: on which line each key stands, and one number set with all else left as it is.

The standard reader gives values without lines.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from imu_imageprep.domain.errors import PolicyProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    # ("export", "size"); the sections of [[places]] are numbered: ("places", 0, "name").
    Key: TypeAlias = tuple[str | int, ...]


# No statement of a configuration comes near this; reading ends where one does not.
_LONGEST = 500  # lines


@dataclass(frozen=True, slots=True)
class Statements:
    """Where the statements of a TOML text begin, counted from line 1.

    Attributes:
        lines: the line of the statement that sets each key, sections included.
        broken: the line of the first statement that is not TOML; None where there is none.
        last: the line of the last statement; None where there is none.
    """

    lines: dict[Key, int] = field(default_factory=dict)
    broken: int | None = None
    last: int | None = None

    @classmethod
    def of(cls, text: str) -> Statements:
        """Read a text, valid or not.

        Every statement of TOML ends at the end of a line, so the shortest run of lines that the
        standard reader takes is one statement: its quotes and brackets are closed.
        """
        lines: dict[Key, int] = {}
        section: Key = ()
        numbers: dict[Key, int] = {}
        last = None
        begun, rows = 1, text.replace("\r\n", "\n").split("\n")
        for number in range(1, len(rows) + 1):
            statement = rows[begun - 1 : number]
            if len(statement) > _LONGEST:
                break
            stated = _read("\n".join(statement))
            if stated is None:
                continue
            if rows[begun - 1].lstrip().startswith("["):
                section = _header(stated, numbers)
                lines.setdefault(section, begun)
            else:
                for key in _keys(stated):
                    lines.setdefault((*section, *key), begun)
            last = begun if stated else last
            begun = number + 1
        return cls(lines, begun if begun <= len(rows) else None, last)


def table(text: str) -> dict[str, Any]:
    """The values of TOML text; the one call of the standard reader for what people write.

    Raises:
        tomllib.TOMLDecodeError: it is not TOML, or goes beyond what the reader can hold.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:  # int() takes no more than 4,300 digits
        raise tomllib.TOMLDecodeError("A number is too long") from None
    except RecursionError:
        raise tomllib.TOMLDecodeError("Too many brackets inside one another") from None


def _read(text: str) -> dict[str, Any] | None:
    try:
        return table(text)
    except tomllib.TOMLDecodeError:
        return None


def _header(stated: dict[str, Any], numbers: dict[Key, int]) -> Key:
    """The section that ``[owner]`` or ``[[places]]`` begins; ``numbers`` counts the latter."""
    key: Key = ()
    inner: Any = stated
    while inner:
        ((name, inner),) = inner.items()
        key = (*key, name)
        if isinstance(inner, list):
            numbers[key] = numbers.get(key, -1) + 1
            return (*key, numbers[key])
    return key


def _keys(value: Any, before: Key = ()) -> Iterator[Key]:
    """Every key inside a value, the outer ones first."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for name, entry in inner:
        if isinstance(value, dict) or isinstance(entry, dict):
            yield (*before, name)
        if isinstance(entry, (dict, list)):
            yield from _keys(entry, (*before, name))


def with_number(text: str, section: str, key: str, value: float) -> str:
    """The text with ``key`` of ``[section]`` set.

    The result is read again and must differ from the text in nothing else, so a way of writing
    TOML that this does not know is refused instead of damaged.

    Args:
        text: valid TOML.
        section: a table at the top level.
        key: a bare key in it.
        value: the number.

    Raises:
        PolicyProblem: the text is written in a way in which this cannot set the key.
    """
    line = f"{key} = {value:g}"
    end = "\r\n" if "\r\n" in text else "\n"
    head = re.compile(rf"^[ \t]*\[[ \t]*{re.escape(section)}[ \t]*\][^\r\n]*", re.MULTILINE)
    found = head.search(text)
    if found is None:
        gap = "" if not text else end if text.endswith("\n") else 2 * end
        edited = f"{text}{gap}[{section}]{end}{line}{end}"
    else:
        following = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, found.end())
        stop = following.start() if following else len(text)
        body = text[found.end() : stop]
        old = re.compile(rf"^([ \t]*){re.escape(key)}[ \t]*=[ \t]*[^\s#]+", re.MULTILINE)
        if old.search(body):
            body = old.sub(lambda match: match[1] + line, body, count=1)
        else:
            body = f"{end}{line}{body}"
        edited = text[: found.end()] + body + text[stop:]
    try:
        wanted = table(text)
        wanted.setdefault(section, {})[key] = value
        if table(edited) == wanted:
            return edited
    except (tomllib.TOMLDecodeError, TypeError):
        pass
    raise PolicyProblem(
        f"{section}.{key} could not be set in the configuration file.",
        f"Write it yourself: {line}, under [{section}].",
    )
