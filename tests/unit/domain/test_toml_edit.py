from __future__ import annotations

import tomllib

import pytest

from imu_imageprep.domain.errors import PolicyProblem
from imu_imageprep.domain.toml_text import with_number


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "[clinical]\nthreshold = 0.4\n"),
        ("# mine\nchannel = 'web'", "# mine\nchannel = 'web'\n\n[clinical]\nthreshold = 0.4\n"),
        (
            "# mine\n[clinical]  # our wards\nthreshold = 0.61   # why\n[flags]\nface='hold'\n",
            "# mine\n[clinical]  # our wards\nthreshold = 0.4   # why\n[flags]\nface='hold'\n",
        ),
        (
            "[clinical]\n\n[limits]\nseconds = 5\n",
            "[clinical]\nthreshold = 0.4\n\n[limits]\nseconds = 5\n",
        ),
        ("[clinical]", "[clinical]\nthreshold = 0.4"),
        (
            "[clinical]\n  threshold=1\n# threshold = 2\n",
            "[clinical]\n  threshold = 0.4\n# threshold = 2\n",
        ),
        (
            "[owner]\r\nname = 'A'\r\n",
            "[owner]\r\nname = 'A'\r\n\r\n[clinical]\r\nthreshold = 0.4\r\n",
        ),
        (
            "[clinical.more]\nthreshold = 1\n",
            "[clinical.more]\nthreshold = 1\n\n[clinical]\nthreshold = 0.4\n",
        ),
    ],
)
def test_one_number_is_set_and_the_rest_stays(before: str, after: str) -> None:
    edited = with_number(before, "clinical", "threshold", 0.4)
    assert edited == after
    assert tomllib.loads(edited)["clinical"]["threshold"] == 0.4
    assert with_number(edited, "clinical", "threshold", 0.4) == edited


@pytest.mark.parametrize(
    "text",
    [
        "clinical = {threshold = 0.6}",
        "clinical.threshold = 0.6",
        "[owner]\nname = '''\n[clinical]\nthreshold = 0.6\n'''\n[clinical]\nthreshold = 0.6",
        "clinical = 3",
    ],
)
def test_an_unusual_text_is_refused_and_not_damaged(text: str) -> None:
    with pytest.raises(PolicyProblem, match="could not be set"):
        with_number(text, "clinical", "threshold", 0.4)
