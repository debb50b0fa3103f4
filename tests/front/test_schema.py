"""Every line of ``--json`` fits the schema, whatever became of the photo."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from command import HOMES, ROOT, imageprep
from pictures import encoded, exif, scene
from schema import VALIDATOR, problems

from imu_imageprep.domain.answers import By
from imu_imageprep.domain.metadata import Category
from imu_imageprep.domain.needs import Need
from imu_imageprep.domain.photo import EXPORT_FORMATS, Format
from imu_imageprep.domain.receipt import Outcome

SAMPLES = ROOT / "samples"


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Answers of real runs that end in every way there is."""
    folder = tmp_path_factory.mktemp("schema")
    env = {**dict.fromkeys(HOMES, str(folder)), "IMAGEPREP_LEDGER": str(folder / "ledger.db")}
    photos = folder / "in"
    photos.mkdir()
    (photos / "clear.jpg").write_bytes(encoded(scene(), exif=exif()))
    (photos / "no.jpg").write_text("no picture")
    for name in ("portrait.jpg", "clinical.jpg", "sourced.jpg"):
        (photos / name).write_bytes((SAMPLES / name).read_bytes())
    (folder / "absent.toml").write_text('[detectors]\nextra = ["nobody"]\n')
    (folder / "drawn.toml").write_text('[export]\nformat = "png"\n[flags]\nface = "note"\n')
    runs = [
        ("-o", "web", "in"),  # exported, held for everything, failed
        ("-o", "web", "in/clear.jpg"),  # skipped
        ("check", "--show-metadata", "in/clear.jpg"),  # clear, with values
        ("-n", "--hold", "in/clear.jpg"),  # held by hand
        ("check", "--config", "absent.toml", "in/clear.jpg"),  # a detector that did not look
        ("-o", "out", "--redact", "faces", "--config", "drawn.toml", "in/portrait.jpg"),
        ("-o", "out", "--credit", "Photo: Agency", "in/sourced.jpg"),
        ("-o", "out", "--redact", "face-9", "in/portrait.jpg"),  # a mistake of the request
    ]
    told = []
    for args in runs:
        command = (args[0], "--json", *args[1:]) if args[0] == "check" else ("--json", *args)
        done = imageprep(*command, cwd=folder, env=env)
        told += [json.loads(line) for line in done.stdout.splitlines()]
    return told


def test_every_outcome_fits(lines: list[dict[str, Any]]) -> None:
    assert {line["outcome"] for line in lines} == set(Outcome)
    assert any(line["error"] for line in lines)
    assert any(line["covered"] for line in lines)
    assert any(not scan["looked"] for line in lines for scan in line["scans"])
    assert "metadata_values" in json.dumps(lines)
    for line in lines:
        assert problems(line) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), 2),
        (("surplus",), 1),
        (("source", "surplus"), 1),
        (("export",), None),
        (("export", "sha256"), "x"),
        (("scans", 0, "looked"), False),
        (("scans", 0, "surplus"), 1),
        (("metadata", "gps"), "3.1 N"),
        (("held_for",), [{"finding": "face-1", "needs": "person-consent"}]),
        (("covered",), [[1, 2, 3]]),
        (("receipt", "surplus"), 1),
    ],
)
def test_what_does_not_fit_is_noticed(
    lines: list[dict[str, Any]], path: tuple[Any, ...], value: object
) -> None:
    line = copy.deepcopy(next(line for line in lines if line["outcome"] == "exported"))
    part = line
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    assert problems(line) != []


def test_closed_lists_are_those_of_the_code() -> None:
    VALIDATOR.check_schema(VALIDATOR.schema)
    parts = VALIDATOR.schema["$defs"]
    assert set(VALIDATOR.schema["properties"]["outcome"]["enum"]) == set(Outcome)
    assert set(parts["source"]["properties"]["format"]["enum"]) == set(Format)
    assert set(parts["export"]["properties"]["format"]["enum"]) == set(EXPORT_FORMATS)
    assert set(parts["need"]["properties"]["needs"]["enum"]) == set(Need)
    assert set(parts["answered"]["properties"]["need"]["enum"]) == set(Need)
    assert set(parts["answered"]["properties"]["by"]["enum"]) == set(By)
    assert set(parts["metadata"]["required"]) == set(Category)


def test_the_page_names_every_field() -> None:
    page = (Path(ROOT) / "docs" / "json.md").read_text("utf-8")
    for part in (VALIDATOR.schema, *VALIDATOR.schema["$defs"].values()):
        for name in part.get("properties", ()):
            assert f'"{name}"' in page or f"`{name}`" in page or f".{name}`" in page, name
