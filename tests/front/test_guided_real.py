"""The conversation at a real terminal, and pictures on those that show them."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import select
import signal
import sys
from pathlib import Path

import pytest
from front.sitting import Sitting
from pictures import encoded, scene
from PIL import Image

from imu_imageprep import api
from imu_imageprep.front.cli.guided.viewing import shower
from imu_imageprep.front.cli.terminal import wait_for_line

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.mark.parametrize(
    ("environment", "starts"),
    [
        ({"TERM": "xterm-kitty"}, "\x1b_Ga=T,f=100,m="),
        ({"TERM_PROGRAM": "iTerm.app"}, "\x1b]1337;File=inline=1;"),
        ({"TERM_PROGRAM": "WezTerm"}, "\x1b]1337;File=inline=1;"),
    ],
)
def test_terminals_that_show_pictures(environment: dict[str, str], starts: str) -> None:
    output = io.StringIO()
    show = shower(environment, output)
    assert show is not None
    show(encoded(scene(600, 400)))
    text = output.getvalue()
    assert text.startswith(starts)
    data = "".join(re.findall(r"[;:]([A-Za-z0-9+/=]+)(?:\x1b\\|\a)", text))
    with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
        assert picture.size == (600, 400)
    assert shower({**environment, "TMUX": "1"}, output) is None


@pytest.mark.parametrize(
    "environment", [{"TERM": "foot"}, {"TERM": "xterm-256color", "KONSOLE_VERSION": "230804"}]
)
def test_terminals_that_show_sixel(environment: dict[str, str]) -> None:
    output = io.StringIO()
    show = shower(environment, output)
    assert show is not None
    show(encoded(scene(60, 40)))
    assert output.getvalue().startswith('\x1bP0;1;0q"1;1;60;40#0;2;')


@pytest.mark.parametrize("version", ["211203", "", "new"])
def test_an_older_konsole_is_not_sent_sixel(version: str) -> None:
    assert shower({"TERM": "xterm", "KONSOLE_VERSION": version}, io.StringIO()) is None


def test_other_terminals_show_none() -> None:
    assert (
        shower({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, io.StringIO()) is None
    )


NOW, LAST = "What now? (? shows the choices) ", "z undoes: "


def test_a_real_conversation_ends_with_the_export(tmp_path: Path) -> None:
    sitting = Sitting("-o", tmp_path / "web", SAMPLES / "clinical.jpg", NO_COLOR="1")
    sitting.until(NOW)
    assert not (tmp_path / "web").exists()
    sitting.type("n\n")
    sitting.until("Your name, for the record: ")
    sitting.type("Tan\n")
    sitting.until(NOW)
    sitting.type("k\n")
    sitting.until(LAST)
    sitting.type("\n")
    assert sitting.end() == 0
    (export,) = (tmp_path / "web").iterdir()
    assert export.name.startswith("photo-")
    assert "\x1b" not in sitting.heard
    assert "1 ready." in sitting.heard
    assert "Traceback" not in sitting.heard
    assert len(api.Desk.at().receipts(export)[0].relied_on) == 2


@pytest.mark.parametrize(("key", "code"), [("\x04", 1), ("\x03", 130)])
def test_a_real_conversation_that_breaks_off(tmp_path: Path, key: str, code: int) -> None:
    sitting = Sitting("-o", tmp_path / "web", SAMPLES / "portrait.jpg", PYTHONIOENCODING="ascii")
    sitting.until(NOW)
    sitting.type(key)
    assert sitting.end() == code
    assert "Consents and false alarms are kept; what is not exported is waiting." in sitting.heard
    assert "Traceback" not in sitting.heard
    assert not (tmp_path / "web").exists()


def test_a_signal_that_comes_just_before_the_wait_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32":
        pytest.skip("a wait does not end by a signal there")
    told: list[int] = []
    ready: list[list[int]] = []
    real = select.select

    def late(read: list[int], write: list[int], trouble: list[int]) -> None:
        signal.raise_signal(signal.SIGUSR1)
        assert told == [signal.SIGUSR1]  # its handler has run: the wait is not interrupted by it
        ready.append(real(read, write, trouble, 30)[0])

    monkeypatch.setattr("imu_imageprep.front.cli.terminal.select.select", late)
    before = signal.signal(signal.SIGUSR1, lambda number, _: told.append(number))
    mine, its = os.openpty()
    try:
        with os.fdopen(its, encoding="utf-8") as silent:
            wait_for_line(silent)
            assert len(ready[0]) == 1
            assert its not in ready[0]
    finally:
        signal.signal(signal.SIGUSR1, before)
        os.close(mine)
    assert signal.set_wakeup_fd(-1) == -1


def test_photos_of_a_folder_keep_their_places_and_the_report_tells_the_end(tmp_path: Path) -> None:
    day = tmp_path / "day"
    (day / "deep").mkdir(parents=True)
    for source, name in (("sourced.jpg", "a.jpg"), ("sourced.jpg", "deep/b.jpg")):
        (day / name).write_bytes((SAMPLES / source).read_bytes() + name.encode())
    sitting = Sitting(day, "--report", tmp_path / "report")
    sitting.until(NOW)
    sitting.type("t\n")
    sitting.until("(Enter goes back): ")
    sitting.type("Photo: A. Maker\n")
    sitting.until("Same answer for it? [y/N] ")
    sitting.type("y\n")
    for _ in range(2):
        sitting.until(LAST)
        sitting.type("\n")
    assert sitting.end() == 0
    web = tmp_path / "day-web"
    assert {str(p.relative_to(web)) for p in web.rglob("*.jpg")} == {"a.jpg", "deep/b.jpg"}
    told = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    assert told["run"]["counts"] == {"exported": 2}
