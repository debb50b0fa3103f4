"""Nothing leaves the machine, and nothing that could is on board."""

from __future__ import annotations

import ast
from importlib import metadata
from pathlib import Path

import pytest

from imu_imageprep.front.web.settings import HOST

PACKAGE = Path(__file__).parents[2] / "imu_imageprep"
NETWORK = {"socket", "ssl", "http", "urllib", "ftplib", "smtplib", "requests", "httpx", "aiohttp"}


# Takes addresses apart, and opens none.
HARMLESS = "urllib.parse"

# What speaks with stores, and which module of ours imports it, where an address is used.
STORES = {"fsspec", "s3fs", "botocore", "aiobotocore", "boto3", "paramiko", "smbclient"}
STORES |= {"smbprotocol"}
STORE_OF = {
    "storage/served.py": {"fsspec"},
    "storage/s3.py": {"fsspec", "s3fs", "botocore"},
    "storage/sftp.py": {"fsspec", "paramiko"},
    "storage/smb.py": {"fsspec", "smbclient", "smbprotocol"},
}

# The local page: where a second start asks the first one on this machine, and where it listens.
ASKS, LISTENS = "front/web/instance.py", "front/web/serving.py"


def imported(source: str) -> set[str]:
    """The top-level packages that a module imports, wherever it does."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
    return {name.split(".")[0] for name in names - {HARMLESS}}


def talks(source: str) -> set[str]:
    """The calls of asyncio that connect or listen, and the server's library."""
    calls = {"open_connection", "create_connection", "start_server", "create_server"}
    calls |= {"open_unix_connection", "create_datagram_endpoint", "sock_connect"}
    nodes = list(ast.walk(ast.parse(source)))
    found = {node.attr for node in nodes if isinstance(node, ast.Attribute)} & calls
    return found | (imported(source) & {"uvicorn"})


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem)
def test_only_the_local_page_talks_and_only_on_this_machine(path: Path) -> None:
    allowed = {ASKS: {"open_connection"}, LISTENS: {"uvicorn"}}
    assert talks(path.read_text("utf-8")) <= allowed.get(
        path.relative_to(PACKAGE).as_posix(), set()
    )


def test_only_a_ledger_on_a_server_knows_a_database() -> None:
    knows = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "psycopg" in imported(path.read_text("utf-8"))
    }
    assert knows == {f"ledger/{name}.py" for name in ("links", "postgres", "server_words", "setup")}


def test_the_local_page_names_one_address() -> None:
    for name in (ASKS, LISTENS):
        tree = ast.parse((PACKAGE / name).read_text("utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            given = [*node.args, *(word.value for word in node.keywords if word.arg == "host")]
            names = [one.id for one in given if isinstance(one, ast.Name)]
            if node.func.attr in ("open_connection", "Config", "bind"):
                given += [one for each in given if isinstance(each, ast.Tuple) for one in each.elts]
                names += [one.id for one in given if isinstance(one, ast.Name)]
                assert "HOST" in names, name
    assert HOST == "127.0.0.1"


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem)
def test_only_stores_speak_with_stores(path: Path) -> None:
    assert imported(path.read_text("utf-8")) & STORES <= STORE_OF.get(
        path.relative_to(PACKAGE).as_posix(), set()
    )


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem)
def test_no_module_opens_connections(path: Path) -> None:
    allowed = {"socket"} if path.relative_to(PACKAGE).as_posix() == LISTENS else set()
    assert imported(path.read_text("utf-8")) & NETWORK <= allowed


def test_the_search_finds_imports() -> None:
    assert imported("def f():\n    import urllib.request as r\n") & NETWORK
    assert imported("from http.client import HTTPConnection\n") & NETWORK
    assert not imported("from urllib.parse import unquote\n") & NETWORK
    assert talks("import asyncio\nasyncio.open_connection('example.org', 80)\n")
    assert talks("import uvicorn\n")


def test_the_runtime_of_the_networks_has_no_client_of_its_own() -> None:
    """Some builds of onnxruntime report usage to their maker; ours must not be able to."""
    files = metadata.files("onnxruntime") or []
    libraries = [file for file in files if file.suffix in (".so", ".pyd", ".dylib", ".dll")]
    assert libraries
    for library in libraries:
        assert b"OneCollector" not in Path(str(library.locate())).read_bytes(), library.name
