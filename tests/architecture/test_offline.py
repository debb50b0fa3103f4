"""Nothing leaves the machine, and nothing that could is on board."""

from __future__ import annotations

import ast
from importlib import metadata
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "imu_imageprep"
NETWORK = {"socket", "ssl", "http", "urllib", "ftplib", "smtplib", "requests", "httpx", "aiohttp"}


def imported(source: str) -> set[str]:
    """The top-level packages that a module imports, wherever it does."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem)
def test_no_module_opens_connections(path: Path) -> None:
    assert not imported(path.read_text("utf-8")) & NETWORK


def test_the_search_finds_imports() -> None:
    assert imported("def f():\n    import urllib.request as r\n") & NETWORK
    assert imported("from http.client import HTTPConnection\n") & NETWORK


def test_the_runtime_of_the_networks_has_no_client_of_its_own() -> None:
    """Some builds of onnxruntime report usage to their maker; ours must not be able to."""
    files = metadata.files("onnxruntime") or []
    libraries = [file for file in files if file.suffix in (".so", ".pyd", ".dylib", ".dll")]
    assert libraries
    for library in libraries:
        assert b"OneCollector" not in Path(str(library.locate())).read_bytes(), library.name
