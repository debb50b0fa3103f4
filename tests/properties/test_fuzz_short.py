"""A short, seeded run of the fuzzer, and that the fuzzer sees what it looks for."""

from __future__ import annotations

import importlib.util
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, PngImagePlugin

from imu_imageprep.domain.errors import InputProblem

if TYPE_CHECKING:
    from types import ModuleType

RUNS = range(400)


def _load_fuzz() -> ModuleType:
    path = Path(__file__).parents[2] / "tools" / "fuzz.py"
    spec = importlib.util.spec_from_file_location("fuzz", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz"] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


fuzz = _load_fuzz()


def saved(form: str, mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((40, 30)).convert(mode).save(out, form, **options)
    return out.getvalue()


def corpus() -> list[bytes]:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x8298] = "Maker", 6, "Somebody"
    exif.get_ifd(0x8825)[1] = "N"
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "Somebody")
    text.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>", zip=True)
    return [
        saved("JPEG", exif=exif, comment=b"words"),
        saved("JPEG", progressive=True),
        saved("JPEG", dpi=(72, 72), restart_marker_blocks=1),
        saved("JPEG", "CMYK"),
        saved("PNG", pnginfo=text, exif=exif),
        saved("PNG", "P", transparency=0),
        saved("WEBP", exif=exif.tobytes(), xmp=b"<x/>"),
        saved("WEBP", "RGBA", lossless=True),
    ]


@pytest.mark.parametrize("target", ["inspect", "sniff", "describe", "export"])
def test_damaged_files_are_answered(target: str) -> None:
    runs = fuzz.fuzz(corpus(), 7, RUNS, {target: fuzz.TARGETS[target]})
    assert [one for _, found in runs for one in found] == []


def test_a_run_depends_on_its_seed_and_number_alone() -> None:
    files = corpus()
    first = [fuzz.damaged(files, 7, run) for run in RUNS]
    assert [fuzz.damaged(files, 7, run) for run in reversed(RUNS)] == first[::-1]
    assert [fuzz.damaged(files, 8, run) for run in RUNS] != first
    assert sum(data not in files for data in first) > 0.9 * len(first)


def test_a_crash_and_a_hang_are_found_and_a_refusal_is_not() -> None:
    def crash(data: bytes) -> None:
        raise KeyError(len(data))

    def hang(_: bytes) -> None:
        raise fuzz.Hang

    def refuse(_: bytes) -> None:
        raise InputProblem("no picture")

    assert "KeyError in test_fuzz_short.py" in fuzz.attempt(crash, b"x")
    assert "no answer" in fuzz.attempt(hang, b"x")
    assert fuzz.attempt(refuse, b"x") is None
    assert fuzz.attempt(len, b"x") is None
    (_, found), *_ = fuzz.fuzz([b"abcdef"], 1, range(1), {"crash": crash, "refuse": refuse})
    assert [(one.run, one.target) for one in found] == [(0, "crash")]


def test_the_command_counts_its_runs_and_refuses_an_empty_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.jpg").write_bytes(corpus()[0])
    answer = fuzz.main([str(tmp_path), "--runs", "20", "--only", "inspect,sniff"])
    assert answer == 0
    assert "20 runs over 1 files" in capsys.readouterr().out
    assert fuzz.main([str(tmp_path / "deep" / "none")]) == 2
