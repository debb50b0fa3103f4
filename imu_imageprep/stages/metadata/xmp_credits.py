"""XMP properties that say who made a picture, who holds its rights, or that somebody does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import RIGHTS_RESERVED, Category, CreditField
from imu_imageprep.stages.metadata.free_text.words import AGENCY_NAMESPACE
from imu_imageprep.stages.metadata.statement import Entry, instruction

if TYPE_CHECKING:
    from collections.abc import Mapping

_C = Category
_F = CreditField

# What stands for the namespace of an agency or a stock site, whatever they call it.
AGENCY = "agency"

# Who made the picture and who holds its rights, with the category each is reported under.
_CREDITS: Mapping[tuple[str, str], tuple[Category, CreditField]] = {
    ("dc", "creator"): (_C.OWNER, _F.CREATOR),
    ("dcterms", "creator"): (_C.OWNER, _F.CREATOR),
    ("tiff", "Artist"): (_C.OWNER, _F.CREATOR),
    ("exif", "Artist"): (_C.OWNER, _F.CREATOR),
    ("exifEX", "Photographer"): (_C.OWNER, _F.CREATOR),
    ("exifEX", "ImageEditor"): (_C.OWNER, _F.CREATOR),
    ("pdf", "Author"): (_C.OWNER, _F.CREATOR),
    ("acdsee", "author"): (_C.OWNER, _F.CREATOR),
    ("plus", "ImageCreatorName"): (_C.OWNER, _F.CREATOR),
    ("iptcExt", "AOCreator"): (_C.OWNER, _F.CREATOR),
    ("iptcExt", "Name"): (_C.OWNER, _F.CREATOR),  # of a contributor
    ("dc", "rights"): (_C.CREDIT, _F.COPYRIGHT),
    ("dcterms", "rights"): (_C.CREDIT, _F.COPYRIGHT),
    ("dcterms", "rightsHolder"): (_C.CREDIT, _F.COPYRIGHT),
    ("tiff", "Copyright"): (_C.CREDIT, _F.COPYRIGHT),
    ("exif", "Copyright"): (_C.CREDIT, _F.COPYRIGHT),
    ("xmpRights", "Owner"): (_C.OWNER, _F.COPYRIGHT),
    ("xmpRights", "WebStatement"): (_C.CREDIT, _F.COPYRIGHT),
    ("plus", "CopyrightOwnerName"): (_C.CREDIT, _F.COPYRIGHT),
    ("iptcExt", "AOCopyrightNotice"): (_C.CREDIT, _F.COPYRIGHT),
    ("iptcExt", "AOCurrentCopyrightOwnerName"): (_C.CREDIT, _F.COPYRIGHT),
    ("photoshop", "Credit"): (_C.CREDIT, _F.CREDIT),
    ("cc", "attributionName"): (_C.CREDIT, _F.CREDIT),
    ("photoshop", "Source"): (_C.CREDIT, _F.SOURCE),
    ("plus", "ImageSupplierName"): (_C.CREDIT, _F.SOURCE),
    ("iptcExt", "AOSource"): (_C.CREDIT, _F.SOURCE),
    ("plus", "LicensorName"): (_C.CREDIT, _F.LICENSOR),
    ("iptcExt", "AOCurrentLicensorName"): (_C.CREDIT, _F.LICENSOR),
    ("dcterms", "accessRights"): (_C.CREDIT, _F.RIGHTS),
}
# Namespaces about rights alone: what is not named above says that somebody has some.
_OF_RIGHTS = frozenset(("xmpRights", "cc", "plus", "pur", AGENCY))
# Properties of PLUS about what is shown, about the list itself, and dates.
_NOT_RIGHTS = re.compile(
    r"Version$|Date$|Release(?:Status|ID)$|^MinorModel|^AdultContent|^FileName"
)
_REGISTRY = re.compile(r"^Reg(?:istryId|ItemId|OrgId)$|^AO(?:Creator|Source|Current)\w+")
_CONTACT = re.compile(r"^Ci[A-Z]|^Creator(?:ContactInfo|Work|Address|City|Country|Postal|Region)")
# Names that tell by themselves, in whatever namespace; the first that fits.
_BY_NAME = (
    (re.compile(r"photographer|^by-?line$|^(?:artist|author|contributor|(?:image|photo)?_?creator)"
                "(?:_?name)?$", re.IGNORECASE), _C.OWNER, _F.CREATOR),
    (re.compile("copyright|rights_?(?:holder|owner|agent)|^rights$|^(?:image|photo)_?owner",
                re.IGNORECASE), _C.CREDIT, _F.COPYRIGHT),
    (re.compile("^(?:image|photo|picture)?_?credits?$|credit_?(?:line|text)$|^attribution|^courtesy",
                re.IGNORECASE), _C.CREDIT, _F.CREDIT),
    (re.compile("^(?:publisher|provider|supplier|agency|distributor)(?:_?name)?$", re.IGNORECASE),
     _C.CREDIT, _F.SOURCE),
    (re.compile("licen[sc]|usage_?(?:rights|terms)", re.IGNORECASE), _C.CREDIT, _F.RIGHTS),
)  # fmt: skip
# Presets of a raw developer and colour profiles name their own makers, never the picture's.
_SETTINGS = ("crs", "crd", "camera-raw", "stCamera", "icc")
# "Creator" of a PDF is the program that made it.
_PROGRAM = frozenset((("pdf", "Creator"), ("pdfx", "Creator"), ("xmp", "Creator")))
# "False", and PLUS's own words for "nothing stated", "none" and "allowed".
_NO = re.compile(
    r"(?:false|0|no|none|n/a)|\S{1,200}[/-](?:NON|UNK|NRQ|UNSPECIFIED|ALLOWED)", re.IGNORECASE
)
_YES = re.compile("true|1|yes", re.IGNORECASE)
# A source that is a file or a number on the maker's own disk.
_FILE = re.compile(r"(?:\S+:)?[0-9a-f-]{32,40}|[^/]{1,200}\.\w{3,4}", re.IGNORECASE)
# Prefixes as files write them, where the namespace itself is not read.
_USUAL = {
    "Iptc4xmpCore": "iptcCore", "Iptc4xmpExt": "iptcExt", "xapRights": "xmpRights",
    "prismusagerights": "pur",
}  # fmt: skip
_IS_AGENCY = re.compile(AGENCY_NAMESPACE, re.IGNORECASE)


def is_agency(namespace: str) -> bool:
    """Whether the address or prefix of a namespace names an agency or a stock site."""
    return namespace == AGENCY or bool(_IS_AGENCY.search(namespace[:200]))


def credit_of(prefix: str, local: str, text: str) -> Entry | None:
    """What a property says of whose the picture is; None where it says nothing of it.

    Args:
        prefix: the namespace's usual prefix.
        local: the property's name.
        text: its value, not blank.
    """
    prefix = AGENCY if is_agency(prefix) else _USUAL.get(prefix, prefix)
    stated = text.strip()
    if _NO.fullmatch(stated) and (prefix, local) not in _CREDITS:
        return None
    found = _field(prefix, local, stated)
    if found is None:
        return None
    category, field = found
    if _YES.fullmatch(stated):
        return Entry(category, f"{prefix}:{local}", RIGHTS_RESERVED, _F.RIGHTS)
    return Entry(category, f"{prefix}:{local}", text, field)


def _field(prefix: str, local: str, text: str) -> tuple[Category, CreditField] | None:
    found: tuple[Category, CreditField] | None = None
    match prefix, local:
        case key if key in _CREDITS:
            found = _CREDITS[key]
        case key if key in _PROGRAM:
            found = None
        case "photoshop", "Instructions":
            found = _C.CAPTION, instruction(text)
        case "dc", "source":
            found = None if _FILE.fullmatch(text) else (_C.CREDIT, _F.SOURCE)
        case "iptcCore", _ if _CONTACT.search(local):
            found = _C.OWNER, _F.CONTACT
        case "iptcExt", _ if _REGISTRY.search(local):
            found = _C.CREDIT, _F.RIGHTS
        case _ if prefix in _OF_RIGHTS:
            found = None if _NOT_RIGHTS.search(local) else (_C.CREDIT, _F.RIGHTS)
        case _ if not prefix.startswith(_SETTINGS):
            told = ((category, field) for name, category, field in _BY_NAME if name.search(local))
            found = next(told, None)
    return found
