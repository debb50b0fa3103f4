"""Only the verify stage makes a Verified, so whatever is exported was verified."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import imu_imageprep

PACKAGE = Path(imu_imageprep.__file__).parent
MAKER = PACKAGE / "stages" / "verify" / "__init__.py"
NAME = "Verified"
COPIERS = {"replace", "copy", "deepcopy", "__replace__", "__setattr__", "setattr", "__new__"}


def violations(source: str) -> list[int]:
    """Lines that use the class for anything but importing and annotating, or alter a Verified."""
    tree = ast.parse(source)
    names = {NAME} | {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == NAME
    }
    annotations = {id(part) for note in _annotations(tree) for part in ast.walk(note)}
    holders = {NAME.lower()} | _holders(tree, names)
    return sorted(
        {
            node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.expr)
            and id(node) not in annotations
            and (_names_class(node, names) or _alters(node, holders))
        }
    )


def _annotations(tree: ast.AST) -> list[ast.expr]:
    notes = []
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign):
            notes.append(node.annotation)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            notes.append(node.returns)
    return [note for note in notes if note is not None]


def _names_class(node: ast.expr, names: set[str]) -> bool:
    match node:
        case ast.Name(id=name):
            return name in names
        case ast.Attribute(attr=name):
            return name == NAME
        case ast.Constant(value=text):
            return text == NAME  # getattr(export, "Verified")
    return False


def _holders(tree: ast.AST, names: set[str]) -> set[str]:
    """Variables that hold a Verified: annotated so, or given what verify() returns."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.arg(arg=name, annotation=ast.expr() as note):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), annotation=note):
                pass
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as note) if (
                _called(note) == "verify"
            ):
                found.add(name)
                continue
            case _:
                continue
        if any(_names_class(part, names) for part in ast.walk(note) if isinstance(part, ast.expr)):
            found.add(name)
    return found


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _alters(node: ast.expr, holders: set[str]) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = _called(node)
    for subject in (*node.args, *(keyword.value for keyword in node.keywords), node.func):
        match subject:
            case ast.Call() as call if _called(call) == "verify" and called in COPIERS:
                return True
            case ast.Name(id=name) if name in holders and called in COPIERS:
                return True
            case ast.Attribute(value=ast.Name(id=name)) if name in holders and called in COPIERS:
                return True
    # An imported alias of replace hides its name, but not its keywords.
    altered = {keyword.arg for keyword in node.keywords} & {"data", "sha256"}
    return bool(altered) and any(
        isinstance(arg, ast.Name) and arg.id in holders for arg in node.args
    )


@pytest.mark.parametrize(
    "path",
    sorted(path for path in PACKAGE.rglob("*.py") if path != MAKER),
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_nothing_else_makes_or_alters_a_verified_picture(path: Path) -> None:
    assert violations(path.read_text(encoding="utf-8")) == []


def test_the_verify_stage_makes_it_in_one_place() -> None:
    tree = ast.parse(MAKER.read_text(encoding="utf-8"))
    made = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and _called(n) == NAME]
    assert len(made) == 1


@pytest.mark.parametrize(
    "planted",
    [
        "from imu_imageprep.domain.photo import Verified\nv = Verified(b'', f, s, h, 72)",
        "from imu_imageprep.domain.photo import Verified as V\nv = V(b'', f, s, h, 72)",
        "from imu_imageprep.domain import photo\nv = photo.Verified(b'', f, s, h, 72)",
        "import imu_imageprep.domain.photo as e\nv = e.Verified(b'', f, s, h, 72)",
        "import imu_imageprep.domain.photo\nimu_imageprep.domain.photo.Verified(b'')",
        "from imu_imageprep.domain.photo import Verified\nmake = Verified",
        "from imu_imageprep.domain.photo import Verified\nclass Mine(Verified): pass",
        "from imu_imageprep.domain.photo import Verified\nobject.__new__(Verified)",
        "from imu_imageprep.domain.photo import Verified\npartial(Verified, b'')()",
        "from imu_imageprep.domain import photo\ngetattr(photo, 'Verified')(b'')",
        "def f(v: Verified): return dataclasses.replace(v, data=b'')",
        "def f(v: export.Verified): return replace(v, data=b'')",
        "def f(v: Verified | None): return copy.replace(v, data=b'')",
        "def f(v: Verified): return v.__replace__(data=b'')",
        "def f(v: Verified): object.__setattr__(v, 'data', b'')",
        "from dataclasses import replace as r\ndef f(v: Verified): return r(v, data=b'')",
        "v = verify(encode(photo))\nw = dataclasses.replace(v, data=b'')",
        "w = dataclasses.replace(verify(encode(photo)), data=b'')",
        "w = dataclasses.replace(obj=verify(encode(photo)), data=b'')",
        "w = copy.copy(verified)",
    ],
)
def test_the_checker_sees_a_planted_violation(planted: str) -> None:
    assert violations(planted)


@pytest.mark.parametrize(
    "harmless",
    [
        "from imu_imageprep.domain.photo import Verified\ndef f(v: Verified) -> Verified: ...",
        "def f(v: Verified, r: Receipt): return dataclasses.replace(r, export=record(v.sha256))",
        "verified = verify(encode(photo))\nwrite(target, verified.data)",
        "receipt = dataclasses.replace(receipt, credit='x')",
    ],
)
def test_the_checker_lets_pass_what_only_hands_it_on(harmless: str) -> None:
    assert violations(harmless) == []
