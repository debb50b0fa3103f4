"""What was answered for many photos at once, kept so that all of it can be undone at once."""

from __future__ import annotations

import dataclasses
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imu_imageprep.front.web.refusals import not_found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imu_imageprep.request import Request


@dataclass(frozen=True, slots=True)
class Change:
    """What was added to the wishes of one photo.

    Attributes:
        redact: ids of findings that are covered now.
        boxes: areas that are covered now.
        credit: the credit line that was set; None for none.
        before: the credit line before that.
    """

    redact: tuple[str, ...] = ()
    boxes: tuple[tuple[int, int, int, int], ...] = ()
    credit: str | None = None
    before: str | None = None

    def made(self, request: Request) -> Request:
        """The wishes with it."""
        return dataclasses.replace(
            request,
            redact=(*request.redact, *self.redact),
            boxes=(*request.boxes, *self.boxes),
            credit=request.credit if self.credit is None else self.credit,
        )

    def undone(self, request: Request) -> Request:
        """The wishes without it; what was chosen since stays."""
        ours = self.credit is not None and request.credit == self.credit
        return dataclasses.replace(
            request,
            redact=tuple(one for one in request.redact if one not in self.redact),
            boxes=tuple(one for one in request.boxes if one not in self.boxes),
            credit=self.before if ours else request.credit,
        )


@dataclass(frozen=True, slots=True)
class Selected:
    """One answer to many photos.

    Attributes:
        refs: what stands in the ledger.
        changes: by the photo's id.
        id: random; what the page calls it.
    """

    refs: tuple[str, ...]
    changes: Mapping[str, Change]
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))


class Chosen:
    """The latest of them; older ones are undone photo by photo."""

    _MOST = 100

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Selected] = OrderedDict()

    def keep(self, selected: Selected) -> None:
        """Keep one."""
        self._kept[selected.id] = selected
        while len(self._kept) > self._MOST:
            self._kept.popitem(last=False)

    def get(self, ident: str) -> Selected:
        """One by its id.

        Raises:
            Refusal: there is none, or it was undone.
        """
        if ident not in self._kept:
            raise not_found()
        return self._kept[ident]

    def forget(self, ident: str) -> None:
        """Forget one that was undone."""
        self._kept.pop(ident, None)
