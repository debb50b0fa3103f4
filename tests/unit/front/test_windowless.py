"""The page without a terminal: what is shown in a window of the system, and what is not."""

from __future__ import annotations

import sys
import threading

import pytest

from imu_imageprep import windows
from imu_imageprep.front.cli import process, windowless


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is shown; the command is called without arguments, as a menu does."""
    texts: list[str] = []
    monkeypatch.setattr(windowless, "show", texts.append)
    monkeypatch.setattr(sys, "argv", ["imageprep-page"])
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)  # as pythonw.exe has it
    return texts


def ending(monkeypatch: pytest.MonkeyPatch, code: int, said: str = "", result: str = "") -> None:
    def ended() -> None:
        sys.stderr.write(said)
        sys.stdout.write(result)
        sys.exit(code)

    monkeypatch.setattr(process, "command", ended)
    with pytest.raises(SystemExit) as end:
        windowless.command()
    assert end.value.code == code


def test_it_is_the_page(shown: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    ending(monkeypatch, 0)
    assert sys.argv == ["imageprep-page", "app"]
    assert shown == []


def test_a_failure_is_shown(shown: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    ending(monkeypatch, 3, "imageprep: A model is damaged.\n  Install imageprep again.")
    assert shown == ["imageprep: A model is damaged.\n  Install imageprep again."]


@pytest.mark.parametrize("code", [0, 143])
def test_a_page_that_ran_and_ended_says_nothing_more(
    shown: list[str], monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    ending(monkeypatch, code, "imageprep: the page is open in your browser.")
    assert shown == []


def test_a_link_that_no_browser_opened_is_shown_while_the_page_runs(
    shown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[threading.Thread] = []

    class Watched(threading.Thread):
        def start(self) -> None:
            begun.append(self)
            super().start()

    monkeypatch.setattr(threading, "Thread", Watched)
    ending(monkeypatch, 0, result="http://127.0.0.1:1/enter?key=k")
    for thread in begun:
        thread.join()
        assert not thread.daemon  # else a start that ends at once would close it
    assert shown == ["http://127.0.0.1:1/enter?key=k"]


def test_each_system_has_its_way_to_show_a_text(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []
    ran: list[list[str]] = []
    monkeypatch.setattr(windows, "message", told.append)
    monkeypatch.setattr("subprocess.run", lambda command, **_: ran.append(command))
    for system in ("win32", "darwin", "linux"):
        monkeypatch.setattr(sys, "platform", system)
        windowless.show('a "text"')
    assert told == ['a "text"']
    assert ran[0][0] == "/usr/bin/osascript"
    assert ran[0][-1] == 'a "text"'  # an argument: never part of a script
    assert capfd.readouterr().err == 'a "text"\n'
