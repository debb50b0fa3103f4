"""Text from outside, such as names of files, made safe to stand in a line."""

from __future__ import annotations

# Unicode's control characters, and its ends of lines and paragraphs.
_BREAKS = frozenset({"Cc", "Zl", "Zp"})


def printable(text: str) -> str:
    """Text for a person: undecodable bytes and control characters escaped.

    Spaces of every width stay: the names of screenshots have them.
    """
    if text.isprintable():
        return text
    import unicodedata  # noqa: PLC0415  (seldom)

    return "".join(
        c
        if c.isprintable() or unicodedata.category(c) == "Zs"
        else c.encode("unicode_escape", "surrogatepass").decode()
        for c in text
    )


def excerpt(text: str, most: int = 200) -> str:
    """The beginning of a text for a person: in one line, harmless characters alone, so many."""
    line = printable(" ".join(text[: 2 * most].split()))
    return line if len(line) <= most and len(text) <= 2 * most else f"{line[:most]}…"


def one_line(text: str) -> str:
    """A path for a program that reads lines: control characters and line ends escaped.

    All else stays, undecodable bytes too, so that the program finds the file.
    """
    if text.isprintable():
        return text
    import unicodedata  # noqa: PLC0415  (seldom)

    return "".join(
        c.encode("unicode_escape").decode() if unicodedata.category(c) in _BREAKS else c
        for c in text
    )
