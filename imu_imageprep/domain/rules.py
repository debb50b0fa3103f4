"""The parts of a policy: each is checked when it is made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import PolicyProblem
from imu_imageprep.domain.identifiers import identifier_in
from imu_imageprep.domain.naming import legible
from imu_imageprep.domain.photo import EXPORT_FORMATS, Format, Size
from imu_imageprep.domain.sandbox import Sandbox
from imu_imageprep.domain.server import LEAVE_IT_OUT, holds_password, on_server

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imu_imageprep.domain.finding import Finding, Flag


class Profile(StrEnum):
    """Whose page the picture is for."""

    PERSONAL = "personal"
    OFFICIAL = "official"


class Level(StrEnum):
    """What a finding does: hold the photo, be noted, or not be looked for."""

    HOLD = "hold"
    NOTE = "note"
    OFF = "off"


class Names(StrEnum):
    """What exports are called."""

    KEEP = "keep"
    NEUTRAL = "neutral"


class Position(StrEnum):
    """Where the watermark goes."""

    TOP_LEFT = "top-left"
    TOP = "top"
    TOP_RIGHT = "top-right"
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM = "bottom"
    BOTTOM_RIGHT = "bottom-right"
    TILE = "tile"


@dataclass(frozen=True, slots=True)
class Owner:
    """Who posts: the name in the watermark, and whom to ask about a held photo."""

    name: str = ""
    responsible: str = ""
    role: str = ""
    contact: str = ""


LARGEST_SIDE = 20_000  # pixels of an export

# About 800x600: enough to view on a page, too small to print (the guideline).
DEFAULT_SIZE = Size(800, 600)


@dataclass(frozen=True, slots=True)
class ExportRules:
    """What leaves: size in pixels (landscape), density in dpi, format, JPEG and WebP quality."""

    size: Size = DEFAULT_SIZE
    dpi: int = 72
    format: Format = Format.JPEG
    quality: int = 85
    names: Names = Names.KEEP

    def __post_init__(self) -> None:
        need(
            all(1 <= side <= LARGEST_SIDE for side in self.size),
            f"export.size must be two whole numbers from 1 to {LARGEST_SIDE}, like [800, 600].",
        )
        need(self.dpi == 72, "export.dpi must be 72, the density of web pictures.")  # noqa: PLR2004
        need(self.format in EXPORT_FORMATS, "export.format must be jpeg, png or webp.")
        need(1 <= self.quality <= 95, "export.quality must be a whole number from 1 to 95.")  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class WatermarkRules:
    """The mark drawn on every export.

    Attributes:
        text: ``{year}`` and ``{owner}`` are filled in; may be empty.
        logo: path of the logo's file; official pages only.
        font: path of a font's file, or the name of a family; empty for the font that ships.
        position: where the mark goes.
        opacity: of the text, 0..1.
    """

    text: str = "© {year} {owner}"
    logo: str = ""
    font: str = ""
    position: Position = Position.BOTTOM_RIGHT
    opacity: float = 0.6

    def __post_init__(self) -> None:
        need(0.1 <= self.opacity <= 1, "watermark.opacity must lie between 0.1 and 1.")  # noqa: PLR2004
        refuse_identifiers("watermark.text", self.text)
        need(
            not self.text.strip() or legible(self.text) or not self.text.isprintable(),
            "watermark.text has nothing that a person can read; leave it empty for no text.",
        )


def names_font_file(font: str) -> bool:
    """Whether ``watermark.font`` is a file and not the name of a family."""
    return font.lower().endswith((".ttf", ".otf", ".ttc", ".otc")) or "/" in font or "\\" in font


@dataclass(frozen=True, slots=True)
class CaptionRules:
    """The text beside an export: the sentence that personal pages carry."""

    disclaimer: str = "The views expressed here are my own and not those of my university."

    def __post_init__(self) -> None:
        kind = identifier_in(self.disclaimer)
        need(kind is None, f"caption.disclaimer looks like {kind}, which must not be posted.")


@dataclass(frozen=True, slots=True)
class Flags:
    """What each check does with a finding.

    ``unknown_source`` is about pictures without any camera data: a note asks who took them, or they
    are held until someone says.
    """

    face: Level = Level.HOLD
    clinical: Level = Level.HOLD
    source: Level = Level.HOLD
    code: Level = Level.HOLD
    text: Level = Level.HOLD
    doubt: Level = Level.HOLD
    unknown_source: Level = Level.NOTE

    def level(self, flag: Flag | None) -> Level:
        """The level of a check; a third party's detector (None) always holds.

        A doubt is never stricter than what it is a doubt about: or a photo that may be clinical
        would wait, and one that is would leave.
        """
        if flag is None:
            return Level.HOLD
        return self._doubts if flag == "doubt" else Level(getattr(self, flag.value))

    def level_of(self, flag: Flag | None, finding: Finding) -> Level:
        """The level of a finding of a check: a doubt of the clinical check has its own."""
        if finding.kind == "doubt" and flag == "clinical":
            return self._doubts
        return self.level(flag)

    @property
    def _doubts(self) -> Level:
        return loosest((self.doubt, self.clinical))


@dataclass(frozen=True, slots=True)
class FaceRules:
    """What is only noted of the people in a picture.

    Attributes:
        min_face: faces under so many pixels on their longer side in the export are only noted.
        person: what somebody does of whom no face is found, as from behind or in part.
    """

    min_face: int = 0
    person: Level = Level.NOTE

    def __post_init__(self) -> None:
        need(0 <= self.min_face <= 100, "faces.min_face must be a whole number from 0 to 100.")  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class ClinicalRules:
    """From which scores on a scene counts as clinical, or as one that somebody should look at.

    Attributes:
        threshold: makes a scene clinical; 0 for the one that the model came with.
        doubt: makes it a doubt; 0 for the one that the model came with. Where the threshold in
            force is lower, it counts instead.
        album: whether the other photos of a folder may raise a photo to a doubt.
    """

    threshold: float = 0.0
    doubt: float = 0.0
    album: bool = True

    def __post_init__(self) -> None:
        need(0 <= self.threshold <= 1, "clinical.threshold must lie between 0 and 1.")
        need(0 <= self.doubt <= 1, "clinical.doubt must lie between 0 and 1.")


# Beyond any photo and any patience; far larger numbers break timers and the system's own limits.
_MOST = {"megapixels": 100_000, "bytes": 1_000_000_000_000, "seconds": 86_400}


@dataclass(frozen=True, slots=True)
class TextRules:
    """Readable text that is of nobody: an office's own number, a slogan.

    It is taken as if it were not there, however it is spaced and capitalised.
    """

    allow: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for phrase in self.allow:
            need(
                sum(map(str.isalnum, phrase)) >= 4,  # noqa: PLR2004
                "text.allow must list texts of at least 4 letters or digits each.",
            )


@dataclass(frozen=True, slots=True)
class Limits:
    """What one photo may cost before it is refused.

    ``megapixels`` holds for pictures that decode at a smaller scale (baseline JPEG); formats that
    decode whole are held to half of it. ``sandbox`` says whether a photo is refused where nothing
    keeps its decoder from the rest of the computer.
    """

    megapixels: float = 200.0
    bytes: int = 200_000_000
    seconds: float = 60.0
    sandbox: Sandbox = Sandbox.TRY

    def __post_init__(self) -> None:
        for name, most in _MOST.items():
            # Not a number (nan) is never within anything.
            within = 0 < getattr(self, name) <= most
            need(within, f"limits.{name} must be more than 0 and at most {most}.")

    @property
    def megapixels_whole(self) -> float:
        """The limit for formats that decode whole, in megapixels."""
        return self.megapixels / 2


@dataclass(frozen=True, slots=True)
class Official:
    """Logos approved by Marketing, by sha256, and who approved them."""

    logo_sha256: tuple[str, ...] = ()
    approved_by: str = ""

    def __post_init__(self) -> None:
        need(
            all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in self.logo_sha256),
            "official.logo_sha256 must list sha256 digests of 64 lower-case hex digits.",
        )


@dataclass(frozen=True, slots=True)
class Detectors:
    """Other people's detectors that are asked too, by the names of their entry points."""

    extra: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        need(
            all(re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", name) for name in self.extra),
            "detectors.extra must list names of lower-case letters, digits, - and _.",
        )
        need(
            len(set(self.extra)) == len(self.extra), "detectors.extra must name each detector once."
        )


@dataclass(frozen=True, slots=True)
class RegisterRules:
    """Recognising people who agreed to it: whether runs do, and a key file instead of a keyring.

    It decides nothing about a photo, so it is no part of the policy's hash.
    """

    recognise: bool = False
    key_file: str = ""


@dataclass(frozen=True, slots=True)
class LedgerRules:
    """Where the ledger lies: the address of a server, or a file; empty for the user's own file.

    It decides nothing about a photo, so it is no part of the policy's hash.
    """

    url: str = ""

    def __post_init__(self) -> None:
        need(
            not (on_server(self.url) and holds_password(self.url)),
            "ledger.url must not hold a password.",
            LEAVE_IT_OUT,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """A place that may not be photographed without permission.

    Attributes:
        name: as in its permissions.
        authority: who may permit.
        latitude: of its middle, in degrees; None where the place is only named.
        longitude: as latitude.
        radius: in metres.
    """

    name: str
    authority: str = ""
    latitude: float | None = None
    longitude: float | None = None
    radius: float = 250.0

    def __post_init__(self) -> None:
        need(bool(self.name.strip()), "places.name is missing.")
        need(
            (self.latitude is None) == (self.longitude is None),
            "places: latitude and longitude come together.",
        )
        need(abs(self.latitude or 0) <= 90, "places.latitude must lie between -90 and 90.")  # noqa: PLR2004
        need(abs(self.longitude or 0) <= 180, "places.longitude must lie between -180 and 180.")  # noqa: PLR2004
        need(0 < self.radius <= 100_000, "places.radius must lie between 0 and 100000 metres.")  # noqa: PLR2004

    @property
    def position(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


_ORDER = (Level.HOLD, Level.NOTE, Level.OFF)


def strictest(levels: Iterable[Level]) -> Level:
    """The strictest of some levels: hold before note before off."""
    return min(levels, key=_ORDER.index)


def loosest(levels: Iterable[Level]) -> Level:
    """The loosest of some levels: off before note before hold."""
    return max(levels, key=_ORDER.index)


def refuse_identifiers(name: str, text: str) -> None:
    """Refuse text that is to be drawn on a picture and would identify someone.

    Raises:
        PolicyProblem: it looks like an identity number, a phone number or an e-mail address.
    """
    kind = identifier_in(text)
    need(
        kind is None,
        f"{name} looks like {kind}, which must not be drawn on a picture.",
        "Leave it out, or name a public page instead.",
    )


def need(condition: bool, message: str, advice: str | None = None) -> None:
    """Insist on a condition.

    Raises:
        PolicyProblem: with the message, where it does not hold.
    """
    if not condition:
        raise PolicyProblem(message, advice)
