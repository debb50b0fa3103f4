from __future__ import annotations

import numpy as np
import pytest

from imu_imageprep.detectors.credit import Credit, is_owner, third_party
from imu_imageprep.domain.finding import Finding, Flag, Looked
from imu_imageprep.domain.metadata import Credit as Statement
from imu_imageprep.domain.metadata import CreditField, Metadata
from imu_imageprep.domain.photo import Photo, Size

PHOTO = Photo(np.zeros((2, 2, 3), np.uint8), Size(2, 2))
OWNER = "Ali Bakar"


def look(owner: str, *texts: str, field: CreditField = CreditField.COPYRIGHT) -> Looked:
    return Credit(owner).look(PHOTO, Metadata(credits=tuple(Statement(field, t) for t in texts)))


@pytest.mark.parametrize(
    "text",
    [
        "Ali Bakar",
        "ALI BAKAR",
        "  ali   bakar ",
        "(c) 2024 Ali Bakar",
        "© 2019-2024 Ali Bakar. All rights reserved.",
        "Copyright 2019–24 Ali Bakar",
        "Photo by Ali Bakar",
        "Bakar, Ali",
        "Ali Bakar / Ali Bakar",
        "Ａｌｉ Ｂａｋａｒ",
        "C 2024 Ali Bakar Sdn. Bhd.",
    ],
)
def test_the_owner_is_recognised(text: str) -> None:
    assert is_owner(text, OWNER)


@pytest.mark.parametrize(
    "text",
    [
        "AB",
        "A. B.",
        "A. Bakar",
        "Ali",
        "Ali Baker",
        "Ali Bakarian",
        "Agency X",
        "Ali Bakar / Agency X",
        "Ali Bakar for Agency X",
        "Siti and Ali Bakar",
        "Copyright 2024",
        "",
    ],
)
def test_anyone_else_is_not_the_owner(text: str) -> None:
    assert not is_owner(text, OWNER)


def test_an_owner_of_less_than_three_letters_must_match_exactly() -> None:
    assert is_owner("(c) 2024 NG", "Ng")
    assert not is_owner("Ng Wei", "Ng")
    assert not is_owner("Photo by Ng", "Ng")


def test_an_owner_whose_name_is_of_usual_words_must_match_exactly() -> None:
    assert is_owner("The Photo Company", "The Photo Company")
    assert not is_owner("All rights reserved", "The Photo Company")


def test_corporate_forms_do_not_count() -> None:
    assert is_owner("ACME Ltd.", "Acme Sdn Bhd")


def test_nobody_configured_makes_every_statement_a_third_partys() -> None:
    assert look("", "Ali Bakar").score == 1.0
    assert look("  ", "Copyright 2024").score == 1.0


def test_no_statement_is_no_finding() -> None:
    assert look(OWNER) == Looked((), 0.0)
    assert look("") == Looked((), 0.0)


def test_own_statements_are_no_finding() -> None:
    assert look(OWNER, "Ali Bakar", "© Ali Bakar") == Looked((), 0.0)


def test_one_finding_names_the_fields_and_never_the_text() -> None:
    statements = (
        Statement(CreditField.SOURCE, "Agency X"),
        Statement(CreditField.CREATOR, "Siti"),
        Statement(CreditField.CREATOR, "Siti Again"),
        Statement(CreditField.COPYRIGHT, "Ali Bakar"),
    )
    scan = Credit(OWNER).look(PHOTO, Metadata(credits=statements))
    assert scan == Looked((Finding("source", 1.0, None, "creator, source"),), 1.0)


def test_a_bare_address_is_the_owners_beside_the_owners_name_alone() -> None:
    address = Statement(CreditField.COPYRIGHT, "https://example.org/licence")
    own = Statement(CreditField.CREATOR, "Ali Bakar")
    other = Statement(CreditField.CREDIT, "Agency X")
    assert third_party((address, own), OWNER) == ()
    assert third_party((address,), OWNER) == (address,)
    assert third_party((address, own, other), OWNER) == (address, other)


def test_it_serves_the_source_check_without_a_model() -> None:
    detector = Credit(OWNER)
    assert (detector.name, detector.flag, detector.model) == ("credit", Flag.SOURCE, None)
