"""The words of the page, in the languages that it speaks."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from imu_imageprep import assets
from imu_imageprep.domain.metadata import MADE_BEFORE, WHO_TOOK_IT
from imu_imageprep.domain.words import CATEGORY, UNFIT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

LANGUAGES = ("en", "ms")
ENGLISH = LANGUAGES[0]


# What every part of the program says in the same English words; the page has none of its own.
# A note is known by its sentence; what a decoder says of a file is said in English.
_NOTES = {note: note for note in (WHO_TOOK_IT, MADE_BEFORE)}
_SHARED = {"script": {"hidden": CATEGORY, "unfit": UNFIT, "notes": _NOTES}}


def folder() -> Path:
    """Where templates, style, scripts and words lie."""
    return assets.root() / "web"


class Catalogue:
    """Texts by dotted keys; what a language lacks is said in English."""

    def __init__(self) -> None:
        english = own(ENGLISH)
        self._tables = {language: merged(english, own(language)) for language in LANGUAGES}

    def texts(self, language: str) -> Callable[..., str]:
        """The function that a template calls ``t``: a key and values to fill in, to a text."""
        table = self._tables.get(language, self._tables[ENGLISH])

        def text(key: str, **values: object) -> str:
            found: Any = table
            for part in key.split("."):
                found = found.get(part) if isinstance(found, dict) else None
            if not isinstance(found, str):
                return key
            for name, value in values.items():
                found = found.replace(f"{{{name}}}", str(value))
            return str(found)

        return text

    def scripts(self, language: str) -> dict[str, Any]:
        """The texts that scripts need."""
        table = self._tables.get(language, self._tables[ENGLISH])
        found = table.get("script", {})
        return found if isinstance(found, dict) else {}


def own(language: str) -> dict[str, Any]:
    """The texts that a language has itself, without those that it lacks and says in English."""
    file = folder() / "strings" / f"{language}.toml"
    table = tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    return merged(_SHARED, table) if language == ENGLISH else table


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Two trees of texts as one; the second wins."""
    out = dict(base)
    for key, value in over.items():
        before = out.get(key)
        nested = isinstance(before, dict) and isinstance(value, dict)
        out[key] = merged(before, value) if nested else value  # type: ignore[arg-type]
    return out


def preferred(accept: str) -> str:
    """The language to begin with, from what the browser says that its person reads."""
    for part in accept.split(","):
        tag = part.split(";")[0].strip().lower().split("-")[0]
        if tag in LANGUAGES:
            return tag
    return ENGLISH
