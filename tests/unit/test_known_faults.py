"""The copy of the database is read as its schema says."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import known_faults
import pytest
import supply

NAME, VERSION = next((n, v) for n, v in supply.pinned() if n == "pillow")


def advisory(*events: dict[str, str], name: str = NAME, **more: Any) -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": list(events)}]
    package = {"ecosystem": "PyPI", "name": name}
    return {
        "id": "X-1",
        "modified": "2026",
        "affected": [{"package": package, "ranges": ranges}],
    } | more


def copy(folder: Path, *told: dict[str, Any]) -> str:
    path = folder / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, one in enumerate(told):
            archive.writestr(f"{number}.json", json.dumps(one))
    return str(path)


@pytest.mark.parametrize(
    ("told", "hold"),
    [
        (advisory({"introduced": "0"}), 1),
        (advisory({"introduced": "0"}, {"fixed": VERSION}), 0),
        (advisory({"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "2.0"}), 1),
        (advisory({"introduced": "0"}, {"last_affected": VERSION}), 1),
        (advisory({"introduced": "0"}, {"last_affected": "1.0"}), 0),
        (advisory({"introduced": "9999"}), 0),
        (advisory({"introduced": "0"}, name="Pillow"), 1),
        (advisory({"introduced": "0"}, name="never-pinned"), 0),
        (advisory({"introduced": "0"}, withdrawn="2026"), 0),
        (
            advisory(
                affected=[{"package": {"ecosystem": "npm", "name": NAME}, "versions": [VERSION]}]
            ),
            0,
        ),
        (
            advisory(
                affected=[{"package": {"ecosystem": "PyPI", "name": NAME}, "versions": [VERSION]}]
            ),
            1,
        ),
    ],
)
def test_an_advisory_holds_for_its_versions_alone(
    told: dict[str, Any], hold: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert known_faults.main([copy(tmp_path, told)]) == hold
    assert (f"{NAME} {VERSION} (always): X-1" in capsys.readouterr().out) is bool(hold)


def test_what_is_no_copy_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert known_faults.main([str(tmp_path / "none.zip")]) == 2
    (tmp_path / "text.zip").write_text("no archive")
    assert known_faults.main([str(tmp_path / "text.zip")]) == 2
    assert "no copy of the database" in capsys.readouterr().err
