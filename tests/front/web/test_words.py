"""The words of the page: every one that is asked for is there, in both languages."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import jinja2
import pytest

from imu_imageprep.domain import needs
from imu_imageprep.domain.finding import Flag
from imu_imageprep.domain.fitting import Unfit
from imu_imageprep.domain.metadata import MADE_BEFORE, WHO_TOOK_IT, Category
from imu_imageprep.domain.policy import FaceRules, Flags, Level, Policy
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
    return dict(texts(catalogue.own(language)))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_ask_for_words_that_are_there(template: Any) -> None:
    asked = re.findall(r"""\bt\(\s*["']([\w.]+)["']\s*[,)]""", template.read_text("utf-8"))
    assert set(asked) <= set(table("en"))


SCRIPTS = sorted((catalogue.folder() / "static").rglob("*.js"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_ask_for_words_that_are_there(script: Any) -> None:
    text = script.read_text("utf-8")
    asked = set(re.findall(r"""\bt\(\s*["']([\w.-]+)["']\s*[,)]""", text))
    numbered = re.findall(r"""\bmany\(\s*["']([\w.-]+)["']""", text)
    asked |= {f"{key}_{number}" for key in numbered for number in ("one", "many")}
    assert {f"script.{key}" for key in asked} <= set(table("en"))


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_every_term_of_the_program_has_a_word(language: str) -> None:
    """What is off or only noted, what was hidden, what answers, and why something does not."""
    unchecked = Policy(
        flags=Flags(
            **dict.fromkeys((field.name for field in dataclasses.fields(Flags)), Level.OFF)
        ),
        faces=FaceRules(min_face=1, person=Level.OFF),
    ).not_checked
    assert set(unchecked) > set(Flag)
    terms = {f"check.{name}" for name in unchecked}
    terms |= {f"policy.flag_{field.name}" for field in dataclasses.fields(Flags)}
    terms |= {f"policy.level_{level}" for level in Level}
    terms |= {f"hidden.{category}" for category in Category}
    terms |= {f"unfit.{unfit}" for unfit in Unfit}
    terms |= {f"notes.{note}" for note in (WHO_TOOK_IT, MADE_BEFORE)}
    for kind, rules in needs.table().items():
        terms.add(f"kind.{kind}")
        for rule in rules:
            need = rule["need"]
            terms.add(f"needs.{need}")
            terms |= {f"people.{record}" for record in rule["records"]}
            terms |= {f"reasons.{reason}" for reason in rule["reasons"]}
            if rule["records"]:
                terms |= {f"choose.{about}{need}" for about in ("", "title_", "intro_", "none_")}
            if rule["reasons"]:
                terms |= {f"dismiss.{need}", f"dismissing.title_{need}"}
    assert {f"script.{term}" for term in terms} <= set(table(language))


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_why_a_record_does_not_answer_is_a_sentence(language: str) -> None:
    told = catalogue.own(language)["script"]["unfit"]
    assert [code for code, text in told.items() if " " not in text] == []


# What the server says in plain English by itself; other languages have words for it.
SERVERS = ("script.error.", "script.advice.")


def test_malay_says_what_english_says() -> None:
    """It may lack a text, which is then said in English; it has none that nobody asks for."""
    assert {key for key in table("ms") if not key.startswith(SERVERS)} <= set(table("en"))


def test_malay_says_what_to_do_wherever_it_says_what_is_wrong() -> None:
    """Else half of a message would be in English."""
    told = catalogue.own("ms")["script"]
    assert set(told["error"]) == set(told["advice"])


# One word for one thing: docs/words.md says which; these are the words that it replaced.
OLD_WORDS = {
    "en": r"\bheld\b(?!\})|set aside|let go|made ready|make it ready|could not be used"
    r"|found is not nothing|\bis none\b|\bbelongs? into\b|take (it )?back|\bplease\b|looked at for",
    "ms": r"ditahan|menahan|ketepikan|ditemukan|tidak dapat digunakan|\bsila\b",
}


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_one_word_for_one_thing(language: str) -> None:
    texts = table(language).items()
    assert [key for key, text in texts if re.search(OLD_WORDS[language], text, re.IGNORECASE)] == []


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The check can miss things. Look at every picture before you post it."),
        (
            "ms",
            "Pemeriksaan boleh terlepas sesuatu. Lihat setiap gambar sebelum anda menyiarkannya.",
        ),
    ],
)
def test_what_the_check_cannot_promise_is_said_the_same_way_everywhere(
    language: str, sentence: str
) -> None:
    told = table(language)
    assert f"{told['results.look']} {told['results.look_text']}" == sentence
    assert told["script.help.four"] == sentence
    assert told["script.last.text_one"].endswith(sentence)
    assert told["script.last.text_many"].endswith(sentence)


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
