"""Every line of the tables of attacks is replayed by tests that there are."""

from __future__ import annotations

import ast
from functools import cache

import pytest
import replay_threats
from command import ROOT

NAMED = replay_threats.named()
LINES = [(page, threat) for page in NAMED for threat in replay_threats.lines(page)]


@cache
def functions(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_both_tables_are_read() -> None:
    assert len(LINES) > 25
    assert {page for page, _ in LINES} == {"threat-model.md", "app.md"}


@pytest.mark.parametrize(("page", "threat"), LINES)
def test_every_line_is_replayed(page: str, threat: str) -> None:
    tests = NAMED[page].get(threat, [])
    assert tests, "name its tests in tests/threats.toml"
    for test in tests:
        file, _, function = test.partition("::")
        assert function in functions(file), test


def test_no_test_is_named_for_a_line_that_is_gone() -> None:
    assert {(page, threat) for page in NAMED for threat in NAMED[page]} == set(LINES)


def test_a_line_whose_tests_fail_or_do_not_run_did_not_hold() -> None:
    holds = "tests/architecture/test_threats.py::test_both_tables_are_read"
    assert replay_threats.replay([holds]) == (True, "1 passed")
    well, _ = replay_threats.replay(["tests/architecture/test_threats.py::test_that_is_gone"])
    assert not well
