"""Namespaces and properties of XMP that are known by name, and what they tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain.metadata import Category

if TYPE_CHECKING:
    from collections.abc import Mapping

_C = Category

# Namespace to usual prefix: ISO 16684-1/-2, Adobe's XMP part 2, IPTC, PLUS, MWG, Google.
NAMESPACES: Mapping[str, str] = {
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/XML/1998/namespace": "xml",
    "adobe:ns:meta/": "x",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/xap/1.0/g/img/": "xmpGImg",
    "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#": "stEvt",
    "http://ns.adobe.com/xap/1.0/sType/ResourceRef#": "stRef",
    "http://ns.adobe.com/xap/1.0/sType/Dimensions#": "stDim",
    "http://ns.adobe.com/xmp/sType/Area#": "stArea",
    "http://ns.adobe.com/xmp/note/": "xmpNote",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://ns.adobe.com/exif/1.0/aux/": "aux",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/camera-raw-settings/1.0/": "crs",
    "http://ns.adobe.com/lightroom/1.0/": "lr",
    "http://ns.adobe.com/pdf/1.3/": "pdf",
    "http://ns.adobe.com/hdr-gain-map/1.0/": "hdrgm",
    "http://ns.apple.com/HDRGainMap/1.0/": "HDRGainMap",
    "http://ns.apple.com/faceinfo/1.0/": "faceinfo",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "iptcCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "iptcExt",
    "http://ns.useplus.org/ldf/xmp/1.0/": "plus",
    "http://creativecommons.org/ns#": "cc",
    "http://web.resource.org/cc/": "cc",
    "http://www.metadataworkinggroup.com/schemas/regions/": "mwg-rs",
    "http://www.metadataworkinggroup.com/schemas/keywords/": "mwg-kw",
    "http://ns.microsoft.com/photo/1.0/": "MicrosoftPhoto",
    "http://ns.microsoft.com/photo/1.0": "MicrosoftPhoto",
    "http://ns.microsoft.com/photo/1.2/": "MP",
    "http://ns.microsoft.com/photo/1.2/t/RegionInfo#": "MPRI",
    "http://ns.microsoft.com/photo/1.2/t/Region#": "MPReg",
    "http://www.digikam.org/ns/1.0/": "digiKam",
    "http://ns.acdsee.com/iptc/1.0/": "acdsee",
    "http://ns.iview-multimedia.com/mediapro/1.0/": "mediapro",
    "http://ns.google.com/photos/1.0/camera/": "GCamera",
    "http://ns.google.com/photos/1.0/container/": "Container",
    "http://ns.google.com/photos/1.0/container/item/": "Item",
    "http://ns.google.com/photos/1.0/depthmap/": "GDepth",
    "http://ns.google.com/photos/1.0/image/": "GImage",
    "http://ns.google.com/photos/1.0/panorama/": "GPano",
    "http://rs.tdwg.org/dwc/index.htm": "dwc",
    "http://rs.tdwg.org/dwc/terms/": "dwc",
}

_CAPTIONS = {
    "dc": ("title", "description", "subject", "coverage"),
    "photoshop": (
        "Headline", "Instructions", "City", "State", "Country", "Category",
        "SupplementalCategories", "TransmissionReference",
    ),
    "tiff": ("ImageDescription",),
    "exif": ("ImageDescription",),
    "xmp": ("Label", "Nickname", "Description", "Title"),
}  # fmt: skip

NAMES: Mapping[tuple[str, str], Category] = {
    **{(prefix, local): _C.CAPTION for prefix, names in _CAPTIONS.items() for local in names},
    ("aux", "OwnerName"): _C.OWNER,
    ("exifEX", "CameraOwnerName"): _C.OWNER,
    ("photoshop", "AuthorsPosition"): _C.OWNER,
    ("photoshop", "CaptionWriter"): _C.OWNER,
    ("tiff", "Make"): _C.CAMERA,
    ("tiff", "Model"): _C.CAMERA,
    ("tiff", "Software"): _C.SOFTWARE,
    ("xmp", "CreatorTool"): _C.SOFTWARE,
    ("x", "xmptk"): _C.SOFTWARE,
    ("stEvt", "softwareAgent"): _C.SOFTWARE,
    ("pdf", "Producer"): _C.SOFTWARE,
    ("pdf", "Creator"): _C.SOFTWARE,
    ("xmp", "CreateDate"): _C.DATE,
    ("dc", "date"): _C.DATE,
    ("dcterms", "provenance"): _C.PROVENANCE,
    ("exif", "UserComment"): _C.COMMENT,
    ("xmpGImg", "image"): _C.THUMBNAIL,
}

# What everything else of a namespace tells.
PREFIXES: Mapping[str, Category] = {
    "exif": _C.CAMERA, "exifEX": _C.CAMERA, "aux": _C.CAMERA, "mwg-rs": _C.FACES,
    "MP": _C.FACES, "MPRI": _C.FACES, "MPReg": _C.FACES, "faceinfo": _C.FACES,
    "stArea": _C.FACES, "hdrgm": _C.SECOND_PICTURE, "HDRGainMap": _C.SECOND_PICTURE,
    "GDepth": _C.SECOND_PICTURE, "GImage": _C.SECOND_PICTURE, "plus": _C.CREDIT, "cc": _C.CREDIT,
    "iptcCore": _C.CAPTION, "iptcExt": _C.CAPTION, "lr": _C.CAPTION, "digiKam": _C.CAPTION,
    "acdsee": _C.CAPTION, "mediapro": _C.CAPTION, "mwg-kw": _C.CAPTION, "dwc": _C.CAPTION,
    "crs": _C.SOFTWARE, "camera-raw-defaults": _C.SOFTWARE, "crd": _C.SOFTWARE, "icc": _C.PROFILE,
}  # fmt: skip

# Properties that describe the pixels and nobody.
STRUCTURE = frozenset(
    (prefix, local)
    for prefix, names in {
        "tiff": (
            "Orientation", "ImageWidth", "ImageLength", "BitsPerSample", "Compression",
            "PhotometricInterpretation", "SamplesPerPixel", "PlanarConfiguration", "XResolution",
            "YResolution", "ResolutionUnit", "YCbCrPositioning", "YCbCrSubSampling", "NativeDigest",
        ),
        "exif": (
            "PixelXDimension", "PixelYDimension", "ColorSpace", "ExifVersion", "FlashpixVersion",
            "GPSVersionID",
            "ComponentsConfiguration", "CompressedBitsPerPixel", "NativeDigest",
        ),
        "dc": ("format",),
        "photoshop": ("ColorMode", "ICCProfile"),
        "xmpRights": ("Marked",),
    }.items()
    for local in names
)  # fmt: skip
