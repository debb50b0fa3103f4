"""What a smallest size of faces may change: what those faces hold, and nothing else."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st
from properties.scenes import all_answers, decided, policies, scenes

from imu_imageprep.domain.case import Answers, Cleared, Held
from imu_imageprep.domain.finding import Examination, Finding, small_faces_noted
from imu_imageprep.domain.photo import Size
from imu_imageprep.domain.policy import Policy

Scene = tuple[Examination, ...]
SIZES = st.builds(Size, st.integers(1, 4000), st.integers(1, 4000))


def small(finding: Finding, least: int, shown: Size) -> bool:
    box = finding.box
    return (
        finding.kind == "face"
        and box is not None
        and max(box.w * shown.width, box.h * shown.height) < least
    )


@given(scenes(), SIZES)
def test_by_default_nothing_is_noted(scene: Scene, shown: Size) -> None:
    assert small_faces_noted(scene, Policy().faces.min_face, shown) is scene


@given(scenes(), st.integers(1, 100), SIZES)
def test_small_faces_alone_are_noted(scene: Scene, least: int, shown: Size) -> None:
    for before, after in zip(scene, small_faces_noted(scene, least, shown), strict=True):
        assert [f.noted for f in after.findings] == [
            small(f, least, shown) for f in before.findings
        ]
        plain = tuple(dataclasses.replace(f, noted=False) for f in after.findings)
        assert plain == before.findings


@given(st.data(), scenes(), st.integers(1, 100), SIZES, policies)
def test_every_need_of_anything_else_stands(
    data: st.DataObject, scene: Scene, least: int, shown: Size, policy: Policy
) -> None:
    answers: Answers = data.draw(all_answers(scene))
    before = decided(scene, answers, policy)
    after = decided(small_faces_noted(scene, least, shown), answers, policy)
    open_before = before.held_for if isinstance(before, Held) else ()
    open_after = after.held_for if isinstance(after, Held) else ()
    told = [(n.needs, n.finding.id if n.finding else None, n.scan) for n in open_after]
    assert told == [
        (n.needs, n.finding.id if n.finding else None, n.scan)
        for n in open_before
        if n.finding is None or not small(n.finding, least, shown)
    ]
    assert isinstance(after, Cleared) == (not open_after)
