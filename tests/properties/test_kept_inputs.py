"""What the fuzzer that follows coverage kept: small inputs that reach every corner of a reader."""

from __future__ import annotations

import base64
import dataclasses
import re
import unicodedata

import containers as c
import fuzz_covered
import fuzz_readers
import pytest
from command import ROOT
from fuzz_readers import READERS, attempt

from imu_imageprep.domain.photo import Format
from imu_imageprep.stages.metadata import describe

KEPT = ROOT / "tests" / "kept"

# Pillow's, about what is damaged.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def kept(name: str) -> list[bytes]:
    lines = (KEPT / f"{name}.txt").read_text("utf-8").splitlines()
    return [base64.b64decode(line, validate=True) for line in lines]


@pytest.mark.parametrize("name", READERS)
def test_what_was_kept_is_answered(name: str) -> None:
    inputs = [*READERS[name].corpus(), *kept(name)]
    assert len(inputs) > 10
    for data in inputs:
        attempt(READERS[name], data)


def test_nothing_is_kept_of_readers_that_are_gone() -> None:
    assert {path.stem for path in KEPT.iterdir()} == set(READERS)


@pytest.mark.parametrize("name", READERS)
def test_a_reader_is_fuzzed_with_words_of_its_own_source(name: str) -> None:
    words = fuzz_covered.words(READERS[name])
    assert re.fullmatch(r'("(\\x[0-9a-f]{2}){2,}"\n)+', words)
    known = {"iptc": b"8BIM", "sniff": b"DICM", "verify": b"VP8X", "xmp": b"creator"}
    spelled = "".join(f"\\x{byte:02x}" for byte in known.get(name, b""))
    assert spelled in words


def test_an_answer_that_is_not_sound_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz_readers, "inspect", lambda _: ("a comment\x1b[2J",))
    with pytest.raises(AssertionError, match="control characters"):
        attempt(READERS["verify"], b"")

    def turned(*_: object) -> object:
        return dataclasses.replace(describe(c.source(c.EXIF, Format.TIFF)), orientation=9)

    monkeypatch.setattr(fuzz_readers, "describe", turned)
    with pytest.raises(AssertionError, match="orientation"):
        attempt(READERS["xmp"], c.XMP)


@pytest.mark.parametrize("code", range(0x80, 0xA0))
def test_a_credit_read_in_free_text_drives_no_terminal(code: int) -> None:
    """Found by the fuzzer: the control characters after ASCII, of which one begins a command."""
    assert unicodedata.category(chr(code)) == "Cc"
    text = f"Photo by Ali{chr(code)}[2J Bakar".encode()
    found = describe(c.source(c.png(c.chunk(b"iTXt", b"Description\0\0\0\0\0" + text)), Format.PNG))
    assert found.credits
    assert all(credit.text.isprintable() for credit in found.credits)


@pytest.mark.parametrize("code", [0x06, 0x1B, 0x9B])
def test_a_fields_name_from_the_file_drives_no_terminal(code: int) -> None:
    """Found by the fuzzer: the keyword of a text in PNG is anybody's."""
    text = f"Au{chr(code)}[31mthor\0somebody".encode("latin-1")
    found = describe(c.source(c.png(c.chunk(b"tEXt", text)), Format.PNG))
    ((_, name, value),) = found.values
    assert value == "somebody"
    assert name.isprintable()
