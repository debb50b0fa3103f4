from __future__ import annotations

import pytest

from imu_imageprep.domain.identifiers import identifier_in


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("© 2026 for 900101-14-5678", "an identity number"),
        ("900101145678", "an identity number"),
        ("write to info@example.edu", "an e-mail address"),
        ("call +60 3-8656 7228", "a phone number"),
        ("012-345 6789", "a phone number"),
        ("MRN 0045671", "a record number"),
        ("RN: A123456", "a record number"),
    ],
)
def test_identifiers_are_named(text: str, kind: str) -> None:
    assert identifier_in(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "© 2026 Faculty of Medicine",
        "© 2019-2026 Faculty of Medicine",
        "© 2019–26 · not for reuse",
        "Photo: an agency / 2024",
        "Ward 7, block 12",
        "24/7",
    ],
)
def test_years_and_names_are_none(text: str) -> None:
    assert identifier_in(text) is None
