"""What imageprep is made of is told, and the wheel holds the very files that are told."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import supply
from command import ROOT
from packaging.licenses import canonicalize_license_expression
from referencing import Registry, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS, ASSETS = ROOT / "docs", ROOT / "assets"
MODELS = tomllib.loads((ASSETS / "models" / "models.toml").read_text("utf-8"))

on_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="the lists are made on Linux, of the packages for it"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """The wheel as it is built from this folder."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        yield archive


def schema(name: str) -> dict[str, Any]:
    found = importlib.util.find_spec("cyclonedx.schema")
    assert found is not None
    assert found.origin is not None
    folder = Path(found.origin).parent / "_res"
    return dict(json.loads((folder / f"{name}.SNAPSHOT.schema.json").read_text("utf-8")))


# --- the two lists --------------------------------------------------------------------------------


@on_linux
def test_the_lists_are_current() -> None:
    for page, text in supply.written().items():
        assert page.read_text("utf-8") == text, f"python tools/supply.py: {page.name} is old"


@on_linux
@pytest.mark.parametrize("name", ["coverage", "importlib-metadata", "keyring", "numpy"])
def test_what_is_not_installed_is_told_as_before(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For another Python, or only for the fuzzer."""
    real = metadata.metadata

    def without(asked: str) -> metadata.PackageMetadata:
        if asked == name:
            raise metadata.PackageNotFoundError(asked)
        return real(asked)

    before = supply.written()
    monkeypatch.setattr(metadata, "metadata", without)
    supply._told.cache_clear()
    try:
        assert supply.written() == before
    finally:
        supply._told.cache_clear()


def test_a_package_that_states_no_licence_has_to_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(supply.READ, "dlib-bin")
    with pytest.raises(SystemExit, match="dlib-bin states no licence"):
        supply.packages()


def test_the_bill_of_materials_is_cyclonedx() -> None:
    inner = [("spdx", "spdx"), ("jsf-0.82", "jsf-0.82")]
    registry: Registry[Any] = Registry().with_resources(
        (f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json", Resource.from_contents(told))
        for name, told in ((name, schema(file)) for name, file in inner)
    )
    validator = jsonschema.Draft7Validator(schema("bom-1.6"), registry=registry)
    bill = json.loads((DOCS / "sbom.cdx.json").read_text("utf-8"))
    assert list(validator.iter_errors(bill)) == []
    assert list(validator.iter_errors({**bill, "components": [{"name": "untyped"}]}))


def test_every_part_is_named_once_and_every_need_is_a_part() -> None:
    bill = supply.sbom()
    refs = [one["bom-ref"] for one in bill["components"]]
    assert len(refs) == len(set(refs))
    known = {*refs, bill["metadata"]["component"]["bom-ref"]}
    for one in bill["dependencies"]:
        assert {one["ref"], *one["dependsOn"]} <= known
    always = {one["name"] for one in bill["components"] if one["scope"] == "required"}
    assert {"pillow", "numpy", "onnxruntime", "models/centerface.onnx"} <= always
    assert not {"pytest", "starlette", "face-recognition"} & always


def test_every_licence_is_one_that_spdx_knows() -> None:
    told = [one.licence for one in supply.packages()]
    told += [one.licence for one in supply.shipped()]
    assert [canonicalize_license_expression(one) for one in told] == told


def test_no_licence_is_read_of_a_package_that_is_gone() -> None:
    assert set(supply.READ) <= {name for name, _ in supply.pinned()}


# --- from where it came to the wheel --------------------------------------------------------------


def test_every_font_and_network_is_listed() -> None:
    listed = {one.file for one in supply.shipped()}
    there = {
        path.relative_to(ASSETS).as_posix()
        for path in ASSETS.rglob("*")
        if path.suffix in (".otf", ".ttf", ".woff2", ".onnx", ".npz", ".dat", ".tflite")
    }
    assert there <= listed
    readme = (ASSETS / "watermark" / "README.md").read_text("utf-8")
    (font,) = (one for one in supply.shipped() if one.file.endswith(".otf"))
    assert font.sha256 in readme


@pytest.mark.parametrize("name", MODELS)
def test_where_a_network_is_from_is_what_its_tool_checks(name: str) -> None:
    """The tool takes the original only with the sha256 that the list tells."""
    told = MODELS[name]["source"]
    tools = re.findall(r"tools/\w+\.py", told)
    code = "".join((ROOT / tool).read_text("utf-8") for tool in tools)
    for sha256 in re.findall(r"\b[0-9a-f]{64}\b", told):
        assert sha256 in code, name


def test_the_wheel_holds_the_very_files_that_are_listed(wheel: zipfile.ZipFile) -> None:
    for one in supply.shipped():
        found = hashlib.sha256(wheel.read(f"imu_imageprep/_assets/{one.file}")).hexdigest()
        assert found == one.sha256, one.file


def test_the_wheel_holds_no_network_that_is_not_listed(wheel: zipfile.ZipFile) -> None:
    there = {
        name.partition("_assets/")[2]
        for name in wheel.namelist()
        if "_assets/models/" in name and "LICENSE" not in name
    }
    listed = {one.file for one in supply.shipped() if one.file.startswith("models/")}
    assert there == listed | {"models/models.toml"}


def test_the_wheel_holds_the_bill_and_every_licence(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    (bill,) = (name for name in names if ".dist-info/sboms/" in name)
    assert wheel.read(bill) == (DOCS / "sbom.cdx.json").read_bytes()
    told = {name.rpartition("/")[2] for name in names if ".dist-info/licenses/" in name}
    texts = {path.name for path in ASSETS.rglob("LICENSE-*")}
    assert told == {"LICENSE", *texts}
    for row in MODELS.values():
        named = re.findall(r"LICENSE-[\w-]+", row["licence"])
        assert set(named) <= texts
