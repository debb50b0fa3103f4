"""Numbers that are none, or have no end: in every option, every key and every field of a form."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imu_imageprep import config, prepare
from imu_imageprep.domain import forms
from imu_imageprep.domain.errors import PolicyProblem, UsageProblem
from imu_imageprep.domain.photo import Size
from imu_imageprep.domain.policy import Policy
from imu_imageprep.domain.policy_file import keys
from imu_imageprep.domain.tightening import tightened
from imu_imageprep.front.cli import process
from imu_imageprep.front.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator

# No option takes any of these.
NEVER = ["nan", "-nan", "inf", "-inf", "1e999", "-1", "9" * 40, "9" * 5000, "many", "", "0x10", "½"]
# These may be sound; where they are, the command goes on to what is not there.
PERHAPS = ["0", "1_000", "True", "٣", "1e10", " 2 "]
# A command line for every command with a number, which ends soon after its options are read.
LINES = {
    "prepare": ["prepare", "none.jpg", "--dry-run"],
    "check": ["check", "none.jpg"],
    "app": ["app", "none"],
    "watch": ["watch", "none"],
    "dismiss": ["dismiss", "none.jpg", "--doubts", "--by", "Tan", "--yes"],
    "calibrate": ["calibrate", "--clinical", "none", "--other", "none"],
    "consent use": ["consent", "use", "C-4T7-K9Q-X7G", "--photo", "none.jpg", "--covers", "all"],
}
# Options whose text is a number to a person.
TEXTS = {
    "--size": ("prepare", ["{}x600", "800x{}"]),
    "--redact-box": ("prepare", ["{},0,9,9", "0,{},9,9", "0,0,{},9", "0,0,9,{}"]),
    "--expiring": ("consent list", ["{}", "{}d"]),
    "--captured": ("consent use", ["{}", "{}-01-01", "2026-{}-01"]),
}
LINES["consent list"] = ["consent", "list"]


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command that has no commands of its own, by its words."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(path), command
        return
    for name in inner:
        yield from commands(inner[name], (*path, name))


def numeric() -> list[tuple[str, str]]:
    """Every option that is a number, with its command."""
    return [
        (name, param.opts[0])
        for name, command in commands(typer.main.get_command(app))
        for param in command.params
        if param.type.name.partition(" ")[0] in ("integer", "int", "float")
        and not getattr(param, "count", False)
    ]


def ended(monkeypatch: pytest.MonkeyPatch, *args: str) -> int:
    monkeypatch.setattr(sys, "argv", ["imageprep", *args])
    return process._run()


def test_the_options_are_found() -> None:
    found = numeric()
    assert {("watch", "--settle"), ("prepare", "--jobs"), ("app", "--port")} <= set(found)
    assert {name for name, _ in found} <= set(LINES)


@pytest.mark.parametrize(("name", "option"), numeric())
def test_an_option_that_is_a_number_takes_nothing_else(
    name: str,
    option: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    by = ["--by", "Tan"] if name == "consent use" else []
    for value in NEVER:
        assert ended(monkeypatch, *LINES[name], *by, f"{option}={value}") == 2, value
        told = capsys.readouterr()
        assert option in told.err
        assert not told.out
    for value in PERHAPS:
        assert ended(monkeypatch, *LINES[name], *by, f"{option}={value}") in (2, 4), value


@pytest.mark.parametrize("option", TEXTS)
def test_an_option_whose_text_is_a_number_takes_nothing_else(
    option: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    name, ways = TEXTS[option]
    by = ["--by", "Tan"] if name == "consent use" else []
    for way in ways:
        for value in NEVER:
            if value == "-1" and option == "--redact-box":
                continue  # an area may begin beside the photo
            given = way.format(value)
            assert ended(monkeypatch, *LINES[name], *by, f"{option}={given}") == 2, given
            assert option in capsys.readouterr().err
        for value in PERHAPS:
            given = way.format(value)
            assert ended(monkeypatch, *LINES[name], *by, f"{option}={given}") in (0, 2, 4), given


def numbers() -> list[str]:
    """Every key of a configuration whose value is a number, or a list of them."""
    found = [
        key
        for key, value in keys(Policy()).items()
        if isinstance(value, (int, float, Size)) and not isinstance(value, bool)
    ]
    return [*found, "places.latitude", "places.longitude", "places.radius"]


ODD = ["nan", "-nan", "inf", "-inf", "1e999", "9" * 40, f"-{'9' * 40}", "9" * 5000, "true", '"5"']


def written(key: str, value: str) -> str:
    section, _, name = key.partition(".")
    if section == "places":
        other = {"latitude": "longitude = 1", "longitude": "latitude = 1"}.get(name, "")
        return f'[[places]]\nname = "Ward"\n{name} = {value}\n{other}\n'
    if key == "export.size":
        return f"[export]\nsize = [{value}, 600]\n"
    return f"[{section}]\n{name} = {value}\n"


@pytest.mark.parametrize("key", numbers())
def test_a_key_that_is_a_number_takes_nothing_else(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "office.toml"
    for value in [*ODD, "[]", "{}", "1979-05-27", *([] if key.startswith("places.l") else ["-1"])]:
        file.write_text(written(key, value), "utf-8")
        with pytest.raises(PolicyProblem) as caught:
            config.load(file)
        assert str(file) in caught.value.message
        assert ended(monkeypatch, "policy", "--config", str(file)) == 7, value
        assert str(file) in capsys.readouterr().err
    for value in ("0", "1e10", "1_000", "0.5", "5e-324", "1"):
        file.write_text(written(key, value), "utf-8")
        assert ended(monkeypatch, "policy", "--config", str(file)) in (0, 7), value


def test_what_may_be_set_is_used(tmp_path: Path) -> None:
    # The largest limits that there are still decode what a child process decodes.
    Image.new("RGB", (300, 200), (90, 120, 90)).save(tmp_path / "a.tif", compression="tiff_lzw")
    largest = "[limits]\nseconds = 86_400\nmegapixels = 100_000\nbytes = 1_000_000_000_000\n"
    receipt = prepare(tmp_path / "a.tif", policy=Policy.from_toml(largest), dry_run=True)
    assert receipt.failure is None


@pytest.mark.parametrize("text", ["a = " + "[" * 20_000, "[limits]\nbytes = " + "9" * 5000])
def test_what_the_reader_cannot_hold_is_no_toml(text: str) -> None:
    with pytest.raises(PolicyProblem, match="is not valid TOML"):
        Policy.from_toml(text)
    with pytest.raises(PolicyProblem):
        tightened(Policy(), text, "here")


ANY = st.recursive(
    st.one_of(
        st.sampled_from(
            [math.nan, math.inf, -math.inf, 10**30, -1, 0, True, "", "yes", "2026-03-04"]
        ),
        st.sampled_from(
            [dt.date(2026, 3, 4), dt.datetime(9999, 12, 31, tzinfo=dt.UTC), dt.time(1)]
        ),
        st.sampled_from(
            ["nan", "10000-01-01", "staff", "ab" * 32, "NURSE-7", "web", "publication"]
        ),
        st.floats(),
        st.integers(),
        st.text(max_size=9),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(st.data())
def test_a_form_with_any_values_is_a_record_or_refused(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([*forms.QUESTIONS, "", "nan"]))
    fields = [question.field for question in forms.QUESTIONS.get(kind, ())]
    names = st.sampled_from([*fields, "ref", "account", "other"])
    values = data.draw(st.dictionaries(names, ANY, max_size=8))
    values = {"subject": "NURSE-7", **values} if kind == "staff" else values
    with contextlib.suppress(UsageProblem):
        record = forms.record_from({"kind": kind, **values})
        assert all(problem.endswith(".") for problem in record.problems())


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 10**400, 1e300])
def test_a_box_beyond_any_picture_is_refused(number: Any, tmp_path: Path) -> None:
    Image.new("RGB", (300, 200), (90, 120, 90)).save(tmp_path / "a.png")
    with pytest.raises(UsageProblem):
        prepare(tmp_path / "a.png", boxes=[(0, 0, number, 9)], dry_run=True)
