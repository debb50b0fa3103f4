"""The forms that were made in this run; the ledger hears of them when they come back signed."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict

from imu_imageprep.front.web.refusals import not_found


@dataclasses.dataclass(frozen=True, slots=True)
class Printed:
    """A form that was made to be signed.

    Attributes:
        ref: the reference that its record will have.
        kind: of the record.
        photo: id of the photo in the list; empty for none.
        picture: what would leave, as it was when the form was made.
        media: the picture's type.
    """

    ref: str
    kind: str
    photo: str = ""
    picture: bytes = dataclasses.field(default=b"", repr=False)
    media: str = ""


class Printer:
    """The latest forms; older ones are forgotten."""

    _MOST = 50

    def __init__(self) -> None:
        self._forms: OrderedDict[str, Printed] = OrderedDict()

    def keep(self, form: Printed) -> None:
        """Keep one."""
        self._forms[form.ref] = form
        while len(self._forms) > self._MOST:
            self._forms.popitem(last=False)

    def get(self, ref: str) -> Printed:
        """One by its reference.

        Raises:
            Refusal: there is none.
        """
        if ref not in self._forms:
            raise not_found()
        return self._forms[ref]
