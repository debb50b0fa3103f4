"""Small pieces of the pages."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from imu_imageprep import assets
from imu_imageprep.batch.plan import printable


def text(plain: str) -> str:
    """Plain text as HTML; control characters are escaped."""
    return escape(printable(plain))


def capital(plain: str) -> str:
    """A sentence with its first letter in upper case."""
    return plain[:1].upper() + plain[1:]


def digest(part: str) -> str:
    """A source for the page's Content-Security-Policy (CSP level 3, section 2.3.1)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}"


def asset(name: str) -> str:
    """A file of the report's assets."""
    return (assets.root() / "report" / name).read_text("utf-8")
