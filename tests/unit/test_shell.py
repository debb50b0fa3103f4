"""Suggested commands are typed as the shell in use takes them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import shellingham
from hypothesis import given
from hypothesis import strategies as st

from imu_imageprep import shell
from imu_imageprep.domain.lines import printable
from imu_imageprep.front.cli import app, completing, process
from imu_imageprep.shell import Shell, both, called, joined, quoted, typed

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


# What a photo may be called by somebody who wants a suggested command to do more.
HOSTILE = (
    "a b.jpg",
    "$(touch pwned).jpg",
    "`touch pwned`.jpg",
    "a; touch pwned; .jpg",
    "x' ; touch pwned ; '.jpg",
    'x" & touch pwned & ".jpg',
    "back\\slash\\",
    "\\' ; touch pwned ; \\'",
    "%PATH%.jpg",
    "!x!.jpg",
    "a\ntouch pwned\n.jpg",
    "\x01' ; touch pwned ; '",
    "\\\x01\\",
    "\x1b]0;title\x07.jpg",
    "\u202egpj.exe",
    "caf\u00e9\udcff.jpg",
    "\u2019; touch pwned; \u2019.jpg",
    "\ud800.jpg",
    "\x85.jpg",
    "~",
    "-rf",
    "#",
    "",
)


@given(PRINTABLE)
def test_a_posix_shell_reads_the_word_back(word: str) -> None:
    assert shlex.split(quoted(word, Shell.POSIX)) == [word]


def test_spaces_of_every_width_stay() -> None:
    name = "Screenshot 9.41.00\u202fAM\xa0\u3000.png"
    assert all(name in quoted(name, one) for one in Shell)


@pytest.mark.posix(reason="a shell that knows escapes")
def test_bash_reads_back_what_no_terminal_may_be_told(tmp_path: Path) -> None:
    words = [word for word in HOSTILE if word != "\ud800.jpg"]  # no name of a file
    line = joined(words, Shell.POSIX)
    assert line.isprintable()
    said = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {line}"], cwd=tmp_path, capture_output=True, check=True
    ).stdout
    assert [os.fsdecode(word) for word in said.split(b"\0")][:-1] == words
    assert not list(tmp_path.iterdir())


@pytest.mark.posix(reason="a shell of POSIX")
def test_a_shell_that_knows_no_escapes_obeys_nothing(tmp_path: Path) -> None:
    line = joined(HOSTILE, Shell.POSIX)
    said = subprocess.run(
        ["sh", "-c", f"printf '%s\\0' {line}"], cwd=tmp_path, capture_output=True, check=True
    ).stdout
    assert said.count(b"\0") == len(HOSTILE)
    assert not list(tmp_path.iterdir())


@given(st.text(min_size=1, max_size=40))
def test_no_shell_is_told_what_drives_a_terminal(word: str) -> None:
    assert all(quoted(word, one) == printable(quoted(word, one)) for one in Shell)


def at_cmd(line: str) -> str:
    """What a program is given by cmd.exe at its prompt; fails where the line does more."""
    for name in re.findall(r"%([^%]+)%", line):
        assert name not in {"PATH", "OS"}
    given, inside, at = "", False, 0
    while at < len(line):
        char = line[at]
        if char == "^" and not inside:
            at += 1
            given += line[at]
        else:
            assert inside or char not in "&|<>", line
            inside ^= char == '"'
            given += char
        at += 1
    assert not inside
    return given


@given(PRINTABLE | st.text('%"^& PATH\\', min_size=1, max_size=12))
def test_a_program_of_windows_gets_the_word_back(word: str) -> None:
    assert split(at_cmd(quoted(word, Shell.CMD))) == [word]


@pytest.mark.parametrize("word", [word for word in HOSTILE if word and word.isprintable()])
def test_cmd_obeys_nothing_in_a_hostile_word(word: str) -> None:
    assert split(at_cmd(quoted(word, Shell.CMD))) == [word]


@given(PRINTABLE)
def test_what_a_shell_of_windows_gives_a_meaning_to_stands_in_quotes(word: str) -> None:
    typed = quoted(word, Shell.POWERSHELL)
    special = set(" &|<>^()%!;,`$'{}@#*?[]=") & set(word)
    assert typed == word or (typed[0] == typed[-1] == "'")
    if special - {"@"}:
        assert typed != word


@given(
    (PRINTABLE | st.text("'\u2018\u2019\u201a\u201b; a", min_size=1, max_size=9)).filter(
        lambda word: '"' not in word and not word.endswith("\\")
    )
)
def test_powershell_reads_the_word_back(word: str) -> None:
    typed = quoted(word, Shell.POWERSHELL)
    if typed[0] != "'":
        assert typed == word
        return
    # Any two of its quotes, one after the other, are the first of them; one alone ends the word.
    pairs = re.findall("(['\u2018\u2019\u201a\u201b])(.?)", typed[1:-1], re.DOTALL)
    assert all(first == second for first, second in pairs)
    assert re.sub("(['\u2018\u2019\u201a\u201b])\\1", r"\1", typed[1:-1]) == word


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("photo.jpg", "photo.jpg"),
        ("check", "./check"),
        ("-x.jpg", "./-x.jpg"),
        ("--force", "./--force"),
        ("-in/x.jpg", "./-in/x.jpg"),
        ("a/check", "a/check"),
        ("s3://bucket/check", "s3://bucket/check"),
    ],
)
def test_a_photo_is_neither_an_option_nor_a_command(path: str, expected: str) -> None:
    assert typed(path) == expected


def test_two_commands_and_a_program_with_a_space() -> None:
    program = r"C:\Program Files\python.exe"
    assert called(program, Shell.CMD) == f'"{program}"'
    assert called(program, Shell.POWERSHELL) == f"& '{program}'"
    assert called(r"C:\100%\a b.exe", Shell.CMD) == r'"C:\100%\a b.exe"'
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
