from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imu_imageprep.domain.albums import ALONE, GAP, Gathered, Shot, Turn, evidence
from imu_imageprep.domain.doubting import ALBUM_MOST, album_evidence
from imu_imageprep.domain.finding import Examination, Flag, Looked
from imu_imageprep.domain.policy import Policy

NOON = datetime.fromisoformat("2026-03-04 12:00")  # by the clock of a camera: without a zone
HIGH, LOW = 3.0, -4.0

shots = st.dictionaries(
    st.text(max_size=3),
    st.builds(
        Shot,
        st.none() | st.floats(-9, 9).map(lambda value: round(value, 2)),
        st.none() | st.datetimes(NOON, NOON + timedelta(days=1)),
    ),
    max_size=12,
)


def test_others_count_and_the_photo_itself_does_not() -> None:
    album = {"a": Shot(LOW), "b": Shot(HIGH), "c": Shot(HIGH)}
    found = evidence(album, ["a", "b"])
    assert found["a"] == album_evidence([HIGH, HIGH])
    assert found["b"] == album_evidence([LOW, HIGH])
    assert found["a"] > found["b"] > 0


def test_a_single_photo_has_no_album() -> None:
    assert evidence({"a": Shot(HIGH)}, ["a"]) == {"a": 0.0}
    assert ALONE.evidence == 0.0


def test_hours_between_photos_split_a_folder() -> None:
    near, far = NOON + GAP - timedelta(seconds=1), NOON + 2 * GAP
    album = {"a": Shot(LOW, NOON), "b": Shot(HIGH, near), "c": Shot(HIGH, far)}
    found = evidence(album, ["a", "c"])
    assert found == {"a": album_evidence([HIGH]), "c": 0.0}


def test_a_gap_counts_from_one_photo_to_the_next() -> None:
    times = [NOON + number * timedelta(hours=2) for number in range(5)]
    album = {str(at): Shot(HIGH, at) for at in times}
    assert evidence(album, [str(times[0])])[str(times[0])] == album_evidence([HIGH] * 4)


def test_photos_without_a_time_are_one_album_of_their_own() -> None:
    album = {"a": Shot(LOW), "b": Shot(HIGH), "c": Shot(HIGH, NOON)}
    assert evidence(album, ["a", "c"]) == {"a": album_evidence([HIGH]), "c": 0.0}


def test_photos_that_were_not_judged_say_nothing() -> None:
    assert evidence({"a": Shot(LOW), "b": Shot(None)}, ["a"]) == {"a": album_evidence([])}


def defined(album: dict[str, Shot], name: str) -> float:
    """What the others say to a photo, as it is told in words."""
    own = album.pop(name)
    dated = [(one.taken, one.logit) for one in album.values() if one.taken is not None]
    if own.taken is None:
        others = [one.logit for one in album.values() if one.taken is None]
    else:
        others, ends = [], [own.taken]
        while near := [one for one in dated if any(abs(one[0] - at) < GAP for at in ends)]:
            others += [logit for _, logit in near]
            ends += [taken for taken, _ in near]
            dated = [one for one in dated if one not in near]
    return album_evidence([logit for logit in others if logit is not None])


@given(shots)
def test_sums_say_what_the_photos_say(album: dict[str, Shot]) -> None:
    found = evidence(album, list(album))
    assert found == {name: defined(dict(album), name) for name in album}


@given(shots, st.randoms(use_true_random=False))
def test_the_order_of_the_photos_does_not_matter(
    album: dict[str, Shot], chance: random.Random
) -> None:
    names = list(album)
    chance.shuffle(names)
    assert evidence({name: album[name] for name in names}, names) == evidence(album, list(album))


def test_many_photos_are_as_many_sums_as_there_are_events() -> None:
    gathered = Gathered()
    for number in range(3000):
        gathered.add(Shot(number % 7 - 3.0, NOON + (number % 4) * 2 * GAP + timedelta(number % 60)))
    assert len(gathered._events) <= 4 * 60


@given(shots)
def test_an_album_never_lowers(album: dict[str, Shot]) -> None:
    assert all(0 <= logits <= ALBUM_MOST for logits in evidence(album, list(album)).values())


@pytest.mark.parametrize("changed", ["photo", "policy"])
def test_what_was_seen_stands_for_the_same_file_and_rules_alone(changed: str) -> None:
    seen = (Examination("clinical", Flag.CLINICAL, "model", Looked((), 0.1)),)
    rules = Policy()
    turn = Turn(photo="abc", policy=rules.digest(), seen=seen)
    assert turn.seen_in("abc", rules) == seen
    other = rules.replace(channel="elsewhere") if changed == "policy" else rules
    assert turn.seen_in("other" if changed == "photo" else "abc", other) == ()
