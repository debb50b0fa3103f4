"""Setting one number in a TOML text, with its comments and everything else left as it is."""

from __future__ import annotations

import re
import tomllib

from imu_imageprep.domain.errors import PolicyProblem


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
    wanted = tomllib.loads(text)
    try:
        wanted.setdefault(section, {})[key] = value
        if tomllib.loads(edited) == wanted:
            return edited
    except (tomllib.TOMLDecodeError, TypeError):
        pass
    raise PolicyProblem(
        f"{section}.{key} could not be set in the configuration file.",
        f"Write it yourself: {line}, under [{section}].",
    )
