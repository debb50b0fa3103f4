"""What the shell offers while a command is typed: references, findings, kinds of forms."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import typer  # noqa: TC002  (typer reads the types of these functions)

if TYPE_CHECKING:
    from collections.abc import Callable

# The words of the command before the one that is completed: an option that still lacks its value
# keeps the parser from telling any.
TYPED = "imu_imageprep.typed"

# Everything is imported when it is asked for: these functions are named at every start.
# ruff: noqa: PLC0415


def references(
    letters: str, *, gone: bool = False
) -> Callable[[typer.Context, str], list[tuple[str, str]]]:
    """Offers references from the ledger.

    Args:
        letters: what they may name, by the first letters of references.
        gone: also those that were withdrawn or erased.
    """

    def offer(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
        from imu_imageprep import api

        return api.references(incomplete, letters, gone=gone, ledger=_ledger(ctx))

    return offer


def findings(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Offers what the last run found in the photos that are typed already."""
    from imu_imageprep import api

    photos = [word for word in ctx.meta.get(TYPED, ()) if Path(word).is_file()]
    return api.findings(incomplete, photos, ledger=_ledger(ctx))


def covering(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Offers what can be covered: all faces or codes, or findings, also after a comma."""
    before, comma, last = incomplete.rpartition(",")
    offers = [("faces", "all of them"), ("codes", "all of them"), *findings(ctx, last)]
    return [(f"{before}{comma}{name}", about) for name, about in offers]


def kinds(incomplete: str) -> list[str]:
    """Offers the kinds of records that have a form."""
    from imu_imageprep.domain import forms

    return [kind for kind in forms.QUESTIONS if kind.startswith(incomplete)]


def _ledger(ctx: typer.Context) -> str | None:
    """The ledger that was named before."""
    typed = ctx.meta.get(TYPED, ())
    return next((after for word, after in itertools.pairwise(typed) if word == "--ledger"), None)
