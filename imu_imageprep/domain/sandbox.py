"""Whether the decoders are shut in, and whether they must be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sandbox(StrEnum):
    """What becomes of a photo whose decoder cannot be shut in: it fails, or is decoded anyway."""

    REQUIRE = "require"
    TRY = "try"


@dataclass(frozen=True, slots=True)
class ShutIn:
    """What a decoder cannot reach any more.

    Attributes:
        files: it can open none but those of its own libraries, and write none.
        network: it can make no connection, start no program, and signal no other process.
    """

    files: bool = False
    network: bool = False

    @property
    def wholly(self) -> bool:
        """Whether nothing is left to it but its photo."""
        return self.files and self.network

    def __str__(self) -> str:
        yes = {True: "yes", False: "no"}
        return f"files {yes[self.files]}, network and programs {yes[self.network]}"


# What is noted of a photo where the system could shut its decoder in, and did not.
NOT_SHUT_IN = "its decoder could not be shut in; imageprep doctor says what is missing"
