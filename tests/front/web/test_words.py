"""The words of the page: every one that is asked for is there, in both languages."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

import jinja2
import pytest

from imu_imageprep.front.web import catalogue
from imu_imageprep.front.web.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

TEMPLATES = sorted((catalogue.folder() / "templates").rglob("*.html"))


def texts(table: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Dotted keys and texts."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from texts(value, f"{above}{key}.")
        else:
            assert isinstance(value, str), key
            yield above + key, value


def table(language: str) -> dict[str, str]:
    file = catalogue.folder() / "strings" / f"{language}.toml"
    return dict(texts(tomllib.loads(file.read_text("utf-8"))))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_ask_for_words_that_are_there(template: Any) -> None:
    asked = re.findall(r"""\bt\(\s*["']([\w.]+)["']\s*[,)]""", template.read_text("utf-8"))
    assert set(asked) <= set(table("en"))


# What the server says in plain English by itself; other languages have words for it.
SERVERS = ("script.error.", "script.unfit.")


def test_malay_says_what_english_says() -> None:
    """It may lack a text, which is then said in English; it has none that nobody asks for."""
    assert {key for key in table("ms") if not key.startswith(SERVERS)} <= set(table("en"))


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_translations_fill_in_the_same_values(language: str) -> None:
    english = table("en")
    for key, text in table(language).items():
        known = set(re.findall(r"\{\w+\}", english.get(key, "")))
        assert set(re.findall(r"\{\w+\}", text)) <= known, key


def test_a_missing_word_is_its_key_and_values_are_filled_in_once() -> None:
    words = Catalogue().texts("en")
    assert words("no.such.key") == "no.such.key"
    assert catalogue.merged({"a": {"b": "1", "c": "2"}}, {"a": {"b": "3"}}) == {
        "a": {"b": "3", "c": "2"}
    }


@pytest.mark.parametrize(
    ("accept", "language"),
    [("ms-MY,ms;q=0.9,en;q=0.8", "ms"), ("de, en;q=0.5", "en"), ("", "en"), ("xx;;,", "en")],
)
def test_the_browser_says_which_language_to_begin_with(accept: str, language: str) -> None:
    assert catalogue.preferred(accept) == language


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_script_and_no_style_of_their_own(template: Any) -> None:
    """The page's policy would refuse them; an address elsewhere, too."""
    text = template.read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son\w+=", text)
    assert not re.search(r"""(src|href)=["'](?:https?:)?//""", text)
    jinja2.Environment(autoescape=True).parse(text)
    assert "|safe" not in text.replace(" ", "")
