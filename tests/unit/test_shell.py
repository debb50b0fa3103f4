"""Suggested commands are typed as the shell in use takes them."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
import shellingham
from hypothesis import given
from hypothesis import strategies as st

from imu_imageprep import shell
from imu_imageprep.front.cli import app, completing, process
from imu_imageprep.shell import Shell, both, called, joined, quoted

PRINTABLE = st.text(st.characters(blacklist_categories=("C", "Zl", "Zp")), min_size=1, max_size=40)


def split(line: str) -> list[str]:
    """The words of a command line as programs of Windows split it (CommandLineToArgvW)."""
    words, word, inside, began = [], "", False, False
    at = 0
    while at < len(line):
        slashes = len(line[at:]) - len(line[at:].lstrip("\\"))
        at += slashes
        if line[at : at + 1] == '"':
            word += "\\" * (slashes // 2)
            began = True
            if slashes % 2:
                word += '"'
            else:
                inside = not inside
            at += 1
            continue
        word += "\\" * slashes
        began = began or slashes > 0
        char = line[at : at + 1]
        if char == " " and not inside:
            if began:
                words.append(word)
            word, began = "", False
        elif char:
            word, began = word + char, True
        at += 1
    return [*words, word] if began else words


@given(PRINTABLE)
def test_a_posix_shell_reads_the_word_back(word: str) -> None:
    assert shlex.split(quoted(word, Shell.POSIX)) == [word]


@given(PRINTABLE)
def test_a_program_of_windows_gets_the_word_back(word: str) -> None:
    assert split(quoted(word, Shell.CMD)) == [word]


@given(PRINTABLE)
def test_what_a_shell_of_windows_gives_a_meaning_to_stands_in_quotes(word: str) -> None:
    for one in (Shell.CMD, Shell.POWERSHELL):
        typed = quoted(word, one)
        special = set(" &|<>^()%!;,`$'{}@#*?[]=") & set(word)
        assert typed == word or (typed[0] == typed[-1] and typed[0] in "\"'")
        if special - {"@"}:
            assert typed != word


@given(PRINTABLE.filter(lambda word: '"' not in word and not word.endswith("\\")))
def test_powershell_reads_the_word_back(word: str) -> None:
    typed = quoted(word, Shell.POWERSHELL)
    assert word == (typed if typed[0] != "'" else typed[1:-1].replace("''", "'"))


def test_two_commands_and_a_program_with_a_space() -> None:
    program = r"C:\Program Files\python.exe"
    assert called(program, Shell.CMD) == f'"{program}"'
    assert called(program, Shell.POWERSHELL) == f"& '{program}'"
    assert called("python", Shell.POWERSHELL) == "python"
    assert both("a", "b", Shell.POSIX) == both("a", "b", Shell.CMD) == "a && b"
    assert both("a", "b", Shell.POWERSHELL) == "a; if ($?) { b }"
    assert joined(["numpy>=2", "rich"], Shell.CMD) == '"numpy>=2" rich'


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("powershell", Shell.POWERSHELL),
        ("pwsh", Shell.POWERSHELL),
        ("cmd", Shell.CMD),
        ("bash", Shell.POSIX),
    ],
)
def test_the_shell_of_windows_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, named: str, expected: Shell
) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr("shellingham.detect_shell", lambda: (named, f"{named}.exe"))
    assert shell.here.__wrapped__() is expected


def test_a_shell_that_nobody_knows_is_that_of_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> None:
        raise shellingham.ShellDetectionFailure

    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr("shellingham.detect_shell", unknown)
    assert shell.here.__wrapped__() is Shell.CMD
    monkeypatch.setattr("sys.platform", "linux")
    assert shell.here.__wrapped__() is Shell.POSIX


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("*.jpg", ["[ab].jpg", "a.jpg", "b.jpg"]),
        ("?.jpg", ["a.jpg", "b.jpg"]),
        ("[ab].jpg", ["[ab].jpg"]),  # a name, and no pattern
        ("*.png", ["*.png"]),
        ("day/*", ["day/c.jpg"]),
        ("-", ["-"]),
        ("~", ["HOME"]),
        ("~/c.jpg", ["HOME/c.jpg"]),
        ("~tan.jpg", ["~tan.jpg"]),
        ("$PATH", ["$PATH"]),
    ],
)
def test_what_shells_of_windows_leave_to_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path, word: str, found: list[str]
) -> None:
    (tmp_path / "day").mkdir()
    for name in ("b.jpg", "a.jpg", "[ab].jpg", "day/c.jpg"):
        (tmp_path / name).write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shell, "_LEFT_TO_US", True)
    expected = [Path(one.replace("HOME", str(home))) for one in found]
    assert [Path(one) for one in shell.paths([word])] == expected
    monkeypatch.setattr(shell, "_LEFT_TO_US", False)
    assert shell.paths([word]) == [word]


def test_no_other_word_is_taken_for_a_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a name that a pattern leaves out would be one to prepare: --exclude day*."""
    asked: dict[str, Any] = {}
    monkeypatch.setattr(app, "app", lambda **given: asked.update(given))
    assert process._run() == 0
    assert asked["windows_expand_args"] is False


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        (r"imageprep C:\Users\a.jpg --x ", ["imageprep", r"C:\Users\a.jpg", "--x"]),
        (r"'C:\My Photos\' b", ["C:\\My Photos\\", "b"]),
        (r"'C:\My Ph", [r"C:\My Ph"]),  # not ended yet
        ('\'it\'\'s\' "a`"b""c$d" e` f', ["it's", 'a"b"c$d', "e f"]),
        ("‘it’’s’ “a””b”", ["it’s", "a”b"]),
        ("a'b'\"c\" '' `", ["abc", "", "`"]),
    ],
)
def test_a_line_of_powershell_is_read_as_powershell_does(line: str, words: list[str]) -> None:
    assert completing.powershell_words(line) == words


@given(st.lists(PRINTABLE.filter(lambda word: not {*'"‘’‚‛'} & {*word} and word[-1] != "\\")))
def test_what_is_typed_for_powershell_is_read_back(words: list[str]) -> None:
    assert completing.powershell_words(joined(words, Shell.POWERSHELL)) == words
