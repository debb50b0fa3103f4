"""Texts in the encodings and with the line ends that editors leave."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imu_imageprep.domain.texts import NotText, decoded

TEXT = 'profile = "personal"\n[limits]\nseconds = 5\n'


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace("\n", "\r\n").encode("utf-8-sig"),
        f"\ufeff\ufeff{TEXT}".encode(),
    ],
)
def test_a_mark_and_line_ends_change_nothing(data: bytes) -> None:
    assert decoded(data) == TEXT


@pytest.mark.parametrize("name", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_named(name: str) -> None:
    with pytest.raises(NotText) as caught:
        decoded(TEXT.encode(name))
    assert caught.value.what == f"is written in {name[:6].upper()}"
    assert "UTF-8" in caught.value.advice


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("naïve café".encode("latin-1"), "is not a text in UTF-8"),
        (TEXT.encode() + b"\0", "is not a text file"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1", "is not a text file"),
    ],
)
def test_what_is_no_text_is_said(data: bytes, says: str) -> None:
    with pytest.raises(NotText) as caught:
        decoded(data)
    assert caught.value.what == says


@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0\ufeff\r")))
def test_every_text_in_utf_8_is_read_as_it_is(text: str) -> None:
    assert decoded(text.encode()) == text
    assert decoded(text.encode("utf-8-sig")) == text


@given(st.binary(max_size=200))
def test_any_bytes_are_a_text_or_said_to_be_none(data: bytes) -> None:
    with contextlib.suppress(NotText):
        assert not {"\0", "\r"} & set(decoded(data))
