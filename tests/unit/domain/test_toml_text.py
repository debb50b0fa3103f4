from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imu_imageprep.domain.toml_text import Statements

WHOLE = '''\
# a comment with [brackets] and a = 1
profile = "personal"

[owner]
name = """
[export]
size = 1
"""
role = 'x' # size = 2

[export]
size = [
  800, # [flags]
  600,
]
names = "keep"
[[places]]
name = "A"
[[places]]

name = "B"
'''


def test_every_key_has_its_line() -> None:
    assert Statements.of(WHOLE) == Statements(
        {
            ("profile",): 2,
            ("owner",): 4,
            ("owner", "name"): 5,
            ("owner", "role"): 9,
            ("export",): 11,
            ("export", "size"): 12,
            ("export", "names"): 16,
            ("places", 0): 17,
            ("places", 0, "name"): 18,
            ("places", 1): 19,
            ("places", 1, "name"): 21,
        },
        last=21,
    )


def test_lines_of_windows_are_lines() -> None:
    assert Statements.of("a = 1\r\n\r\nb = 2\r\n").lines == {("a",): 1, ("b",): 3}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\n[export", 2),
        ('a = 1\n\n# fine\nb = "open\nc = 2', 4),
        ("a = [1,\n2\nb = 3", 1),
        ('a = """\nnever closed\n', 1),
        ("a = personal", 1),
        ("a = 1\nb", 2),
    ],
)
def test_the_first_statement_that_is_wrong_is_known(text: str, line: int) -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads(text)
    assert Statements.of(text).broken == line


def test_reading_ends_where_a_statement_does_not() -> None:
    assert Statements.of("a = 1\nb = [\n" + "1,\n" * 100_000).broken == 2


VALUES = st.recursive(
    st.integers(-9, 9) | st.sampled_from(['"x"', "'#'", '"""\n[a]\n"""', "1979-05-27", "true"]),
    lambda inner: st.lists(inner, max_size=3).map(
        lambda many: "[" + ",\n".join(str(one) for one in many) + "]"
    ),
    max_leaves=4,
)


@given(
    st.dictionaries(
        st.sampled_from(["one", "two", "three"]),
        st.dictionaries(st.sampled_from(["k", "l", "m"]), VALUES, max_size=3),
    ),
    st.integers(0, 3),
)
def test_each_line_is_where_its_key_is_written(tables: dict[str, dict[str, Any]], gap: int) -> None:
    rows = []
    for section, entries in tables.items():
        rows += [""] * gap + [f"[{section}]"]
        rows += [f"{key} = {value}" for key, value in entries.items()]
    text = "\n".join(rows)
    tomllib.loads(text)
    found = Statements.of(text)
    assert found.broken is None
    lines = text.split("\n")
    expected: set[tuple[str, ...]] = {(section,) for section in tables}
    expected |= {(section, key) for section, entries in tables.items() for key in entries}
    assert set(found.lines) == expected
    for (*_, key), line in found.lines.items():
        assert lines[line - 1].startswith((f"[{key}]", f"{key} = "))
