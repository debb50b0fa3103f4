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
        ("Photo: 880101-145566", "an identity number"),
        ("88 01 01 14 5566", "an identity number"),
        ("8 8 0 1 0 1 1 4 5 5 6 6", "an identity number"),
        ("880101 - 14 - 5566", "an identity number"),
        ("88O1O1-14-5566", "an identity number"),
        ("880101%2D14%2D5566", "an identity number"),
        ("\u202e6655-41-101088", "an identity number"),
        ("S1234567D", "an identity number"),
        ("M.R.N. 45671", "a record number"),
        ("M R N: 45671", "a record number"),
        ("МRN 45671", "a record number"),
        ("R.N. 123456-24", "a record number"),
        ("I/C: A1234567", "a record number"),
        ("No. K/P: 1234567", "a record number"),
        ("Passport No: A12345678", "a record number"),
        ("student no. 012345", "a record number"),
        ("No. Pendaftaran: 12345", "a record number"),
        ("DOB: 3 May 1990", "a date of birth"),
        ("info (at) example.edu", "an e-mail address"),
        ("info at example dot edu", "an e-mail address"),
        ("info＠example。edu", "an e-mail address"),
        ("(012) 345 6789", "a phone number"),
        ("012.345.6789", "a phone number"),
        ("0060123456789", "a phone number"),
        ("+1 (555) 123-4567", "a phone number"),
        ("(555) 123-4567", "a phone number"),
        ("+60 (0)12 345 6789", "a phone number"),
        ("03-8656 2026", "a phone number"),
        ("8656 7228", "a phone number"),
        ("☎ 8656 7228", "a phone number"),
        ("1 July 2026, 082-123 456", "a phone number"),
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
        "Open Day on 15.08.2026, 09.00 - 14.30",
        "24.10.26 - 26.10.26",
        "15/08/2026 | 2.00 pm - 5.30 pm",
        "2026-08-15 09:30 Symposium",
        "10 km in 45:12, half marathon 1:45:12",
        "Rooms 2101-2110, Level 3",
        "Rooms 10, 11, 12, 13, 14, 15",
        "Bib numbers 10 11 12 13 14 15",
        "1 200 000 steps walked in May",
        "10 000 - 20 000 people reached",
        "Steps 3000-5000 a day",
        "Call 1-300-88-1234 to register",
        "ISBN 978-3-16-148410-0",
        "doi:10.1371/journal.pone.0123456",
        "Photo: Getty Images 144014756",
        "Class of 1998, 2011 and 2026",
        "RN 2026 intake",
        "IC 2026 · International Conference",
        "Passport to Health 2026",
        "Dinner @ 7.30pm",
        "BP 120/80, n = 345, p < 0.001",
        "Lot 126, Jalan Jalil Perkasa 19, 57000 Kuala Lumpur",
        "ISO 9001:2015 and ISO 14001",
        "KKLIU 1234/EXP 31.12.2026",
        "COVID-19: 1.5 million doses",
        "Call for papers 2026: 31 May",
    ],
)
def test_years_and_names_are_none(text: str) -> None:
    assert identifier_in(text) is None
