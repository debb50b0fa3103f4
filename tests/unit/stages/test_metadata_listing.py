from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pictures import encoded, exif, scene

from imu_imageprep.domain.metadata import Category
from imu_imageprep.domain.photo import Format, Source
from imu_imageprep.stages.metadata import listing


def source(data: bytes) -> Source:
    return Source(None, data, "0" * 64, Format.JPEG)


def test_fields_are_named() -> None:
    fields, notes = listing(source(encoded(scene(60, 40), exif=exif(artist="Somebody"))))
    assert (Category.PRIVATE, "Image Artist", "Somebody") in fields
    assert any(category is Category.GPS for category, _, _ in fields)
    assert notes == ()


@given(st.binary(max_size=400))
def test_nothing_it_raises_escapes(junk: bytes) -> None:
    whole = encoded(scene(60, 40), exif=exif())
    at = whole.index(b"Exif") + 6
    listing(source(whole[:at] + junk + whole[at + len(junk) :]))
