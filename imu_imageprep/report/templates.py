"""Pages from templates: they load nothing, run only what they name, and escape all that is told."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
import tomllib
from datetime import datetime
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from imu_imageprep import assets
from imu_imageprep.domain import words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imu_imageprep.domain.words import Say


ENGLISH = "en"


def page(template: str, language: str = ENGLISH, **values: object) -> Iterator[str]:
    """The text of a page, piece by piece: rows are made as they are asked for.

    Args:
        template: its name in the report's assets.
        language: of its words; what it has no words for is said in English.
        values: what it tells; every value is escaped.
    """
    return _templates(language).get_template(template).generate(values, language=language)


def said_in(language: str) -> Say:
    """What says English words in a language; English where it has none for them."""
    table = _table(language)

    def say(text: str) -> str:
        return table.get(text, text)

    return say


@functools.cache
def _table(language: str) -> dict[str, str]:
    if language == ENGLISH:
        return {}
    return tomllib.loads((_folder() / f"{language}.toml").read_text("utf-8"))


# A page names its sources in its head, before anything that it tells.
_SOURCES = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')


def sources(html: str) -> str:
    """The sources that a page names (its Content-Security-Policy), for whoever serves it."""
    found = _SOURCES.search(html)
    assert found is not None
    return found[1]


@functools.cache
def _templates(language: str) -> jinja2.Environment:
    say = said_in(language)
    made = jinja2.Environment(
        extensions=["jinja2.ext.i18n"],
        loader=jinja2.FileSystemLoader(_folder()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = _asset
    made.install_gettext_callables(say, _one_form, newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(
        capital=_capital,
        counted=functools.partial(words.counted, say=say),
        digest=_digest,
        kilobytes=_kilobytes,
        listed=functools.partial(words.listed, say=say),
        local=_local,
        printable=_printable,  # for what is filled into a sentence
        said=say,
    )
    return made


def _one_form(one: str, many: str, number: int) -> str:
    """No page asks for it: what is counted is counted by its filter."""
    return one if number == 1 else many


def _folder() -> Path:
    return assets.root() / "report"


def _asset(name: str) -> Markup:
    """A style sheet or a script of the report's assets, which stands in the page as it is."""
    return Markup((_folder() / name).read_text("utf-8"))  # noqa: S704  (a file of ours)


def _printable(value: object) -> str:
    """What a template tells, before it is escaped: names may hold control characters."""
    if isinstance(value, Markup):
        return value
    text = str(value)
    return text if text.isprintable() else words.printable(text)


def _capital(sentence: str) -> str:
    """A sentence with its first letter in upper case."""
    return sentence[:1].upper() + sentence[1:]


def _digest(part: str) -> str:
    """A source for the page's Content-Security-Policy (CSP level 3, section 2.3.1)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}"


def _kilobytes(size: int) -> str:
    return f"{max(1, round(size / 1000))} KB"


def _local(moment: str) -> str:
    """A moment (ISO 8601) in the time of this computer."""
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M %z}"
