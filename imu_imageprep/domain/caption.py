"""The text that goes beside an export: what to write under the picture, and what not to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.identifiers import identifier_in, long_number_in
from imu_imageprep.domain.naming import names_nobody
from imu_imageprep.domain.policy import Profile

if TYPE_CHECKING:
    from imu_imageprep.domain.policy import Policy

REMINDER = (
    "[Not for the post] Alt text: say what the picture shows, name nobody, and give no hint who it "
    "is."
)
_MOST = 2000
# Record numbers of hospitals are runs of digits; a caption that counts can group its digits.
_LONG_NUMBER = 6
# Not printable to Python, and in the spelling of names and emoji: joiners and the no-break space.
_IN_WORDS = "\n\u200c\u200d\u00a0"


def caption(text: str, credit: str | None, policy: Policy) -> str:
    """The caption's lines: a person's own text, the credit, and what the profile asks for.

    Args:
        text: a person's own; may be empty.
        credit: the credit line that is drawn on the picture.
        policy: says whose page it is, and the disclaimer of personal ones.
    """
    if policy.profile is Profile.PERSONAL:
        said = policy.caption.disclaimer
    else:
        owner = policy.owner
        role = f", {owner.role}" if owner.role.strip() else ""
        said = f"Responsible for the content: {owner.responsible}{role}"
    parts = [text.strip(), (credit or "").strip(), said.strip(), REMINDER]
    return "\n\n".join(part for part in parts if part) + "\n"


def check_caption(text: str) -> None:
    """Refuse a caption that would identify someone.

    Raises:
        UsageProblem: it holds what looks like an identifier, or is no plain text.
    """
    kind = identifier_in(text)
    if kind is None and long_number_in(text, _LONG_NUMBER):
        kind = "a record number"
    if kind is not None:
        raise UsageProblem(
            f"The caption holds what looks like {kind}, which must not be posted.",
            "Take it out of --caption-text; write large numbers with commas, like 100,000.",
        )
    if len(text) > _MOST or not all(c.isprintable() or c in _IN_WORDS for c in text):
        raise UsageProblem(f"A caption is plain text of at most {_MOST} characters.")


def check_credit(text: str) -> None:
    """Refuse a credit line that would identify someone, or that credits nobody.

    A blank one is none.

    Raises:
        UsageProblem: it holds what looks like an identifier, or no name that a person can read.
    """
    if (kind := identifier_in(text)) is not None:
        raise UsageProblem(
            f"The credit line looks like {kind}, which must not be drawn on a picture.",
            "Write the name of whoever made the picture, and no number or address.",
        )
    if text.strip() and names_nobody(text):
        raise UsageProblem(
            "The credit line names nobody that a person can read.",
            'Write whose picture it is, like "Photo: Example Agency". Do not post a picture whose '
            "owner you do not know.",
        )
