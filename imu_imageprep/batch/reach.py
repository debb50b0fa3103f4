"""What was typed of a cluster: where its scheduler is, and what its machines have to reach."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.words import printable
from imu_imageprep.storage import is_url

if TYPE_CHECKING:
    from collections.abc import Iterable

LOCAL = "local"


def check_reach(places: Iterable[str], *, shared: bool) -> None:
    """Refuse a run on many machines that needs what lies on one of them.

    Args:
        places: photos, folders, and where exports go, as they were named.
        shared: whether other machines reach the ledger.

    Raises:
        UsageProblem: a place is no URL, or the ledger is a file of this computer.
    """
    for place in places:
        if not is_url(place):
            raise UsageProblem(
                f"Workers on other machines do not see {printable(place)}.",
                "Name it by a URL that all of them reach (s3://..., or file:///... for a folder "
                "that every machine has at the same place).",
            )
    if not shared:
        raise UsageProblem(
            "Workers on other machines do not reach the ledger, a file of this computer.",
            "Name a ledger on PostgreSQL: --ledger postgresql://HOST/DATABASE",
        )


def address(text: str) -> str:
    """Read where a scheduler is.

    Raises:
        UsageProblem: it is something else.
    """
    if text == LOCAL:
        return text
    try:
        parts = urlsplit(text)
        sound = parts.port is not None and parts.hostname
    except ValueError:
        sound = False
    if not sound or parts.scheme not in ("tcp", "tls") or "@" in text or parts.path.strip("/"):
        raise UsageProblem(
            "--scheduler is not the address of a scheduler.",  # it may hold a password
            "Write it like tcp://host:8786 or tls://host:8786, or local for one in this process.",
        )
    return text
