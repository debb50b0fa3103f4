"""What crosses between a decoder and us: all of it arrives, and nothing is believed."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imu_imageprep.domain.colour import ColourSpace, space_of
from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.metadata import Category, Credit, CreditField, Metadata, Position
from imu_imageprep.domain.photo import Format, Frame, Size
from imu_imageprep.domain.policy import Limits
from imu_imageprep.domain.sandbox import ShutIn
from imu_imageprep.sandbox.wire import (
    NONSENSE,
    Answer,
    Head,
    Request,
    hello,
    problem_told,
    told_head,
    told_hello,
)

REQUEST = Request(Format.JPEG, Limits(), 960)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
DEGREES = st.none() | st.floats(-180, 180)
SPACES = st.builds(
    space_of,
    st.none() | st.tuples(*[st.floats(-1, 2)] * 8) | st.tuples(*[st.floats()] * 8),
    st.none() | st.floats(),
    st.none() | st.lists(st.floats(0, 1), max_size=9).map(lambda steps: tuple(sorted(steps))),
)
METADATA = st.builds(
    Metadata,
    present=st.frozensets(st.sampled_from(Category)),
    credits=st.lists(st.builds(Credit, st.sampled_from(CreditField), TEXT), max_size=3).map(tuple),
    values=st.lists(st.tuples(st.sampled_from(Category), TEXT, TEXT), max_size=3).map(tuple),
    captured=st.none() | st.dates(),
    taken=st.none() | st.datetimes(),
    positions=st.lists(
        st.lists(st.tuples(DEGREES, DEGREES), min_size=1, max_size=3).map(tuple).map(Position),
        max_size=3,
    ).map(tuple),
    orientation=st.integers(1, 8),
    colour=st.none() | SPACES,
    notes=st.lists(st.sampled_from(["a note.", "another"]), max_size=2).map(tuple),
)


def arrived(answer: Answer) -> Answer:
    line, pixels = answer.to_wire()
    head = told_head(line, REQUEST)
    assert isinstance(head, Head)
    assert head.expected == len(pixels)
    return head.answer(pixels)


@given(METADATA)
def test_all_that_a_file_says_arrives(metadata: Metadata) -> None:
    frame = Frame(Size(1, 1), b"rgb", Size(4, 3), ("one",))
    answer = arrived(Answer(metadata, frame, (((Category.GPS, "a", "b"),), ("c",))))
    assert answer.metadata == metadata
    assert answer.frame == frame
    assert answer.listing == (((Category.GPS, "a", "b"),), ("c",))


def test_a_request_and_a_hello_arrive() -> None:
    request = Request(Format.TIFF, Limits(megapixels=3, seconds=2.5), None, values=True)
    assert Request.from_line(request.to_line(7)) == (request, 7)
    for shut in (ShutIn(), ShutIn(files=True), ShutIn(files=True, network=True)):
        assert told_hello(hello(shut)) == shut


def test_a_problem_arrives_and_drives_no_terminal() -> None:
    line, _ = problem_told(InputProblem("It is damaged.", "Save it again."))
    told = told_head(line, REQUEST)
    assert isinstance(told, InputProblem)
    assert (told.message, told.advice) == ("It is damaged.", "Save it again.")
    hostile = json.dumps({"problem": ["\x1b[2Jall is well" + "!" * 5000, "\n"]}).encode()
    told = told_head(hostile, REQUEST)
    assert isinstance(told, InputProblem)
    assert told.message.startswith("\\x1b[2J")
    assert len(told.message) < 1000


def honest() -> dict[str, Any]:
    metadata = Metadata(
        credits=(Credit(CreditField.CREATOR, "x"),),
        captured=date(2026, 1, 2),
        taken=datetime(2026, 1, 2, 3),  # noqa: DTZ001  (as cameras write it)
        positions=(Position(((1.0, 2.0),)),),
        colour=ColourSpace(),
    )
    frame = Frame(Size(2, 2), bytes(12), Size(4, 4), ())
    told: dict[str, Any] = json.loads(Answer(metadata, frame).to_wire()[0])
    return told


LIES: list[tuple[tuple[str | int, ...], Any]] = [
    (("frame",), None),
    (("frame", 0), [0, 2]),
    (("frame", 0), [-2, -2]),
    (("frame", 0), [5, 2]),  # larger than the picture that it is of
    (("frame", 0), [2, 2, 2]),
    (("frame", 0), ["2", "2"]),
    (("frame", 0), [True, True]),
    (("frame", 0), [2.0, 2.0]),
    (("frame", 1), [100_000, 100_000]),
    (("frame", 2), [7]),
    (("metadata",), []),
    (("metadata", "present"), ["everything"]),
    (("metadata", "credits"), [["creator"]]),
    (("metadata", "credits"), [["creator", ["x"]]]),
    (("metadata", "values"), [["gps", "a", 1]]),
    (("metadata", "captured"), "yesterday"),
    (("metadata", "captured"), 7),
    (("metadata", "taken"), "2026-01-02T03:00:00+01:00"),
    (("metadata", "positions"), [[]]),
    (("metadata", "positions"), [[["1", "2"]]]),
    (("metadata", "positions"), [[[float("nan"), 1]]]),
    (("metadata", "positions"), [[[10**400, 1]]]),  # an integer, and no number of a machine
    (("metadata", "orientation"), 9),
    (("metadata", "orientation"), 0),
    (("metadata", "orientation"), True),
    (("metadata", "colour", "curve"), "straight"),
    (("metadata", "colour", "corners"), ["a"]),
    (("metadata", "colour", "numbers"), [float("inf")]),
    (("listing",), [[]]),
    (("problem",), "a text"),
    (("problem",), [1, 2]),
]


@pytest.mark.parametrize(("at", "lie"), LIES)
def test_an_answer_that_does_not_fit_is_none(at: tuple[str | int, ...], lie: Any) -> None:
    told = honest()
    assert isinstance(told_head(json.dumps(told).encode(), REQUEST), Head)
    inner: Any = told
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = lie
    with pytest.raises(NONSENSE):
        told_head(json.dumps(told).encode(), REQUEST)


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"7", b"null", b'{"metadata": {}}', b"[" * 100_000, b"\xff", b"9" * 5000]
)
def test_a_line_that_is_no_answer_is_none(line: bytes) -> None:
    with pytest.raises(NONSENSE):
        told_head(line, REQUEST)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists))
def test_whatever_a_decoder_says_nothing_else_is_raised(said: Any) -> None:
    for told in (
        said,
        {"problem": said},
        honest() | {"metadata": said},
        honest() | {"frame": said},
    ):
        try:
            told_head(json.dumps(told).encode(), REQUEST)
        except NONSENSE:
            continue


def test_halves_of_characters_do_not_come_through() -> None:
    told = honest()
    told["metadata"]["values"] = [["gps", "\ud800", "\udfff"]]
    head = told_head(json.dumps(told).encode(), REQUEST)
    assert isinstance(head, Head)
    assert head.metadata.values == ((Category.GPS, "?", "?"),)
