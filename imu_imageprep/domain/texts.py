"""Text as people save it: with or without a byte order mark, and with any line ends."""

from __future__ import annotations

import codecs

# More than any form or configuration needs; what is larger is another file, named by mistake.
MOST_BYTES = 1_000_000

# A wide encoding without its mark has a NUL in nearly every second place of plain letters.
_MANY = 0.4
_FEW = 0.05
_BEGINNING = 4000  # bytes

_AS_UTF8 = "Save it as UTF-8, which editors offer where a file is saved."


class NotText(ValueError):
    """Bytes that are no text in UTF-8.

    Args:
        what: follows "The form form.toml": "is written in UTF-16".
        advice: one sentence: what to do.
    """

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8: without its byte order mark, every line ended by a line feed.

    Raises:
        NotText: it is another encoding, or no text.
    """
    if wide := _wide(data):
        raise NotText(f"is written in {wide}", _AS_UTF8)
    if b"\0" in data:
        raise NotText("is not a text file", "Check that you chose the right file.")
    try:
        text = data.decode().lstrip("\ufeff")  # files put together may begin with several
    except UnicodeDecodeError:
        raise NotText(
            "is not a text in UTF-8", f"Check that you chose the right file. {_AS_UTF8}"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _wide(data: bytes) -> str:
    """The name of the encoding with more than one byte for a letter that this is in, if it is."""
    # The mark of UTF-32 begins with that of UTF-16.
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "UTF-32"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    start = data[:_BEGINNING]
    shares = sorted(half.count(0) / len(half) for half in (start[::2], start[1::2]) if half)
    return "UTF-16" if len(shares) > 1 and shares[0] < _FEW and shares[1] > _MANY else ""
