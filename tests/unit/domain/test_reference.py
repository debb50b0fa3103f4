from __future__ import annotations

import secrets

import pytest

from imu_imageprep.domain import reference
from imu_imageprep.domain.errors import UsageProblem


def some(letter: str = "C") -> str:
    return reference.new(letter, secrets.choice)


def test_the_check_character_is_that_of_the_standard() -> None:
    # The example of the GRid standard, which uses ISO 7064 MOD 37-36: A12425GABC1234002 M.
    assert reference.check_character("A12425GABC1234002") == "M"


@pytest.mark.parametrize("letter", sorted(reference.LETTERS))
def test_a_reference_is_read_back(letter: str) -> None:
    for _ in range(50):
        ref = some(letter)
        assert reference.read(ref) == ref
        assert reference.letter_of(ref) == letter
        assert len(ref) == 13


def test_it_may_be_typed_as_it_was_heard() -> None:
    ref = next(r for r in iter(some, None) if "0" in r and "1" in r and "V" in r)
    for heard in (
        ref.lower(),
        ref.replace("-", " "),
        ref.replace("-", ""),
        ref.replace("0", "O"),
        ref.replace("1", "l"),
        ref.replace("1", "I"),
        ref.replace("V", "u"),
    ):
        assert reference.read(heard) == ref


def test_every_wrong_character_is_noticed() -> None:
    plain = some().replace("-", "")
    for at, right in enumerate(plain):
        for wrong in set(reference.ALPHABET) - {right}:
            with pytest.raises(UsageProblem):
                reference.read(plain[:at] + wrong + plain[at + 1 :])


def test_swapped_neighbours_are_noticed_nearly_always() -> None:
    swapped = missed = 0
    for _ in range(300):
        plain = some().replace("-", "")
        for at in range(1, len(plain) - 1):
            other = plain[:at] + plain[at + 1] + plain[at] + plain[at + 2 :]
            if other != plain:
                swapped += 1
                missed += reference.check_character(other[:-1]) == other[-1]
    assert swapped > 2000
    assert missed / swapped < 0.01


@pytest.mark.parametrize(
    "text", ["", "C", "C-000-000", "Q-000-000-000", "900101-14-5678", "Ç-000-000-000"]
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(UsageProblem) as told:
        reference.read(text)
    assert not text or text not in told.value.message
