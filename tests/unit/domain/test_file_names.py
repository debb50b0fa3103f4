from __future__ import annotations

import pytest

from imu_imageprep.domain.identifiers import identifier_in_name


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("900101-14-5678.jpg", "an identity number"),
        ("900101145678.jpg", "an identity number"),
        ("IC_900101145678_front.jpg", "an identity number"),
        ("scan 150817 10 1234.jpg", "an identity number"),
        ("MRN0045671.jpg", "a record number"),
        ("mrn_no_45671 left eye.png", "a record number"),
        ("passport-A1234567.jpg", "a record number"),
        ("012-345 6789.jpg", "a phone number"),
        ("call_0123456789.jpg", "a phone number"),
        ("+60 3-8656 7228.jpg", "a phone number"),
        ("60123456789.jpg", "a phone number"),
        ("info@example.edu.jpg", "an e-mail address"),
        ("Patient 3.jpg", "the word patient"),
        ("pesakit-baru.jpg", "the word patient"),
        ("IMG_20260101_patients.jpg", "the word patient"),
        ("ward7.jpg", "a ward or bed number"),
        ("Ward 7B, morning.jpg", "a ward or bed number"),
        ("ward-B.jpg", "a ward or bed number"),
        ("wad_12.jpg", "a ward or bed number"),
        ("bed-4.jpg", "a ward or bed number"),
        ("katil no 9.jpg", "a ward or bed number"),
        ("dob 3 May 1990.jpg", "a date of birth"),
        ("1987-05-17.jpg", "a date of birth"),
        ("17.5.1987 left.jpg", "a date of birth"),
        ("19870517.jpg", "a date of birth"),
    ],
)
def test_identifiers_are_named(name: str, kind: str) -> None:
    assert identifier_in_name(name) == kind


@pytest.mark.parametrize(
    "name",
    [
        "IMG_20260101.jpg",
        "IMG_20260101_120000.jpg",
        "IMG_20260101_120000123.jpg",
        "IMG-20260101-WA0012.jpg",
        "PXL_20260101_030405678.jpg",
        "20260101_120000.jpg",
        "20101231_1234.jpg",
        "20260101120000.jpg",
        "2026-01-01 12.00.00.jpg",
        "2026-01-01-12-00-00.jpg",
        "WhatsApp Image 2026-01-01 at 10.00.00.jpeg",
        "WhatsApp Image 2026-01-01 at 10.00.00 (2).jpeg",
        "Screenshot 2026-01-01 at 10.00.00.png",
        "Screenshot_20260101-123456_Chrome.jpg",
        "signal-2026-01-01-12-00-00-123.jpg",
        "DJI_20260101120000_0001_D.jpg",
        "DSC_0012.jpg",
        "DSCF0123.jpg",
        "P1010123.jpg",
        "GH010123.jpg",
        "IMG_1234.HEIC",
        "FB_IMG_1700000000000.jpg",
        "photo-1a2b3c4d.jpg",
        "550e8400-e29b-41d4-a716-446655440000.jpg",
        "graduation 2026.jpg",
        "white coat day 1987.jpg",
        "award-3.jpg",
        "forward2.jpg",
        "wardrobe 1.jpg",
        "embedded 7.jpg",
        "impatient.jpg",
        "picnic 2026.jpg",
        "ward 2026.jpg",
        "campus.jpg",
        "",
    ],
)
def test_cameras_and_plain_words_are_none(name: str) -> None:
    assert identifier_in_name(name) is None
